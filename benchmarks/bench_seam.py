"""A call through the seam: native, in C, in Python; and `replace_c`, cold and cached.

The function does nothing, so that what is measured is the way to it and back.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator

from figure import Figure, alternate

import hartlab as hl

REPEAT = int(os.environ.get("HARTLAB_BENCH_REPEAT", "9"))
CALLS = 20_000
NOTHING = "int flags2perm(int flags) { return 0; }"
CALLING = "int growproc(int n) { for (int i = 0; i < n; i++) flags2perm(i); return 0; }"


def microseconds(kernel: hl.Kernel, calls: int = CALLS) -> Callable[[], float]:
    """Of one flags2perm, called so many times by C through the table."""

    def measure() -> float:
        start = time.process_time()
        kernel.call("growproc", calls)
        return (time.process_time() - start) / calls * 1e6

    return measure


def figures() -> Iterator[Figure]:
    kernels = {name: hl.Kernel(memory="4MiB") for name in ("native", "C", "Python")}
    for kernel in kernels.values():
        kernel.replace_c(CALLING, max_instructions=1 << 40)
    kernels["C"].replace_c(NOTHING)
    kernels["Python"].replace("flags2perm", lambda k, flags: 0)
    native, c, python = alternate([microseconds(kernel) for kernel in kernels.values()], REPEAT)
    yield Figure("call from C: native function", "us", native)
    yield Figure("call from C: function in C", "us", c).at_most(2)
    yield Figure("call from C: function in Python", "us", python)

    one, two = alternate(outer(), REPEAT)
    more = [b - a for a, b in zip(one, two, strict=True)]
    yield Figure("Kernel.call: function in C, over the native one", "us", more).at_most(2)

    yield Figure("replace_c, cold", "ms", [cold() for _ in range(min(REPEAT, 3))])
    yield Figure("replace_c, cached", "ms", [cached() for _ in range(REPEAT)]).at_most(5)


def outer() -> list[Callable[[], float]]:
    """Microseconds of Kernel.call of a function, the engine's own and in C."""
    native, c = hl.Kernel(memory="4MiB"), hl.Kernel(memory="4MiB")
    c.replace_c(NOTHING)

    def measure(kernel: hl.Kernel) -> Callable[[], float]:
        def one() -> float:
            start = time.process_time()
            for _ in range(CALLS):
                kernel.call("flags2perm", 1)
            return (time.process_time() - start) / CALLS * 1e6

        return one

    return [measure(native), measure(c)]


def cold() -> float:
    """Milliseconds with an empty cache."""
    before = os.environ.get("HARTLAB_CACHE")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HARTLAB_CACHE"] = folder
        try:
            return cached()
        finally:
            os.environ.pop("HARTLAB_CACHE")
            if before is not None:
                os.environ["HARTLAB_CACHE"] = before


def cached() -> float:
    """Milliseconds by the clock of replace_c: the compiler is another process."""
    kernel = hl.Kernel(memory="4MiB")
    start = time.perf_counter()
    kernel.replace_c(NOTHING)
    return (time.perf_counter() - start) * 1e3
