"""The guest C library and the test programs, on an oracle that is not the engine: Unicorn and Python objects.

What the engine makes of the same programs is tested where the engine is; if that fails and this passes, the
fault is not in the guest code.
"""

from __future__ import annotations

import random
import struct

import pytest

from compilers import COMPILERS, needs_compiler
from hartlab.toolchain import Program, cc
from programs import PROGRAMS

pytest.importorskip("unicorn")
from programs.oracle import Oracle

LEVELS = ["-O0", "-O1", "-O2", "-O3", "-Os"]
EXAMPLES = {
    "hello": "hello from hello, pid 1, with 0 arguments\n",
    "family": "the children report 306 together; here counter is still 100\n",
    "pingpong": "after 5 rounds the number is 10\n",
    "sieve": "1229 primes up to 10000, the largest is 9973\n",
}

pytestmark = needs_compiler


def run(program: Program, argv: list[str], stdin: bytes = b"") -> tuple[int, str]:
    oracle = Oracle(program.elf, program.segments, program.entry, argv, stdin)
    return oracle.run(), oracle.output.decode()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("guest", PROGRAMS, ids=lambda guest: guest.name)
def test_program_prints_the_same_for_every_compiler_and_level(guest, compiler, level):
    program = cc(guest.path, compiler=compiler, optimize=level, flags=["-Wextra"])
    assert program.remarks == ""
    assert run(program, guest.argv) == (0, guest.output)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_example_does_what_its_comments_say(request, name, compiler):
    program = cc(request.config.rootpath / "examples" / f"{name}.c", compiler=compiler, flags=["-Wextra"])
    assert program.remarks == ""
    assert run(program, [name]) == (0, EXAMPLES[name])


@pytest.mark.parametrize("compiler", COMPILERS)
def test_memory_example_shows_text_data_stack_and_heap_in_order(request, compiler):
    program = cc(request.config.rootpath / "examples" / "memory.c", compiler=compiler, flags=["-Wextra"])
    status, output = run(program, ["memory"])
    rows = [line.split() for line in output.splitlines()]
    addresses = [int(row[1], 16) for row in rows]
    assert (status, program.remarks) == (0, "")
    assert [row[0] for row in rows] == [
        "text",
        "data",
        "bss",
        "stack",
        "break",
        "eager",
        "lazy",
        "touch",
        "break",
    ]
    assert addresses[:6] == sorted(addresses[:6])
    assert addresses[4] == addresses[5] == addresses[8]


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("level", ["-O0", "-O1", "-O3"])
def test_ulib_compiles_without_a_warning(request, compiler, level):
    folder = request.config.rootpath / "python" / "hartlab" / "ulib"
    for source in sorted(folder.glob("*.c")):
        object_file = cc(source, compiler=compiler, optimize=level, flags=["-Wextra", "-Wshadow"], link=False)
        assert object_file.remarks == "", source.name


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("seed", range(2))
def test_double_in_decimal_equals_pythons_for_random_bits_and_precisions(compiler, seed):
    rng = random.Random(seed)
    shapes = [
        lambda: struct.unpack("d", rng.randbytes(8))[0],
        lambda: rng.uniform(-1e6, 1e6),
        lambda: rng.randrange(-(10**6), 10**6) / rng.choice([2, 4, 8, 16, 1000]),
        lambda: rng.choice(
            [0.0, -0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.5, 999999.5]
        ),
    ]
    cases = [(rng.choice(shapes)(), rng.choice([0, 1, 2, 3, 6, 10, 17, 30, 60])) for _ in range(800)]
    program = cc(
        """
        #include "user.h"
        int main(void) {
          struct { double x; long precision; } in;
          while (read(0, &in, sizeof(in)) == sizeof(in))
            printf("%.*f\\n", (int)in.precision, in.x);
        }
        """,
        compiler=compiler,
    )
    status, output = run(program, ["doubles"], b"".join(struct.pack("dq", *case) for case in cases))
    assert status == 0
    # C and Python agree on everything but a not-a-number's sign, which neither prints.
    expected = [f"{x:.{precision}f}" for x, precision in cases]
    assert [
        case for case in zip(cases, output.splitlines(), expected, strict=True) if case[1] != case[2]
    ] == []


@pytest.mark.parametrize("compiler", COMPILERS)
def test_printf_makes_one_write_for_a_line_of_many_parts(compiler):
    source = '#include "user.h"\nint main(void) { printf("%d %s %c %f %x\\n", 1, "two", \'3\', 4.0, 5); }\n'
    program = cc(source, compiler=compiler)
    oracle = Oracle(program.elf, program.segments, program.entry, ["prog"])
    assert (oracle.run(), oracle.output, oracle.writes) == (0, b"1 two 3 4.000000 5\n", 1)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("char *p = malloc(32); free(p); free(p);", "is not a block in use"),
        ("char *p = malloc(32); free(p + 16);", "is not a block in use"),
        ("char *p = malloc(32); free(p + 1);", "is not a block in use"),
    ],
    ids=["twice", "inside", "misaligned"],
)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_free_of_what_is_no_block_in_use_ends_the_program_with_a_line(compiler, statement, message):
    source = f'#include "user.h"\nint main(void) {{ {statement} return 0; }}\n'
    status, output = run(cc(source, compiler=compiler, optimize="-O0"), ["prog"])
    assert status == -1
    assert message in output


@pytest.mark.parametrize("compiler", COMPILERS)
def test_gets_stops_at_newline_limit_and_end_of_input(compiler):
    source = """
        #include "user.h"
        int main(void) {
          char buf[8];
          do {
            printf("[%s]\\n", gets(buf, sizeof(buf)));
          } while (buf[0]);
        }
        """
    status, output = run(cc(source, compiler=compiler), ["prog"], b"one\nlonger than that\nend")
    assert status == 0
    assert output == "[one\n]\n[longer ]\n[than th]\n[at\n]\n[end]\n[]\n"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_program_written_for_xv6_compiles_with_its_own_includes(compiler):
    source = """
        #include "kernel/types.h"
        #include "kernel/stat.h"
        #include "kernel/fcntl.h"
        #include "user/user.h"
        int
        main(int argc, char *argv[])
        {
          uint64 n = strlen(argv[0]);
          fprintf(1, "%s: %d\\n", argv[0], argc);
          exit((int)n);
        }
        """
    status, output = run(cc(source, compiler=compiler), ["xv6", "x"])
    assert (status, output) == (3, "xv6: 2\n")
