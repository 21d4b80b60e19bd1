"""The cell magics, in an interactive shell as a notebook has it."""

from __future__ import annotations

from typing import Any

import pytest

import hartlab as hl

interactiveshell = pytest.importorskip("IPython.core.interactiveshell", reason="IPython is not installed")

COUNTS = """%%riscv {options}
int counter;
int main(void) {{
    for (;;) counter++;
}}
"""


class Notebook:
    """A shell with the extension: cells go in, results come out."""

    def __init__(self) -> None:
        self.shell: Any = interactiveshell.InteractiveShell()
        self.shell.run_line_magic("load_ext", "hartlab")
        self.shell.push({"hl": hl})

    def __call__(self, cell: str) -> Any:
        done = self.shell.run_cell(cell, store_history=False)
        if done.error_before_exec or done.error_in_exec:
            raise done.error_before_exec or done.error_in_exec
        return done.result

    def said(self, cell: str, capsys: pytest.CaptureFixture[str]) -> str:
        """What a reader sees of a cell that fails."""
        capsys.readouterr()
        done = self.shell.run_cell(cell, store_history=False)
        assert done.error_before_exec or done.error_in_exec
        written = capsys.readouterr()
        return written.out + written.err


@pytest.fixture
def notebook() -> Notebook:
    made = Notebook()
    made("kernel = hl.Kernel(memory='8MiB')")
    return made


def test_a_cell_of_c_is_compiled_and_run(notebook: Notebook) -> None:
    found = notebook(
        '%%riscv one "and two"\n#include "user.h"\n'
        'int main(int argc, char **argv) { printf("%d %s\\n", argc, argv[2]); return 7; }'
    )
    assert found.output == "3 and two\n"
    assert (found.result.reason, found.process.exit_status) == ("finished", 7)
    assert not len(found.diff.ptes)  # it has come and gone, and init had been started before
    assert repr(found).startswith("3 and two\nProcess 2: exited with status 7\nfinished: ")
    assert ">3 and two\n</pre>" in found._repr_html_()


def test_what_a_cell_leaves_behind_is_in_the_difference(notebook: Notebook) -> None:
    found = notebook(COUNTS.format(options="--name adder -n 5000"))
    assert (found.result.reason, found.process.name) == ("budget", "adder")
    assert set(found.diff.ptes["pid"].tolist()) == {found.process.pid}
    assert "process 2 (adder) was made" in repr(found)
    assert "<table>" in found._repr_html_()


def test_a_killed_program_says_where(notebook: Notebook) -> None:
    found = notebook("%%riscv -O 0\nint main(void) {\n    *(int *)0x900000 = 1;\n}")
    assert found.process.exit_status == -1
    assert "killed: store page fault at address 0x900000, pc" in repr(found)


def test_compile_errors_have_the_cells_lines(notebook: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    said = notebook.said("%%riscv\nint main(void) {\n    return x;\n}", capsys)
    assert "CompileError: cell.c:3:12: error: use of undeclared identifier 'x'" in said
    assert "Traceback" not in said
    said = notebook.said("%%kernel_c --name mine\nint flags2perm(int f) {\n    return y;\n}", capsys)
    assert "CompileError: mine.c:3:12: error: use of undeclared identifier 'y'" in said


def test_kernel_functions_are_replaced_and_their_mistakes_have_the_cells_lines(
    notebook: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    code = notebook("%%kernel_c\nint flags2perm(int flags) {\n    return flags & 2 ? PTE_W : 0;\n}")
    assert code.functions == ("flags2perm",)
    assert notebook("kernel.call('flags2perm', 3)") == hl.PTE_W
    notebook("%%kernel_c\nvoid *kalloc(void) {\n    return *(void **)8;\n}")
    said = notebook.said("%%riscv\nint main(void) { return 0; }", capsys)
    assert "SeamError: kalloc, which is replaced: null pointer" in said
    assert "cell.c:3: return *(void **)8;" in said
    assert "Traceback" not in said


def test_steps_go_forward_and_back(notebook: Notebook) -> None:
    assert notebook(COUNTS.format(options="--load -O 0 -o loaded")) is None
    process = notebook("loaded.process")
    assert notebook("loaded.result") is None
    at_main = notebook("%step --to main")
    assert (at_main.result.reason, at_main.process) == ("breakpoint", process)
    assert "cell.c:3: int main(void) {" in repr(at_main)
    pc = process.pc
    step = notebook("%step 3")
    assert (step.result.instructions, process.pc > pc) == (3, True)
    assert f"pc: {pc:#x} becomes {process.pc:#x}" in repr(step)
    back = notebook("%back 3")
    assert (back.result, process.pc) == (None, pc)
    assert notebook("%step").result.instructions == 1
    notebook("%back")
    assert process.pc == pc
    assert notebook("%step --until trap").result.reason == "trap"
    counter = notebook("kernel.breakpoints.address('counter')")
    assert process.load_int(counter, 4) > 0
    assert notebook(f"%step --to {pc + 8:#x} -n 10").result.reason == "budget"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%step 1 --to main", "%step takes one of a number, --until and --to"),
        ("%step --nonsense", "unrecognized arguments: --nonsense"),
        ("%step --to nowhere", "no program that this kernel knows has a symbol 'nowhere'"),
        ("%step 0", "n=0 is out of range"),
        ("%back 1000000", "n=1000000 is further than the history goes"),
        (
            "%%riscv --kernel none\nint main;",
            "the variable 'none' does not exist; %riscv --kernel kernel makes",
        ),
        ("%riscv --kernel hl", "the variable 'hl' holds no kernel"),
        ("%step -k closed", "the variable 'closed' holds a kernel that has been closed"),
    ],
)
def test_what_is_asked_wrongly_is_explained(
    notebook: Notebook, cell: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook("closed = hl.Kernel(memory='1MiB'); closed.close()")
    assert message in notebook.said(cell, capsys)


def test_without_a_kernel_one_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    said = Notebook().said("%step", capsys)
    assert "the variable 'kernel' does not exist; make one: kernel = hartlab.Kernel()" in said


def test_another_kernel_can_be_the_current_one(notebook: Notebook) -> None:
    notebook("second = hl.Kernel(memory='8MiB')")
    assert notebook("%riscv") is notebook("kernel")
    notebook("%step 2 --kernel second")  # for this once
    assert notebook("kernel.instructions, second.instructions") == (0, 2)
    assert notebook("%riscv --kernel second") is notebook("second")
    notebook("%step 3")
    assert notebook("kernel.instructions, second.instructions") == (0, 5)
