"""Files whose debug information is damaged or says what cannot be: a clear error, in bounded time."""

from __future__ import annotations

import random
import struct

import pytest

from hartlab import DebugInfoError, debug_info
from hartlab.debug_info.c_types import Aggregate, Array, Member, Number, PointerType

from .images import BUILDS, compiled
from .test_values import SOURCE

ALLOWED = (DebugInfoError, KeyError, LookupError, ValueError, TypeError)


def sections(elf: bytes) -> dict[str, tuple[int, int]]:
    """Offset and size in the file of each section, by name."""
    table = struct.unpack_from("<Q", elf, 40)[0]
    size, count, names = struct.unpack_from("<HHH", elf, 58)
    headers = [struct.unpack_from("<IIQQQQIIQQ", elf, table + i * size) for i in range(count)]
    text = headers[names][4]
    return {
        elf[text + h[0] : elf.index(b"\0", text + h[0])].decode(): (h[4], h[5]) for h in headers if h[1] != 8
    }


def look_at_everything(elf: bytes) -> None:
    info = debug_info.DebugInfo(elf)
    for name in [*info.catalogue.variables][:40]:
        try:
            variable = info.variable(name)
            assert isinstance(repr(variable.type), str)
            debug_info.layout(variable.type)
        except ALLOWED:
            continue
    for name in [*info.catalogue.types][:40]:
        try:
            type_ = info.type(name)
            assert isinstance(repr(type_), str)
            debug_info.layout(type_)
        except ALLOWED:
            continue
    for pc in range(0, 64, 16):
        scope = debug_info.Scope(info, pc)
        frame = debug_info.Frame(pc, lambda number: number, lambda address, size: bytes(size), lambda: 4096)
        for local in scope.locals():
            scope.place(local, frame)


@pytest.mark.parametrize("build", BUILDS[::3] or BUILDS, ids=lambda build: f"{build[0]}-dwarf{build[1]}")
@pytest.mark.parametrize("section", [".debug_info", ".debug_abbrev", ".debug_str", "anywhere"])
def test_bytes_that_were_changed(build: tuple[str, int], section: str) -> None:
    elf = compiled(SOURCE, *build).elf
    start, size = sections(elf)[section] if section != "anywhere" else (0, len(elf))
    chance = random.Random(section)
    for _ in range(12):
        damaged = bytearray(elf)
        for _ in range(chance.randrange(1, 6)):
            damaged[start + chance.randrange(size)] = chance.choice([0, 1, 0x7F, 0xFF, chance.randrange(256)])
        try:
            look_at_everything(bytes(damaged))
        except ALLOWED:
            continue


def test_a_file_that_ends_early() -> None:
    elf = compiled(SOURCE).elf
    for end in range(64, len(elf), len(elf) // 16):
        try:
            look_at_everything(elf[:end])
        except ALLOWED:
            continue


@pytest.mark.parametrize(
    "junk", [b"", b"\x7fELF", b"\x7fELF" + bytes(60), b"#!/bin/sh\n", bytes(range(256)) * 40]
)
def test_what_is_no_file_at_all(junk: bytes) -> None:
    with pytest.raises(DebugInfoError):
        debug_info.load(junk)


def struct_of(name: str, size: int, *members: Member) -> Aggregate:
    return Aggregate(name, size, lambda: members)


INT, CHAR = Number("int", 4, "i"), Number("char", 1, "S")


def itself() -> Aggregate:
    inner: list[Member] = []
    made = Aggregate("struct loop", 8, lambda: tuple(inner))
    inner.append(Member("again", made, 0))
    return made


def nested(depth: int) -> Aggregate:
    made = struct_of("struct s0", 4, Member("x", INT, 0))
    for level in range(1, depth):
        made = struct_of(f"struct s{level}", 4, Member("x", made, 0))
    return made


@pytest.mark.parametrize(
    ("type_", "says"),
    [
        (itself(), "struct loop has types inside each other 32 deep: it contains itself"),
        (nested(40), "32 deep"),
        (Array(INT, (1 << 40,)), "at most 1,073,741,824 make a value"),
        (Array(struct_of("struct none", 0), (1 << 47,)), "more than 1,073,741,824 elements"),
        (
            struct_of("struct s", 4, Member("x", INT, 2)),
            "field 'x' of struct s, 0x2 to 0x6, is not inside its 4 bytes",
        ),
        (struct_of("struct s", 4, Member("x", INT, -4)), "is not inside its 4 bytes"),
        (struct_of("struct s", 4, Member("b", INT, 0, 0, 99)), "is not inside"),
        (
            struct_of("struct wide", 80_000, *(Member(f"f{i}", INT, 4 * i) for i in range(20_001))),
            "more than 20,000 fields",
        ),
    ],
    ids=["itself", "deep", "long", "empty elements", "outside", "before", "bits", "wide"],
)
def test_a_type_that_cannot_be_is_refused(type_: debug_info.CType, says: str) -> None:
    with pytest.raises(DebugInfoError, match=says):
        debug_info.layout(type_)


def test_pointers_to_themselves_have_a_name() -> None:
    loop: list[PointerType] = []
    loop.append(PointerType(8, lambda: loop[0]))
    assert loop[0].name == "void ********"


def test_two_fields_of_one_name_and_fields_that_overlap_are_allowed() -> None:
    union = struct_of("union u", 4, Member("x", INT, 0), Member("x", CHAR, 0), Member("y", INT, 0))
    assert debug_info.layout(union).names == ("x", "y")


def test_packed_debug_sections_are_not_unpacked_beyond_a_limit() -> None:
    elf = bytearray(compiled(SOURCE).elf)
    table = struct.unpack_from("<Q", elf, 40)[0]
    size, count = struct.unpack_from("<HH", elf, 58)
    for i in range(count):
        header = table + i * size
        if struct.unpack_from("<Q", elf, header + 24)[0] == sections(bytes(elf))[".debug_info"][0]:
            struct.pack_into("<Q", elf, header + 8, 0x800)  # SHF_COMPRESSED
            at = struct.unpack_from("<Q", elf, header + 24)[0]
            struct.pack_into("<IIQQ", elf, at, 1, 0, 1 << 40, 1)  # zlib, and its size unpacked
    with pytest.raises(
        DebugInfoError, match=r"1,099,5\d\d,\d\d\d,\d\d\d bytes of debug information; at most"
    ):
        debug_info.load(bytes(elf))
