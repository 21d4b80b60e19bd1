"""reference.py [--check]: writes the pages of docs/reference from the engine's own tables and its sources.

Signatures, columns and instructions come from the engine; contracts are the comments above the
functions, so that a page can be wrong only where the source is. With --check nothing is written and a
page that would change is an error.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import hartlab as hl
import kernel_layout
from hartlab import _engine, system_calls

ROOT = Path(__file__).resolve().parent.parent
KERNEL = ROOT / "src" / "kernel"
PAGES = ROOT / "docs" / "reference"
NOTE = "<!-- Made by tools/reference.py; edit what it is made from. -->\n\n"

FUNCTIONS = """\
The functions of the kernel model under xv6's names. `kernel.call(name, ...)` calls one with numbers,
`kernel.replace(name, function)` puts a Python function in its place, and `hl.functions()` is this list as a
table. A pointer is an address of kernel data or of a frame, which for the kernel is the physical one, and 0
is null. A panic is `hartlab.KernelPanic`. "Departs" says where the model does something else than xv6, on
purpose; a "policy" is a row of [policies](../policies.md).
"""

SYSTEM_CALLS = """\
A program puts the number into `a7` and the arguments into `a0` to `a5`, and executes `ecall`; the result
comes back in `a0`. Failure is -1 unless the last column says otherwise. An unknown number prints a line
on the console and gives -1. `process.syscall(name, ...)` makes any of them from Python.

{table}
`sbrk(n)` and `sbrklazy(n)` of `user.h` are `sys_sbrk` with `SBRK_EAGER` (1) and `SBRK_LAZY` (2), and
`pause` is another name of `sleep`.
"""

TABLES = """\
What the Python methods that return a `Table` give: a structured NumPy array, a copy. `table["va"]` is a
column whether or not the table shows it when it is printed.
"""

INSTRUCTIONS = """\
The engine's one list, from which decoder, executor, assembler and disassembler are made. An encoding is
this instruction when `encoding & mask == match`. `hl.asm` and `hl.disasm` spell them;
`hl.instructions()` is this list as a table.
"""


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


# -- the kernel's functions ------------------------------------------------------------------------------


def contracts() -> dict[str, str]:
    """The comment above each function of the seam table, by name."""
    function = re.compile(r"((?:^///[^\n]*\n)*)(?:^//[^\n]*\n)*^[\w:]+ (\w+)\(Kernel& kernel", re.MULTILINE)
    found: dict[str, str] = {}
    for path in sorted(KERNEL.glob("*.cpp")):
        text = path.read_text(encoding="utf-8")
        native = text.find("namespace native {"), text.find("namespace hartlab::native {")
        if max(native) < 0:
            continue
        for comment, name in function.findall(text[min(at for at in native if at >= 0) :]):
            found.setdefault(name, re.sub(r"^/// ?", "", comment, flags=re.MULTILINE).strip())
    return found


def sections() -> Iterator[tuple[str, list[str]]]:
    """The sections of the list of functions, with the names in each."""
    text = (KERNEL / "functions.hpp").read_text(encoding="utf-8")
    title, names = "", []
    for heading, name in re.findall(r"/\* (.*?) \*/|^ +X\([\w:]+, (\w+),", text, re.MULTILINE):
        if name:
            names.append(name)
            continue
        if names:
            yield title, names
        title, names = heading, []
    yield title, names


def kernel_functions() -> str:
    """Every function that a lab may replace and kernel.call() can call."""
    facts = {row[0]: row for row in _engine.Kernel.function_facts()}
    text = contracts()
    parts = ["# The kernel's functions\n\n", NOTE, FUNCTIONS]
    for title, names in sections():
        parts.append(f"\n## {title}\n")
        for name in names:
            _, declaration, contract, failure, file = facts[name]
            parts.append(f"\n### {name}\n\n```c\n{declaration}\n```\n\n{contract}\n\nFails: {failure}.\n")
            parts.append(f"\n{text[name]}\n" if text.get(name) else "")
            parts.append(f"\nIn `src/kernel/{file}`.\n")
    return "".join(parts)


# -- system calls ----------------------------------------------------------------------------------------


def declarations() -> dict[str, tuple[str, str]]:
    """What user.h declares: the C declaration and its comment, by name."""
    header = (ROOT / "python" / "hartlab" / "ulib" / "user.h").read_text(encoding="utf-8")
    line = re.compile(r"^([\w *]+?\*?(\w+)\([^;]*\)[^;]*;)(?: +// (.*))?$", re.MULTILINE)
    return {name: (declaration, comment) for declaration, name, comment in line.findall(header)}


def system_calls_page() -> str:
    """Numbers, and how user.h spells them."""
    declared = declarations()
    rows = []
    for name, number in system_calls.NUMBERS.items():
        declaration, comment = declared["sys_sbrk" if name == "sbrk" else name]
        declaration = re.sub(r" __attribute__\(\(\w+\)\)", "", declaration)
        rows.append([str(number), name, f"`{declaration}`", comment])
    listed = table(["number", "name", "in `user.h`", ""], rows)
    return "# System calls\n\n" + NOTE + SYSTEM_CALLS.format(table=listed)


# -- tables ----------------------------------------------------------------------------------------------


def tables() -> str:
    """The columns of every table."""
    parts = ["# Tables and their columns\n\n", NOTE, TABLES]
    for name, dtype, fields in _engine.row_types():
        rows = [[f"`{field}`", str(dtype[field]), meaning] for field, meaning in fields]
        parts.append(f"\n## {name}\n\n" + table(["column", "type", "meaning"], rows))
    return "".join(parts)


# -- instructions ----------------------------------------------------------------------------------------


def instructions() -> str:
    """The list of instructions, by extension."""
    listed = hl.instructions()
    parts = ["# Instructions\n\n", NOTE, INSTRUCTIONS]
    for extension in dict.fromkeys(listed["extension"].tolist()):
        rows = [
            [f"`{row['mnemonic']}`", f"`{row['match']:#x}`", f"`{row['mask']:#x}`", str(row["format"])]
            for row in listed[listed["extension"] == extension]
        ]
        parts.append(f"\n## {extension}\n\n" + table(["mnemonic", "match", "mask", "operands"], rows))
    return "".join(parts)


def pages() -> dict[str, str]:
    """All pages, by file name."""
    return {
        "kernel-functions.md": kernel_functions(),
        "system-calls.md": system_calls_page(),
        "layout.md": NOTE.join(kernel_layout.page()),
        "tables.md": tables(),
        "instructions.md": instructions(),
    }


def stale() -> dict[str, str]:
    """The pages that are not what they should be, as they should be."""
    wanted = pages()
    return {
        name: text
        for name, text in wanted.items()
        if not (PAGES / name).exists() or (PAGES / name).read_text(encoding="utf-8") != text
    }


def main() -> int:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    found = stale()
    for name, text in found.items():
        if check:
            print(f"docs/reference/{name} is not what tools/reference.py makes of the sources")
        else:
            (PAGES / name).write_text(text, encoding="utf-8")
            print(f"wrote docs/reference/{name}")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
