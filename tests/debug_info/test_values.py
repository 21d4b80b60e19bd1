"""Variables of C as values: every kind of type, as two compilers and two versions of DWARF describe it."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import hartlab as hl
from hartlab import DebugInfoError, debug_info

from .images import BUILDS, Image, compiled

SOURCE = """
typedef unsigned long uint64;
typedef uint64 *pagetable_t;
enum state { UNUSED, USED, SLEEPING = 5, LOST = -1 };
typedef struct { int x, y; } point;
struct unknown;
struct run { struct run *next; };
struct proc {
    enum state state;
    int pid;
    unsigned low : 3, high : 5;
    int minus : 4;
    struct proc *parent;
    pagetable_t table;
    char name[16];
    union { int whole; unsigned char bytes[4]; };
    _Bool killed;
    struct { point at; } inside[2];
    void (*handler)(int);
};
signed char small = -5;
unsigned short half = 65000;
int negative = -7;
long long wide = -1L << 40;
uint64 big = 0x8000000000000000;
_Bool yes = 1;
char letter = 'A';
float real = 1.5f;
double precise = -0.25;
char text[16] = "init\\0 and what was there before";
char *pointed = "hello";
int grid[2][3] = {{1, 2, 3}, {4, 5, 6}};
char names[2][8] = {"one", "two"};
enum state now = SLEEPING, states[3] = {USED, LOST, 4};
point corner = {3, -4};
struct run last, first = {&last};
struct unknown *opaque = (struct unknown *)0x1234;
void *anything = &first;
void handle(int n) { negative += n; }
struct proc table[3] = {
    {.state = USED, .pid = 1, .low = 5, .high = 17, .minus = -3, .name = "init", .whole = 0x04030201},
    {.state = SLEEPING, .pid = 2, .parent = &table[0], .table = &big, .name = "sh", .killed = 1,
     .inside = {{{1, 2}}, {{3, 4}}}, .handler = handle},
};
static int counter(void) { static int calls = 40; return ++calls; }
void *keep[] = {&small, &half, &wide, &yes, &letter, &real, &precise, text, &pointed, grid, names, &now,
    states, &corner, &first, &opaque, &anything, table, &negative, &big};
void **volatile keeps;  /* the linker drops what nobody uses */
void _start(void) { handle(counter()); keeps = keep; for (;;) ; }
"""


@pytest.fixture(scope="module", params=BUILDS, ids=lambda build: f"{build[0]}-dwarf{build[1]}")
def image(request: pytest.FixtureRequest) -> Image:
    made = compiled(SOURCE, *request.param)
    assert made.info.version == request.param[1]
    return made


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("small", -5),
        ("half", 65000),
        ("negative", -7),
        ("wide", -1 << 40),
        ("big", 1 << 63),
        ("yes", True),
        ("letter", 65),
        ("real", 1.5),
        ("precise", -0.25),
        ("text", b"init"),
        ("now", "SLEEPING"),
        ("now", 5),
        ("opaque", 0x1234),
    ],
)
def test_a_variable_has_the_value_that_c_gave_it(image: Image, name: str, value: object) -> None:
    assert image[name] == value


def test_arrays_are_numpys(image: Image) -> None:
    np.testing.assert_array_equal(image["grid"], [[1, 2, 3], [4, 5, 6]])
    assert image["grid"].dtype == np.int32
    assert image["names"].tolist() == [b"one", b"two"]


def test_an_array_of_an_enum_compares_with_names_and_numbers(image: Image) -> None:
    states = image["states"]
    assert states.tolist() == [1, -1, 4]
    assert (states == "LOST").tolist() == [False, True, False]
    assert (states == ["USED", "USED", "4"]).tolist() == [True, False, True]
    assert (states == 4).tolist() == [False, False, True]
    assert states[1] == "LOST"
    assert type(states.astype(int)) is np.ndarray
    assert repr(states) == "names(['USED', 'LOST', '4'], dtype='<U4')"


def test_pointers_are_addresses_that_can_be_followed(image: Image) -> None:
    assert image["first"]["next"] == image.info.variable("last").address
    assert image["first"]["next"].read()["next"] == 0
    assert image["pointed"].read() == b"hello"
    assert image["pointed"].read(4) == b"hell"
    assert repr(image["first"]["next"]).startswith("(struct run *) 0x")
    assert repr(image["first"]["next"]).endswith("<last>")
    for name in ("opaque", "anything"):
        with pytest.raises(TypeError, match="has no type that can be read"):
            image[name].read()
    with pytest.raises(LookupError, match="points to nothing"):
        image["last"]["next"].read()


def test_a_struct_has_fields_by_name(image: Image) -> None:
    second = image["table"][1]
    assert (second["pid"], second["state"], second["name"], second["killed"]) == (2, "SLEEPING", b"sh", True)
    assert second["parent"] == second.address - second.type.size == image.info.variable("table").address
    assert second["inside"]["at"]["y"].tolist() == [2, 4]
    assert second["inside"][1]["at"]["x"] == 3
    assert "handle" in repr(second["handler"])
    with pytest.raises(KeyError, match="struct proc has no field 'pdi'; it has state, pid"):
        second["pdi"]


def test_bit_fields_and_unions(image: Image) -> None:
    table = image["table"]
    assert (table[0]["low"], table[0]["high"], table[0]["minus"]) == (5, 17, -3)
    assert table["high"].tolist() == [17, 0, 0]
    assert table[0]["whole"] == 0x04030201
    assert table[0]["bytes"].tolist() == [1, 2, 3, 4]


def test_columns_selections_and_what_is_calculated(image: Image) -> None:
    table = image["table"]
    assert table["pid"].tolist() == [1, 2, 0]
    used = table[table["state"] != "UNUSED"]
    assert [row["name"] for row in used] == [b"init", b"sh"]
    assert used[1].address == image["table"][1].address
    backwards = np.sort(table, order="pid")[::-1]
    assert (backwards[0]["name"], backwards[0].address) == (b"sh", None)


def test_the_layout_is_the_compilers(image: Image) -> None:
    plain = debug_info.layout(image.info.type("point"))
    assert (plain.names, plain.itemsize) == (("x", "y"), 8)
    struct = debug_info.layout(image.info.type("struct proc"))
    assert struct.itemsize == image.info.type("struct proc").size
    assert struct.fields["parent"] == (np.dtype("<u8"), 16)
    assert "low" not in struct.names


def test_how_a_type_reads(image: Image) -> None:
    text = repr(image.info.type("struct proc"))
    for line in (
        "enum state state;  // 0x0",
        "unsigned int low : 3;",
        "char name[16];",
        "struct proc *parent;",
    ):
        assert line in text
    assert image.info.type("point").name == "point"
    assert image.info.variable("table").type.name == "struct proc[3]"


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("struct proc *", 8),
        ("struct run[4]", 32),
        ("struct run *[4]", 32),
        ("uint64", 8),
        ("pagetable_t", 8),
        ("unsigned long", 8),
        ("long unsigned int", 8),
        ("char[2][8]", 16),
        ("void *", 8),
        ("enum state", 4),
    ],
)
def test_types_are_found_as_c_writes_them(image: Image, written: str, size: int) -> None:
    assert image.info.type(written).size == size


@pytest.mark.parametrize(
    ("written", "error", "says"),
    [
        ("struct prok", KeyError, "no type 'struct prok'; it has struct proc"),
        ("void", ValueError, "did you mean 'void \\*'"),
        ("[3]", ValueError, "not written as a type"),
        ("uint64[0]", ValueError, "no array of 0 elements"),
        ("uint64[99999999999999]", ValueError, "no array of 99999999999999"),
    ],
)
def test_what_is_no_type(image: Image, written: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        image.info.type(written)


def test_static_variables_are_named_with_their_function() -> None:
    image = compiled(SOURCE, optimize="-O0")
    assert image["counter::calls"] == 40
    with pytest.raises(KeyError, match="no variable 'calls'"):
        image["calls"]


def test_a_name_that_is_not_there(image: Image) -> None:
    with pytest.raises(KeyError, match="no variable 'tble'; it has table"):
        image["tble"]


def test_values_survive_copying_and_printing(image: Image) -> None:
    table = image["table"]
    assert "[1]  SLEEPING" in repr(table)
    assert "fields not shown: " in repr(table)
    assert "  pid      2" in repr(table[1])
    assert copy.deepcopy(table)["pid"].tolist() == [1, 2, 0]
    assert pickle.loads(pickle.dumps(table))["pid"].tolist() == [1, 2, 0]
    assert pickle.loads(pickle.dumps((image["now"], image["opaque"]))) == (5, 0x1234)


def test_a_file_without_debug_information_says_how_to_get_it() -> None:
    bare = hl.cc("void _start(void) { for (;;) ; }", ulib=False, flags=["-g0"])
    with pytest.raises(DebugInfoError, match="compile the kernel with -g"):
        debug_info.load(bare.elf)
