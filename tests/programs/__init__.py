"""The guest programs beside this file, and what each must print.

Every program checks itself and exits with 0; the text shows that what it computed is also what it should
be, whichever compiler and optimization made it. `PROGRAMS` is data for any test that has a machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class GuestProgram:
    """A program, the arguments to start it with (its name among them), and its whole output."""

    name: str
    output: str
    arguments: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.c"

    @property
    def argv(self) -> list[str]:
        return [self.name, *self.arguments]


PROGRAMS = [
    GuestProgram("sorting", "sorting: 5000 numbers from -999 to 1000, checksum 49289f2bbaaf2123\n"),
    GuestProgram(
        "matrices",
        "matrices: fibonacci(90) is 2880067194370816120\n"
        "matrices: 24 x 24 integers, checksum 8ec5d5e599709a3d\n"
        "matrices: 24 x 24 doubles, trace of the inverse 0.995809731\n",
    ),
    GuestProgram(
        "recursion",
        "recursion: fib(20) = 6765, ackermann(2, 9) = 21, ackermann(3, 2) = 29, hanoi(10) = 1023\n",
    ),
    GuestProgram(
        "doubles",
        # Python's own formatting of the same values, which C's must equal.
        f"{0.0:f} {-0.0:f} {1 / 3:f}\n"
        "0 2 2 4 1000\n"
        f"{0.125:.2f} {0.375:.2f} {1.005:.2f} {0.25:.1f}\n"
        f"{9.9996:.3f} {9.95:.1f} {99.5:.0f} {0.9999999:f}\n"
        f"{0.1:.20f}\n"
        f"{1e22:.1f}\n"
        f"{1.7976931348623157e308:.0f}\n"
        f"{4.9406564584124654e-324 * 2.0**900:.60f}\n"
        "inf -inf nan\n"
        "[    -3.142] [2.718     ] [-00001.500] [+2.0] [ 2.0] [   inf]\n"
        "3.142      3.14\n",
    ),
    GuestProgram(
        "floats",
        "floats: sqrt(2) is 1.414213562373095, as a float 1.4142135\n"
        "floats: the harmonic sum is 9.787613, or 9.787604 backwards\n",
    ),
    GuestProgram("heap", "heap: 4000 rounds, 1148477 bytes in all\n"),
    GuestProgram(
        "strings",
        "[   42] [42   ] [-0042] [+42] [ 42]\n"
        "[-9223372036854775808] [-2147483648] [4294967295] [18446744073709551615]\n"
        "[beef] [deadbeefcafe] [ABC] [0000001f] [0x0000000000001234]\n"
        "[str] [   right] [left    ] [pre] [(null)]\n"
        "[c] [  d] [%]\n"
        "a line that is longer than the buffer of a hundred and twenty-eight bytes, in which printf gathers "
        "its text before it asks the kernel to write\n"
        "12345\n",
    ),
    GuestProgram(
        "arguments",
        'argv[0] = "arguments"\nargv[1] = "one"\nargv[2] = ""\nargv[3] = "two three"\n',
        arguments=("one", "", "two three"),
    ),
    GuestProgram("breaks", "breaks: eager, lazy, down, up and by bytes\n"),
    GuestProgram("forktree", "forktree: 15 processes\n"),
    GuestProgram("pipes", "pipes: 20000 bytes\n"),
]
