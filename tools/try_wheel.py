"""try_wheel.py: what a student does in the first minutes, with an installed hartlab. Says what took how long.

Run it in an environment that has the wheel. What an extra brings is tried when the extra is installed;
`--extras cc,viz,sweep` makes one that is missing an error. Nothing of it needs a compiler on the PATH.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import hartlab as hl

PROGRAM = """
#include "user.h"

int main(int argc, char *argv[]) {
    char *heap = sbrklazy(100 * 4096);
    heap[70 * 4096] = 'x';
    if (fork() == 0) {
        printf("child of %s, %.2f\\n", argv[0], 0.5);
        exit(7);
    }
    int status;
    wait(&status);
    return status;
}
"""

REPLACEMENT = """
uint64 uvmdealloc(pagetable_t pagetable, uint64 oldsz, uint64 newsz) {
    if (newsz >= oldsz)
        return oldsz;
    if (PGROUNDUP(newsz) < PGROUNDUP(oldsz))
        uvmunmap(pagetable, PGROUNDUP(newsz), (PGROUNDUP(oldsz) - PGROUNDUP(newsz)) / PGSIZE, 1);
    return newsz;
}
"""


def check(condition: bool, what: object) -> None:
    if not condition:
        raise SystemExit(f"wrong: {what}")


def first_kernel() -> str:
    kernel = hl.Kernel()
    process = kernel.spawn(code=hl.asm("li a0, 7; li a7, 2; ecall"))
    check(kernel.run().reason == "finished" and process.exit_status == 7, kernel)
    return repr(kernel).splitlines()[0]


def states() -> str:
    kernel = hl.Kernel(memory="8MiB", fork="cow")
    process = kernel.spawn(code=hl.asm("loop: j loop"))
    before = kernel.snapshot()
    kernel.run(1_000_000)
    twin = kernel.clone()
    process.fork()
    changed = len(hl.diff(before, kernel).ptes)
    check(changed > 0 and len(kernel.audit()) == 0, hl.diff(before, kernel))
    check(len(twin.processes()) == 2, twin)
    kernel.restore(before)
    check(len(kernel.processes()) == 2, kernel)
    return f"{changed} page-table entries changed by fork"


def program_in_c() -> str:
    kernel = hl.Kernel()
    process = kernel.spawn(hl.cc(PROGRAM, name="first"))
    check(kernel.run().reason == "finished" and process.exit_status == 7, kernel.console.text)
    return str(kernel.console.text.strip())


def kernel_function_in_c() -> str:
    kernel = hl.Kernel(memory="4MiB")
    process = kernel.spawn(code=hl.asm("loop: j loop"))
    code = kernel.replace_c(REPLACEMENT)
    process.sbrk(3 * hl.PGSIZE)
    process.sbrk(-2 * hl.PGSIZE)
    check(len(kernel.audit()) == 0, kernel.audit())
    return f"{code.functions}"


def picture() -> str:
    kernel = hl.Kernel(memory="4MiB")
    process = kernel.spawn(code=hl.asm("loop: j loop"))
    drawn = hl.pictures.address_space(process)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "first.png"
        drawn.save(file)
        return f"{file.stat().st_size:,} bytes of PNG"


def experiment() -> str:
    table = hl.sweep(lambda kernel, i: kernel.free_pages + i, {"i": range(20)}, progress=False)
    check((table["error"] == "").all() and len(table) == 20, table)
    return f"{len(table)} points"


def labs() -> str:
    given = [hl.lab(str(name)) for name in hl.labs()["name"]]
    check(all(each.handout is not None for each in given), "a lab has no notebook")
    return f"{len(given)} labs, each with its notebook"


# What is tried, and the module without which it cannot be: that of an extra.
TRIED: list[tuple[str, Callable[[], str], str, str]] = [
    ("a kernel and a program", first_kernel, "", ""),
    ("snapshot, clone, diff", states, "", ""),
    ("labs", labs, "", ""),
    ("C for the machine", program_in_c, "ziglang", "cc"),
    ("C for the kernel", kernel_function_in_c, "ziglang", "cc"),
    ("the first picture", picture, "matplotlib", "viz"),
    ("a sweep", experiment, "loky", "sweep"),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--extras", default="", help="extras that have to be there, as in cc,viz,sweep")
    wanted = set(filter(None, parser.parse_args().extras.split(",")))
    where = Path(hl.__file__).parent
    check("site-packages" in where.parts, f"hartlab is imported from {where}, which is no installed wheel")
    print(f"hartlab {hl.__version__}, Python {platform.python_version()}, {platform.platform()}")
    for what, attempt, module, extra in TRIED:
        if module and importlib.util.find_spec(module) is None:
            check(extra not in wanted, f"the extra {extra} is not installed")
            print(f"{what:24} not tried: needs hartlab[{extra}]")
            continue
        start = time.perf_counter()
        said = attempt()
        print(f"{what:24} {1000 * (time.perf_counter() - start):6.0f} ms  {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
