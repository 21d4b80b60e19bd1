"""Where DWARF says that a variable is, and the local variables of a function that has been stopped."""

from __future__ import annotations

import re

import pytest
from tests.guest_kernel.guests import link

import hartlab as hl
from hartlab import debug_info
from hartlab.debug_info import Array, Frame, Number, Place, evaluate, read_place

from .images import BUILDS, Image, compiled
from .test_values import SOURCE

MEMORY = {0x1000: (0x1122334455667788).to_bytes(8, "little")}


def read(address: int, size: int) -> bytes:
    if address not in MEMORY:
        raise LookupError(hex(address))
    return MEMORY[address][:size]


FRAME = Frame(0x40, lambda number: None if number == 9 else 0x1000 * number, read, lambda: 0x8000)


@pytest.fixture(scope="module")
def image() -> Image:
    return compiled(SOURCE)


def at(number: int) -> Place:
    return Place("memory", number)


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ("03 88 77 66 55 44 33 22 11", at(0x1122334455667788)),  # addr
        ("91 78", at(0x5000 - 8)),  # fbreg -8
        ("9c", at(0x8000)),  # call_frame_cfa
        ("9c 23 10", at(0x8010)),  # plus_uconst
        ("72 08", at(0x2008)),  # breg2 8
        ("92 02 7f", at(0x1FFF)),  # bregx 2, -1
        ("5a", Place("register", 10)),
        ("90 2a", Place("register", 42)),  # regx
        ("35 9f", Place("value", 5)),  # lit5, stack_value
        ("9e 02 ab cd", Place("bytes", bytes=b"\xab\xcd")),  # implicit_value
        ("71 00 06 9f", Place("value", 0x1122334455667788)),  # breg1, deref
        ("71 00 94 02 9f", Place("value", 0x7788)),  # deref_size 2
        ("08 07 08 03 1e 9f", Place("value", 21)),  # const1u, mul
        ("09 ff 34 1b 9f", Place("value", 0)),  # -1 div 4 is 0 in C
        ("09 f8 32 1b 9f", Place("value", 2**64 - 4)),  # -8 div 2
        ("38 32 14 1c 9f", Place("value", 2**64 - 6)),  # 8 2 over: 2 - 8
        ("31 32 33 17 15 00 9f", Place("value", 2)),  # rot, pick 0
        ("33 32 16 1c 9f", Place("value", 2**64 - 1)),  # swap, minus: 2 - 3
        ("37 31 28 01 00 38 9f", Place("value", 7)),  # bra over lit8
        (
            "5a 93 04 5b 93 04",
            Place("pieces", pieces=((Place("register", 10), 4), (Place("register", 11), 4))),
        ),
    ],
)
def test_an_expression_leads_to_a_place(image: Image, expression: str, place: Place) -> None:
    unit = image.info.catalogue.units[0]
    code = list(bytes.fromhex(expression))
    assert evaluate(image.info.dwarf, unit, code, FRAME, lambda: 0x5000) == place


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("79 00", "s1, which was not saved"),
        ("2f fd ff", "does not end"),  # skip to itself
        ("a3 01 5a 9f", "it was an argument, which the function has used up"),  # entry_value
        ("22", "its description does not lead to"),  # plus of nothing
        ("30 06", "its description does not lead to"),  # deref of 0
        ("31 30 1b", "optimised away"),  # division by zero
        ("ff", "cannot follow|optimised away"),
        ("", "optimised away"),
    ],
)
def test_what_leads_nowhere_says_why(image: Image, expression: str, why: str) -> None:
    unit = image.info.catalogue.units[0]
    place = evaluate(image.info.dwarf, unit, list(bytes.fromhex(expression)), FRAME)
    assert place.kind == "gone"
    assert re.search(why, str(place)), str(place)
    assert repr(place) == f"<{place}>"


@pytest.mark.parametrize(
    ("place", "raw"),
    [
        (at(0x1000), b"\x88\x77"),
        (Place("register", 1), b"\x00\x10"),
        (Place("register", 9), None),
        (Place("value", 0x1234), b"\x34\x12"),
        (Place("bytes", bytes=b"\x01"), b"\x01\x00"),
        (Place("pieces", pieces=((Place("value", 5), 1), (Place("value", 6), 1))), b"\x05\x06"),
        (Place("pieces", pieces=((Place("value", 5), 1), (Place("register", 9), 1))), None),
        (Place("gone"), None),
    ],
)
def test_the_bytes_at_a_place(place: Place, raw: bytes | None) -> None:
    assert read_place(place, 2, FRAME) == raw


@pytest.mark.parametrize(
    "place",
    [
        at(0x1000),
        Place("register", 10),
        Place("bytes", bytes=b"ab"),
        Place("pieces", pieces=((at(1), 1 << 40),)),
    ],
)
def test_what_a_file_says_is_enormous_is_refused_before_it_is_made(place: Place) -> None:
    with pytest.raises(hl.DebugInfoError, match=r"bytes .*; at most .* make a value there"):
        read_place(place, 1 << 40, FRAME)


def test_memory_is_not_read_for_a_value_that_would_be_enormous() -> None:
    space = hl.Machine("64KiB").symbols.memory
    kind = Array(Number("char", 1, "S"), (1 << 40,))
    with pytest.raises(hl.DebugInfoError, match="has 1,099,511,627,776 bytes; at most"):
        debug_info.read(space, hl.KERNBASE, kind)


PROGRAM = """
struct point { int x, y; };
volatile int seen;
__attribute__((noinline)) void stop(struct point *p, int *n) { seen = p->x + *n; }
__attribute__((noinline)) int work(int first, char second) {
    int sum = first + second;
    struct point corner = {first, -second};
    char text[8] = "local";
    { int inner = 99; stop(&corner, &inner); seen = inner; }
    return sum + corner.x + text[0];
}
int main(void) { for (;;) seen = work(40, 2); }
__asm__(".globl _start\\n_start: la sp, stack + 4096\\n call main\\n");
char stack[4096];
"""


@pytest.mark.parametrize("build", BUILDS, ids=lambda build: f"{build[0]}-dwarf{build[1]}")
def test_locals_of_the_caller_of_a_function_that_was_stopped(build: tuple[str, int]) -> None:
    compiler, version = build
    flags = ["-g", f"-gdwarf-{version}", "-ffreestanding", "-fno-omit-frame-pointer"]
    made = hl.cc(PROGRAM, ulib=False, link=False, compiler=compiler, optimize="-O0", flags=flags)
    machine = hl.Machine("4MiB", kernel=link(made.elf, compiler))
    assert machine.run_to("stop").reason == "breakpoint"
    x, memory, info = machine.hart.x, machine.symbols.memory, machine.symbols.debug_info
    frame = Frame(x.ra - 1, lambda number: x[number], memory.read, lambda: x["s0"])
    scope = debug_info.Scope(info, frame.pc)
    assert scope.functions == ["work"]
    values = {each.name: scope.value(each, frame, memory) for each in scope.locals()}
    assert next(each.name for each in scope.locals()) == "inner"
    assert {each.name for each in scope.locals() if each.parameter} == {"first", "second"}
    assert (values["first"], values["second"], values["sum"], values["inner"]) == (40, 2, 42, 99)
    assert (values["corner"]["x"], values["corner"]["y"], values["text"]) == (40, -2, b"local")
    assert values["corner"].address == x.a0


def test_nothing_is_visible_outside_of_functions(image: Image) -> None:
    scope = debug_info.Scope(image.info, 0xFFFF_0000)
    assert (scope.functions, scope.locals(), scope.frame_base(FRAME)) == ([], [], None)
