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
char a[600];
long b[40], c[40];
int main(void) {
  int wrong = kept[0] == 0;
  for (int i = 0; i < 600; i++) a[i] = i % 251;
  set(a + 100, 3, 64);
  for (int i = 0; i < 64; i++) wrong += a[100 + i] != 3;
  set_to_bound(a + 200, a + 260);
  for (int i = 0; i < 60; i++) wrong += a[200 + i] != 0;
  copy_up(a + 300, a + 20, 50);
  copy_down(a + 400, a + 30, 50);
  for (int i = 0; i < 50; i++) wrong += (a[300 + i] != i + 20) + (a[400 + i] != i + 30);
  set_doublewords((uint64 *)b, 7, 40);
  copy_doublewords((uint64 *)c, (uint64 *)b, (uint64 *)b + 40);
  for (int i = 0; i < 40; i++) wrong += (b[i] != 7) + (c[i] != 7);
  copy_words((int *)(a + 500), (int *)(a + 40), 12);
  for (int i = 0; i < 48; i++) wrong += a[500 + i] != i + 40;
  return wrong + (a[99] != 99) + (a[164] != 164) + (a[199] != 199) + (a[299] != 48) + (a[350] != 99);
}
"""
EXPECTED = {
    "set": "fills", "set_to_bound": "fills", "set_doublewords": "fills", "copy_up": "copies",
    "copy_down": "copies", "copy_words": "copies", "copy_doublewords": "copies",
}  # fmt: skip
# What would make a call of memset or memcpy out of the loops, or unroll them.
PLAIN = ["-fno-builtin", "-fno-unroll-loops"]
GCC_PLAIN = [*PLAIN, "-fno-tree-loop-distribute-patterns"]
COMPILERS = [(compiler.name, level) for compiler in find_compilers() for level in ("-O0", "-O1", "-O2")]


def flags_of(compiler: str) -> list[str]:
    return PLAIN if compiler == "zig" else GCC_PLAIN


def loops_of(program: hl.Program, process: hl.Process, function: str) -> set[str]:
    """What the loops of one function are taken for."""
    symbol = program.symbols[function]
    code = process.load(symbol.address, symbol.size)
    found = set()
    for row in hl.disasm(code, pc=symbol.address):
        branch = re.match(r"(?:b\w+ .*|j )(0x[0-9a-f]+)$", str(row["text"]))
        if branch and symbol.address <= int(branch[1], 16) < row["pc"]:
            first, stop = int(branch[1], 16) - symbol.address, int(row["pc"] + row["length"]) - symbol.address
            if kind := _engine.memory_loop(code[first:stop]):
                found.add(kind)
    return found


@pytest.mark.parametrize(("compiler", "level"), COMPILERS)
def test_loops_of_a_compiler_are_recognised(compiler, level):
    program = hl.cc(SOURCE, compiler=compiler, optimize=level, flags=flags_of(compiler))
    process = hl.Kernel().spawn(program)
    missed = {name for name, kind in EXPECTED.items() if loops_of(program, process, name) != {kind}}
    assert not missed


@pytest.mark.parametrize(("compiler", "level"), COMPILERS)
def test_functions_of_a_compiler_fill_and_copy_what_they_should(compiler, level):
    program = hl.cc(SOURCE, compiler=compiler, optimize=level, flags=flags_of(compiler))
    instructions = []
    for loops in (True, False):
        kernel = hl.Kernel()
        kernel._engine.use_memory_loops = loops
        process = kernel.spawn(program)
        instructions.append(kernel.run().instructions)
        assert process.exit_status == 0
    assert instructions[0] == instructions[1]
