"""The loops that compilers make of memset, memcpy and memmove are recognised, optimised or not."""

from __future__ import annotations

import re

import pytest

import hartlab as hl
from hartlab import _engine
from hartlab.toolchain import find_compilers

SOURCE = """
typedef unsigned int uint;
typedef unsigned long uint64;

void set(char *dst, int c, uint n) { for (int i = 0; i < n; i++) dst[i] = c; }
void set_to_bound(char *p, char *end) { while (p != end) *p++ = 0; }
void set_doublewords(uint64 *p, uint64 v, uint64 n) { for (uint64 i = 0; i < n; i++) p[i] = v; }
void copy_up(char *d, const char *s, uint n) { while (n-- > 0) *d++ = *s++; }
void copy_down(char *d, const char *s, uint n) { d += n; s += n; while (n-- > 0) *--d = *--s; }
void copy_words(int *d, const int *s, int n) { for (int i = 0; i < n; i++) d[i] = s[i]; }
void copy_doublewords(uint64 *d, uint64 *s, uint64 *end) { while (s < end) *d++ = *s++; }
void *volatile kept[] = {
    set, set_to_bound, set_doublewords, copy_up, copy_down, copy_words, copy_doublewords};
int main(void) { return kept[0] == 0; }
"""
EXPECTED = {
    "set": "fills", "set_to_bound": "fills", "set_doublewords": "fills", "copy_up": "copies",
    "copy_down": "copies", "copy_words": "copies", "copy_doublewords": "copies",
}  # fmt: skip
# What would make a call of memset or memcpy out of the loops, or unroll them.
PLAIN = ["-fno-builtin", "-fno-unroll-loops"]
GCC_PLAIN = [*PLAIN, "-fno-tree-loop-distribute-patterns"]
# clang without optimising writes loops of several blocks, which are left to their instructions.
COMPILERS = [
    (compiler.name, level)
    for compiler in find_compilers()
    for level in ("-O0", "-O1", "-O2")
    if not (compiler.name == "zig" and level == "-O0")
]


def loops_of(program: hl.Program, process: hl.Process, function: str) -> set[str]:
    """What the loops of one function are taken for."""
    symbol = program.symbols[function]
    code = process.load(symbol.address, symbol.size)
    found = set()
    for row in hl.disasm(code, pc=symbol.address):
        branch = re.match(r"b\w+ .*(0x[0-9a-f]+)$", str(row["text"]))
        if branch and symbol.address <= int(branch[1], 16) < row["pc"]:
            first, stop = int(branch[1], 16) - symbol.address, int(row["pc"] + row["length"]) - symbol.address
            if kind := _engine.memory_loop(code[first:stop]):
                found.add(kind)
    return found


@pytest.mark.parametrize(("compiler", "level"), COMPILERS)
def test_loops_of_a_compiler_are_recognised(compiler, level):
    program = hl.cc(
        SOURCE, compiler=compiler, optimize=level, flags=PLAIN if compiler == "zig" else GCC_PLAIN
    )
    process = hl.Kernel().spawn(program)
    missed = {name for name, kind in EXPECTED.items() if loops_of(program, process, name) != {kind}}
    assert not missed
