"""Where the kernel's data is in RAM: src/kernel/layout.hpp as structs, with the offset of each field.

The header is the source. This reads the little C++ that it uses (numbers, arrays, structs in structs)
and lays it out by the rules of the RISC-V ABI: every field at a multiple of its own alignment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from hartlab import _engine

HEADER = Path(__file__).resolve().parent.parent / "src" / "kernel" / "layout.hpp"
MEMLAYOUT = HEADER.with_name("memlayout.hpp")
_NUMBERS = {"char": 1, "std::uint8_t": 1, "std::int16_t": 2, "std::uint16_t": 2, "std::int32_t": 4}
_NUMBERS |= {"std::uint32_t": 4, "std::int64_t": 8, "std::uint64_t": 8, "ProcState": 4, "FileType": 4}
_C = {"std::uint8_t": "uint8", "std::int16_t": "short", "std::uint16_t": "uint16", "std::int32_t": "int"}
_C |= {"std::uint32_t": "uint32", "std::uint64_t": "uint64"}

INTRODUCTION = """\
Everything that the kernel knows is in simulated RAM, in these structs; numbers are little-endian,
pointers are physical addresses (the kernel's map is the identity), and 0 is null. `kernel.memory` reads
them, and the tables of `hartlab` are made from them.

`KernelData` begins at `{data:#x}` (`hl.ETEXT`). Behind it, at `{counts:#x}`, is an `int` for each frame
of RAM, its reference count. The next whole page is `end`, the first that `kinit` gives to `kalloc`.
"""


@dataclass
class Field:
    """A field of a struct; `count` is 0 when it is no array."""

    name: str
    type: str
    count: int
    offset: int
    comment: str


@dataclass
class Struct:
    """A struct laid out."""

    name: str
    comment: str = ""
    size: int = 0
    alignment: int = 1
    fields: list[Field] = field(default_factory=list)

    def add(self, name: str, type_: str, count: int, size: int, alignment: int, comment: str) -> None:
        """Put a field behind the others."""
        offset = -(-self.size // alignment) * alignment
        self.fields.append(Field(name, type_, count, offset, comment))
        self.size = offset + size * max(count, 1)
        self.alignment = max(self.alignment, alignment)

    def close(self) -> None:
        """Fill it up to its alignment."""
        self.size = -(-self.size // self.alignment) * self.alignment

    def offset(self, name: str) -> int:
        """Where a field begins."""
        return next(field.offset for field in self.fields if field.name == name)


def structs() -> dict[str, Struct]:
    """All structs of the header, by name, in its order."""
    constants: dict[str, int] = dict(_engine.constants())
    for name, value in re.findall(r"constexpr int (\w+) = (\d+);", MEMLAYOUT.read_text(encoding="utf-8")):
        constants[name] = int(value)
    found: dict[str, Struct] = {}
    open_: list[Struct] = []
    comment: list[str] = []
    for raw in HEADER.read_text(encoding="utf-8").splitlines():
        line, _, remark = raw.strip().partition("//")
        line, remark = line.strip(), remark.strip("/ ")
        if not line:
            comment = [*comment, remark] if remark else []
            continue
        if opened := re.fullmatch(r"struct (\w*) ?\{", line):
            open_.append(Struct(opened[1], " ".join(comment)))
        elif open_ and (closed := re.fullmatch(r"\} ?(\w*);", line)):
            struct = open_.pop()
            struct.close()
            struct.name = struct.name or closed[1].capitalize()
            found[struct.name] = struct
            if open_:
                open_[-1].add(closed[1], struct.name, 0, struct.size, struct.alignment, "")
        elif open_ and (declared := re.fullmatch(r"([\w:]+) ([\w\[\], ]+);", line)):
            _declare(open_[-1], declared[1], declared[2], remark, found, constants)
        comment = []
    return found


def _declare(
    struct: Struct, type_: str, names: str, remark: str, found: dict[str, Struct], constants: dict[str, int]
) -> None:
    size = alignment = _NUMBERS.get(type_, 0)
    if not size:
        size, alignment = found[type_].size, found[type_].alignment
    for part in names.split(","):
        match = re.fullmatch(r"\s*(\w+)(?:\[(\w+)\])?", part)
        assert match, part
        count = match[2] or "0"
        number = int(count) if count.isdigit() else constants[count]
        struct.add(match[1], type_, number, size, alignment, remark)


def page() -> tuple[str, str]:
    """The page's heading, and what stands below it."""
    constants = _engine.constants()
    laid = structs()
    data = constants["KERNEL_DATA"]
    parts = [INTRODUCTION.format(data=data, counts=constants["REFERENCE_COUNTS"])]
    for struct in laid.values():
        parts.append(f"\n## struct {struct.name}\n\n")
        parts.append(f"{struct.comment + ' ' if struct.comment else ''}{struct.size:,} bytes.\n\n")
        parts.append("| offset | field | type | |\n| --- | --- | --- | --- |\n")
        for each in struct.fields:
            here = f" (`{data + each.offset:#x}`)" if struct.name == "KernelData" else ""
            where = f"`{each.offset:#x}`{here}"
            array = f"[{each.count}]" if each.count else ""
            type_ = _C.get(each.type, each.type if each.type == "char" else f"struct {each.type}")
            parts.append(f"| {where} | `{each.name}{array}` | {type_} | {each.comment} |\n")
    return "# The kernel's data in memory\n\n", "".join(parts)
