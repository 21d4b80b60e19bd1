"""The C headers of the kernel: its data (layout.h) and its functions (kernel.h), for code on the hart.

`--write` makes them anew in python/hartlab/include/kernel, `--check` says whether they are up to date.
Names are xv6's (struct proc, struct trapframe ...), a field that holds a pointer has that pointer's type, and
_Static_asserts hold the compiler to the offsets that the engine uses.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import kernel_layout
from hartlab import _engine, c_code

FOLDER = Path(__file__).resolve().parent.parent / "python" / "hartlab" / "include" / "kernel"

_HEAD = """\
// The kernel's data as it lies in the simulated machine's RAM. Made by tools/kernel_header.py from the
// engine's own layout: not to be edited. For RV64 (lp64d).
#ifndef HARTLAB_KERNEL_LAYOUT_H
#define HARTLAB_KERNEL_LAYOUT_H

#include <stddef.h>

typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned int uint;
typedef unsigned long uint64;
typedef uint64 pte_t;
typedef uint64 *pagetable_t;

enum procstate { UNUSED, USED, SLEEPING, RUNNABLE, RUNNING, ZOMBIE };
enum filetype { FD_NONE, FD_PIPE, FD_INODE, FD_DEVICE };
"""
_NAMES = {"ConsoleBuffer": "console_buffer", "PanicRecord": "panic_record", "KernelData": "kernel_data"}
_TYPES = {"std::uint8_t": "uint8", "std::int16_t": "short", "std::uint16_t": "uint16", "std::int32_t": "int"}
_TYPES |= {"std::uint32_t": "uint32", "std::uint64_t": "uint64", "char": "char"}


_POINTERS = {"pagetable": "pagetable_t ", "kernel_pagetable": "pagetable_t ", "initproc": "struct proc *"}
_POINTERS |= {"trapframe": "struct trapframe *", "chan": "void *"}


def _name(struct: str) -> str:
    return _NAMES.get(struct, struct.lower())


def _declaration(field: kernel_layout.Field) -> str:
    said = re.match(r"((?:struct \w+|char|void) \*)", field.comment)
    pointer = said[1] if said else _POINTERS.get(field.name)
    array = f"[{field.count}]" if field.count else ""
    if pointer and field.type == "std::uint64_t":
        return f"{pointer}{field.name}{array};"
    type_ = _TYPES.get(field.type) or f"struct {_name(field.type)}"
    return f"{type_} {field.name}{array};"


def header() -> str:
    """The whole file."""
    parts = [_HEAD, "\n"]
    for name, value in sorted(dict(_engine.constants()).items()):
        if re.fullmatch(r"[A-Z][A-Z0-9_]*", name) and f" {name}" not in _HEAD:
            parts.append(f"#define {name} {value if value < 1 << 12 else f'{value:#x}UL'}\n")
    asserts = []
    for struct in kernel_layout.structs().values():
        name = _name(struct.name)
        parts.append(f"\nstruct {name} {{\n")
        for field in struct.fields:
            remark = re.sub(r"^(struct \w+|char|void) \*(: |, )?", "", field.comment)
            comment = f"  // {remark}" if remark else ""
            parts.append(f"    {_declaration(field)}{comment}\n")
            asserts.append((name, field.name, field.offset))
        parts.append("};\n")
        asserts.append((name, "", struct.size))
    parts.append("\n")
    for name, field_name, number in asserts:
        what = f"offsetof(struct {name}, {field_name})" if field_name else f"sizeof(struct {name})"
        parts.append(f'_Static_assert({what} == {number:#x}, "as the engine has it");\n')
    parts.append("\n#define kernel_data (*(struct kernel_data *)KERNEL_DATA)\n")
    parts.append("#define reference_counts ((int *)REFERENCE_COUNTS)\n\n#endif\n")
    return "".join(parts)


# xv6's own headers, whose names sources include.
OTHERS = (
    "types",
    "param",
    "memlayout",
    "riscv",
    "spinlock",
    "proc",
    "defs",
    "elf",
    "fs",
    "file",
    "stat",
    "vm",
)


def kernel_h() -> str:
    """The header of functions."""
    fields = {field.name: field for field in kernel_layout.structs()["KernelData"].fields}
    variables = "".join(f"extern {_declaration(fields[name])}\n" for name in c_code.VARIABLES)
    functions = "".join(f"{row[1]} SEAM;\n" for row in _engine.Kernel.function_facts())
    template = Path(__file__).with_name("kernel.h.in").read_text(encoding="utf-8")
    return template.replace("@VARIABLES@\n", variables).replace("@FUNCTIONS@\n", functions)


def files() -> dict[str, str]:
    """Every header, by name."""
    made = {"layout.h": header(), "kernel.h": kernel_h()}
    for name in OTHERS:
        made[f"{name}.h"] = (
            '// For sources that include it: what it declares in xv6 is in kernel.h.\n#include "kernel.h"\n'
        )
    return made


def main(arguments: list[str]) -> int:
    """`--write` or `--check`."""
    if arguments not in (["--write"], ["--check"]):
        print("usage: kernel_header.py --write | --check", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    status = 0
    for name, text in files().items():
        target = FOLDER / name
        if arguments == ["--write"]:
            target.write_text(text, encoding="utf-8")
        elif not target.exists() or target.read_text(encoding="utf-8") != text:
            print(f"{name} is out of date: python tools/kernel_header.py --write", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
