"""C for the kernel: compiled, linked into the region of memory where the hart executes it, and cached.

What a source calls and does not define is a stub, which hands the call to the engine; the header that
declares it all, ``kernel/kernel.h``, is included before the first line.
"""

from __future__ import annotations

import functools
import os
import re
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..image import segments
from . import store
from .build import cc
from .compilers import Compiler, find_compiler
from .errors import CompileError
from .program import Program
from .workshop import Workshop

INCLUDE = Path(__file__).resolve().parent.parent / "include"
SCRIPT = INCLUDE / "kernel" / "region.ld"
_RECIPE_VERSION = "1"


class Linked(NamedTuple):
    """A unit of C: the program, its bytes where they belong, and where its functions begin."""

    program: Program
    text: int
    text_bytes: bytes
    data: int
    data_bytes: bytes
    functions: dict[str, int]


def kernel_code(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    names: Mapping[str, int],
    services: Mapping[str, int],
    symbols: Mapping[str, int],
    place: tuple[int, int],
    *,
    name: str,
    compiler: str | os.PathLike[str] = "zig",
    optimize: str = "-O1",
    flags: Sequence[str] = (),
    timeout: float = 60.0,
) -> Linked:
    """Compile and link for a place in the region.

    Parameters
    ----------
    source : str, path, or sequence of these
        As `cc` takes it.
    names, services : mapping of str to int
        The kernel's functions, and what else C may call, with the numbers of their calls.
    symbols : mapping of str to int
        The kernel's variables, with their addresses.
    place : (int, int)
        Addresses for text and for data.
    name, compiler, optimize, flags, timeout
        As `cc` takes them.

    Returns
    -------
    Linked
        With those of `names` that the source defines.

    Raises
    ------
    CompileError
        As `cc` does; and when the source defines none of the functions.
    """
    pieces = [source] if isinstance(source, str | os.PathLike) else list(source)
    options = (
        *("-I", str(INCLUDE / "kernel"), "-I", str(INCLUDE), "-include", "kernel/kernel.h"),
        *("-Wno-unused-function", "-Wno-builtin-declaration-mismatch", *flags),
    )
    to_object: dict[str, Any] = {"compiler": compiler, "ulib": False, "link": False, "timeout": timeout}
    chosen: dict[str, Any] = {"optimize": optimize, "flags": _for_family(find_compiler(compiler), options)}
    objects = [
        cc(piece, name=f"{name}_{number}" if number > 1 else name, **chosen, **to_object)
        for number, piece in enumerate(pieces, 1)
    ]
    calls = tuple({**names, **services}.items())
    stubs = cc(_stubs(calls, tuple(symbols.items())), name="stubs", **to_object)
    defined = sorted({each for made in objects for each in _functions_of(made.elf, name)} & set(names))
    if not defined:
        raise CompileError(f"{name}.c defines none of the kernel's functions: hl.functions() lists them")
    elf, path = _link(objects[0].compiler, [*objects, stubs], defined, place, timeout)
    texts = {file: text for made in objects for file, text in made.sources.items()}
    remarks = "".join(made.remarks for made in objects)
    program = Program(name, elf, path, objects[0].compiler, texts, remarks)
    addresses = _functions_of(elf, name)
    lost = [each for each in defined if each not in addresses]
    if lost:
        raise CompileError(f"{name}.c puts {lost[0]} into a section that is no part of the program")
    text, data = place
    return Linked(
        program,
        text,
        _bytes_from(program, "R-X", text),
        data,
        _bytes_from(program, "RW-", data),
        {each: addresses[each] for each in defined},
    )


def _for_family(compiler: Compiler, options: Sequence[str]) -> tuple[str, ...]:
    """Leave out what only the other family of compilers knows."""
    return tuple(o for o in options if compiler.family == "gcc" or "builtin-declaration-mismatch" not in o)


def _bytes_from(program: Program, flags: str, start: int) -> bytes:
    """What the segments with these flags hold, from `start` on, with C's zeros."""
    image = bytearray()
    data = {piece.va: piece.data for piece in segments(program.elf)}
    for part in program.segments:
        if part.flags == flags:
            image.extend(bytes(part.va + part.memory_size - start - len(image)))
            image[part.va - start : part.va - start + part.file_size] = data[part.va]
    return bytes(image)


def _functions_of(elf: bytes, name: str) -> dict[str, int]:
    """The functions of a file that somebody's source has been made into, with whatever that put there."""
    try:
        return functions_of(elf)
    except (struct.error, ValueError, IndexError):
        raise CompileError(f"{name}.c makes an object file whose symbols make no sense") from None


def functions_of(elf: bytes) -> dict[str, int]:
    """The functions that a file makes known to others, with their addresses. [ELF-64 symbol table]"""
    table = int.from_bytes(elf[40:48], "little")  # e_shoff
    size, count = struct.unpack_from("<HH", elf, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", elf, table + i * size) for i in range(count)]
    found = {}
    for section in sections:
        if section[1] != 2:  # SHT_SYMTAB
            continue
        names = sections[section[6]][4]
        for at in range(section[4], section[4] + section[5], 24):
            name, info, _, index, value, _ = struct.unpack_from("<IBBHQQ", elf, at)
            if index != 0 and info & 15 == 2 and info >> 4 == 1:  # defined, STT_FUNC, STB_GLOBAL
                end = elf.index(b"\0", names + name)
                found[elf[names + name : end].decode()] = value
    return found


@functools.cache
def _stubs(numbers: tuple[tuple[str, int], ...], symbols: tuple[tuple[str, int], ...]) -> str:
    """C source with a weak function for each call (its number in t0, and an ecall), and the variables."""
    lines = [
        f'".section .text.{name},\\"ax\\",@progbits\\n.weak {name}\\n.type {name},@function\\n'
        f'{name}: li t0, {number}\\necall\\nret\\n.size {name}, . - {name}\\n"'
        for name, number in numbers
    ]
    lines += [f'".weak {name}\\n.set {name}, {address:#x}\\n"' for name, address in symbols]
    return "__asm__(\n" + "\n".join(lines) + '\n".text\\n");\nvoid seam_stubs(void) {}\n'


def _link(
    compiler: Compiler,
    objects: Sequence[Program],
    roots: Sequence[str],
    place: tuple[int, int],
    timeout: float,
) -> tuple[bytes, Path]:
    script = SCRIPT.read_text(encoding="utf-8")
    key = store.digest(
        *(_RECIPE_VERSION, "kernel", compiler.identity, script, *map(hex, place), str(len(roots)), *roots),
        *(made.elf for made in objects),
    )
    artifact = store.find(key)
    if artifact is None:
        with Workshop(compiler, timeout) as work:
            options = [f"-Wl,-u,{root}" for root in roots]
            text = script.replace("@TEXT@", hex(place[0])).replace("@DATA@", hex(place[1]))
            result = work.link_with(text, [made.elf for made in objects], options)
            artifact = store.put(key, result.read_bytes(), ".elf")
    return artifact.data, artifact.path


def named(source: object) -> str:
    """What to call a source in messages, when its author has not said."""
    if isinstance(source, str) and ("\n" in source or "{" in source):
        return "mine"
    first = source[0] if isinstance(source, list | tuple) and source else source
    if isinstance(first, str) and ("\n" in first or "{" in first):
        return "mine"
    return re.sub(r"[^A-Za-z0-9_.+-]", "_", Path(str(first)).stem) or "mine"
