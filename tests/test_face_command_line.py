"""The `hartlab` command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hartlab as hl
from compilers import needs_compiler

ECHO = """
#include "user.h"
int main(int argc, char **argv) {
    char line[64];
    for (int i = 1; i < argc; i++) printf("%s ", argv[i]);
    while (gets(line, sizeof line)[0]) printf("got %s", line);
    return argc;
}
"""


def hartlab(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    program = "import sys; from hartlab.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def echo(tmp_path: Path) -> Path:
    path = tmp_path / "echo.c"
    path.write_text(ECHO)
    return path


@needs_compiler
def test_run_compiles_passes_arguments_stdin_and_status(echo: Path) -> None:
    done = hartlab("run", echo, "one", "--two", stdin="first\nsecond\n")
    assert done.stderr == ""
    assert done.stdout == "one --two got first\ngot second\n"
    assert done.returncode == 3


@needs_compiler
def test_cc_writes_an_elf_file_that_run_takes(echo: Path, tmp_path: Path) -> None:
    output = tmp_path / "echo.elf"
    assert hartlab("cc", echo, "-o", output).returncode == 0
    nowhere = hartlab("cc", echo, "-o", tmp_path / "none" / "echo")
    assert (nowhere.returncode, "none/echo" in nowhere.stderr) == (1, True)
    assert "Traceback" not in nowhere.stderr
    assert output.read_bytes().startswith(b"\x7fELF")
    done = hartlab("run", "--trace", "--stats", "--policy", "fork=cow", output, "x")
    assert (done.returncode, done.stdout) == (2, "x ")
    assert "write(1, " in done.stderr
    assert "exit(2)" in done.stderr
    assert "instructions in" in done.stderr
    assert "TLB:" in done.stderr


@needs_compiler
def test_a_compile_error_is_the_compilers_own(tmp_path: Path) -> None:
    path = tmp_path / "bad.c"
    path.write_text("int main(void) { return nonesuch; }\n")
    done = hartlab("cc", path)
    assert done.returncode == 1
    assert "bad.c:1:" in done.stderr
    assert "nonesuch" in done.stderr
    assert hartlab("run", path).returncode == 127


@needs_compiler
def test_a_killed_program_says_why(tmp_path: Path) -> None:
    path = tmp_path / "wild.c"
    path.write_text("int main(void) { *(volatile int *)0x3000000 = 1; return 0; }\n")
    done = hartlab("run", path)
    assert done.returncode == 139
    assert "store page fault at address 0x3000000" in done.stderr
    assert "usertrap" in done.stdout


@needs_compiler
def test_the_tour_tells_its_story() -> None:
    done = hartlab("tour")
    assert done.returncode == 0, done.stderr
    for words in ("page table", "sbrk", "store page fault", "fork", "exited with 7", "nothing wrong"):
        assert words in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "/nonesuch.elf"], "nonesuch"),
        (["run", "--policy", "fork", "/dev/null"], "NAME=CHOICE"),
        (["run", "--policy", "spoon=cow", "/dev/null"], "no policy"),
        (["run", "--memory", "1KiB", "/dev/null"], "memory"),
        (["run", "/dev/null"], "not an ELF file"),
        (["cc", "/nonesuch.c"], "nonesuch"),
    ],
)
def test_what_cannot_be_is_said_on_stderr(arguments: list[str], words: str) -> None:
    done = hartlab(*arguments)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_elf_file_without_a_compiler(tmp_path: Path) -> None:
    """A program made by hand: exit(42)."""
    import struct

    code = hl.asm("li a0, 42; li a7, 2; ecall")
    head = struct.pack(
        "<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 243, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    segment = struct.pack("<IIQQQQQQ", 1, 5, 120, 0, 0, len(code), len(code), 4096)
    path = tmp_path / "answer"
    path.write_bytes(head + segment + code)
    assert hartlab("run", path).returncode == 42


def test_info_names_versions_and_policies() -> None:
    done = hartlab("info")
    assert done.returncode == 0
    assert hl.__version__ in done.stdout
    assert "fork" in done.stdout
