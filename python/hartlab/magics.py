"""Cell magics for notebooks: ``%load_ext hartlab``, then C in a cell, kernel functions in a cell, and steps.

They work on the current kernel: the variable ``kernel`` of the notebook, or the one that
``%riscv --kernel NAME`` has named, or, for this once, the option ``--kernel``.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from .c_code import CCode
from .diff import Diff, diff
from .errors import CompileError, KernelPanic
from .explorer.code import Code
from .explorer.moment import Moment
from .kernel import Kernel
from .process import Process
from .registers import X_NAMES
from .run_result import RunResult
from .showing import listing
from .toolchain import cc

_KERNEL = argument("-k", "--kernel", help="the variable with the kernel, for this once")
_OPTIMIZE = argument("-O", "--optimize", default="1", help="0 to 3, s or g: how much the compiler optimizes")
_BUDGET = argument("-n", "--max-instructions", type=int, default=100_000_000, help="the budget of the run")
_FEW = 8  # changed registers: so many are shown with their values
_UNTIL = ("trap", "syscall", "exit", "switch")


class CellResult:
    """What a cell did to the kernel: what it printed, how it ended, what is different now.

    Attributes
    ----------
    kernel : Kernel
        The kernel that it was done to.
    process : Process or None
        The one that was made for the cell, or that is on the hart.
    result : RunResult or None
        Why the run ended; None after `%back`.
    output : str
        What was printed.
    diff : Diff
        What is different.
    """

    def __init__(
        self,
        kernel: Kernel,
        process: Process | None,
        result: RunResult | None,
        output: str,
        changes: Diff,
        stepped: bool,
    ) -> None:
        self.kernel = kernel
        self.process = process
        self.result = result
        self.output = output
        self.diff = changes
        self._where = _where(kernel, process)
        self._stepped = stepped  # as far as was asked for, which needs no words

    def _lines(self) -> list[str]:
        ending = [] if self._stepped else [repr(self.result).strip("<>").removeprefix("RunResult ")]
        changed = [
            f"{row['name']}: {row['before']:#x} becomes {row['after']:#x}"
            for row in self.diff.registers
            if row["name"] in ("pc", *X_NAMES)
        ]
        return [*self._where, *ending, *(changed if len(changed) <= _FEW else ())]

    def __repr__(self) -> str:
        printed = [self.output.rstrip("\n")] if self.output else []
        return "\n".join([*printed, *self._lines(), repr(self.diff)])

    def _repr_html_(self) -> str:
        printed = listing(self.output) if self.output else ""
        first, *others = [*self._lines(), ""]
        lines = "<br>".join([f"<b>{escape(first)}</b>", *(escape(line) for line in others if line)])
        return f"{printed}<div>{lines}</div>{self.diff._repr_html_()}"


@magics_class
class HartlabMagics(Magics):
    """``%%riscv``, ``%%kernel_c``, ``%riscv``, ``%step`` and ``%back``."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._variables: dict[str, Any] = shell.user_ns
        self._name = "kernel"

    @magic_arguments()
    @_KERNEL
    @line_magic("riscv")  # type: ignore[arg-type]
    def choose(self, line: str) -> Kernel:
        """Say which kernel is the current one: ``%riscv --kernel NAME``; without an option, give it."""
        given = parse_argstring(self.choose, line)
        kernel = self._kernel(given.kernel)
        self._name = given.kernel or self._name
        return kernel

    @magic_arguments()
    @_KERNEL
    @_OPTIMIZE
    @_BUDGET
    @argument("--name", default="cell", help="what the program is called")
    @argument("--load", action="store_true", help="load it, and do not run it")
    @argument("-o", "--output", help="a variable for the result")
    @argument("args", nargs="*", help="argv behind the program's name")
    @cell_magic
    def riscv(self, line: str, cell: str) -> CellResult | None:
        """Compile the cell's C, load it into the current kernel as a new process, and run the kernel."""
        given = parse_argstring(self.riscv, line)
        kernel = self._kernel(given.kernel)
        with _short_errors():
            program = cc(_numbered(cell), name=given.name, optimize=f"-O{given.optimize}")
            if [row["name"] for row in kernel.processes()] == ["initcode"]:
                kernel.run()  # so that what changes is the cell's doing
            before = _before(kernel)
            process = kernel.spawn(program, [given.name, *map(_unquoted, given.args)])
            run = None if given.load else kernel.run(given.max_instructions)
            return self._show(given.output, kernel, process, run, before, stepped=given.load)

    @magic_arguments()
    @_KERNEL
    @_OPTIMIZE
    @argument("--name", default="cell", help="what the source is called in messages")
    @cell_magic
    def kernel_c(self, line: str, cell: str) -> CCode:
        """Put the kernel functions that the cell defines, in C, in the place of the current kernel's."""
        given = parse_argstring(self.kernel_c, line)
        kernel = self._kernel(given.kernel)
        with _short_errors():
            return kernel.replace_c(_numbered(cell), name=given.name, optimize=f"-O{given.optimize}")

    @magic_arguments()
    @_KERNEL
    @_BUDGET
    @argument("--until", choices=_UNTIL, help="run to the next trap, system call, exit or switch")
    @argument("--to", help="run to a function: its name, or an address")
    @argument("-o", "--output", help="a variable for the result")
    @argument("n", nargs="?", type=int, help="instructions; 1 by default")
    @line_magic
    def step(self, line: str) -> CellResult | None:
        """Go on by an instruction, or by ``%step 20``, ``%step --until syscall``, ``%step --to main``."""
        given = parse_argstring(self.step, line)
        if sum(each is not None for each in (given.n, given.until, given.to)) > 1:
            raise UsageError("%step takes one of a number, --until and --to")
        kernel = self._kernel(given.kernel)
        with _short_errors():
            before = _before(kernel)
            if given.to:
                place = int(given.to, 0) if given.to[0].isdigit() else given.to
                run = kernel.run_to(place, given.max_instructions)
            elif given.until:
                run = kernel.run(given.max_instructions, until=given.until)
            else:
                run = kernel.step(1 if given.n is None else given.n)
            as_asked = not (given.to or given.until) and run.reason == "budget"
            return self._show(given.output, kernel, kernel.current, run, before, stepped=as_asked)

    @magic_arguments()
    @_KERNEL
    @argument("-o", "--output", help="a variable for the result")
    @argument("n", nargs="?", type=int, default=1, help="instructions; 1 by default")
    @line_magic
    def back(self, line: str) -> CellResult | None:
        """Go back by an instruction, or by ``%back 20``."""
        given = parse_argstring(self.back, line)
        kernel = self._kernel(given.kernel)
        with _short_errors():
            before = _before(kernel)
            kernel.back(given.n)
            return self._show(given.output, kernel, kernel.current, None, before, stepped=True)

    def _kernel(self, name: str | None) -> Kernel:
        """The kernel of that variable, or the current one."""
        name = name or self._name
        variables = self._variables
        found = variables.get(name)
        if isinstance(found, Kernel) and not found.closed:
            return found
        others = [each for each, value in variables.items() if isinstance(value, Kernel) and each[0] != "_"]
        what = "holds no kernel" if name in variables else "does not exist"
        if isinstance(found, Kernel):
            what = "holds a kernel that has been closed"
        hint = f"%riscv --kernel {others[0]} makes that one the current kernel" if others else ""
        raise UsageError(f"the variable {name!r} {what}; {hint or 'make one: kernel = hartlab.Kernel()'}")

    def _show(
        self,
        variable: str | None,
        kernel: Kernel,
        process: Process | None,
        run: RunResult | None,
        before: Any,
        *,
        stepped: bool = False,
    ) -> CellResult | None:
        found = CellResult(kernel, process, run, kernel.console.read(), diff(before, kernel), stepped)
        if variable is None:
            return found
        self._variables[variable] = found
        return None


def register(shell: Any) -> None:
    """Add the magics to an interactive shell."""
    shell.register_magics(HartlabMagics)


@contextmanager
def _short_errors() -> Iterator[None]:
    """What a student's C or arguments got wrong is shown by its message, without a traceback of hartlab."""
    try:
        yield
    except (CompileError, KernelPanic, LookupError, RuntimeError, ValueError) as error:
        lines = [f"{type(error).__name__}: {error.args[0]}", *getattr(error, "__notes__", [])]
        shown: Any = error
        shown._render_traceback_ = lambda *_: "\n".join(lines).splitlines()  # IPython asks for it
        raise


def _numbered(cell: str) -> str:
    """The cell's source, its lines numbered as the notebook does: the magic's own is the first."""
    return f"// a cell\n{cell}"


def _unquoted(word: str) -> str:
    return " ".join(shlex.split(word))


def _before(kernel: Kernel) -> Any:
    kernel.console.read()
    return kernel.snapshot()


def _where(kernel: Kernel, process: Process | None) -> list[str]:
    """The process, and the instruction that it executes next or how it ended."""
    if process is None:
        return []
    lines = [repr(process).strip("<>")]
    if process.killed_by:
        lines.append(f"killed: {process.killed_by}")
    if process.alive and len(code := process.disassemble(1)):
        here = Code(kernel._programs, Moment(kernel.snapshot()), process.pid, process.pc)
        source = here.source(process.pc, process.registers["ra"]) or {"lines": []}
        text = [
            f"  // {source['file']}:{each['number']}: {each['text'].strip()}"
            for each in source["lines"]
            if each["here"]
        ]
        lines.append(f"next: {code['text'][0]}" + "".join(text))
    return lines
