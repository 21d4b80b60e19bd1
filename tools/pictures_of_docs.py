"""Makes the pictures that pages of the documentation show: docs/pictures, one SVG each.

Run it after a change to what they show, and commit what it writes; --check says which would change.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import hartlab as hl
from hartlab.pictures import Picture

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"

# Two pages of promise and one that is touched, then a fork: what most of the pictures are of.
PROGRAM = """
    li a0, 0x4000
    li a1, 2
    li a7, 12
    ecall                   # sbrk, lazily
    li t0, 0x1000
    add t0, a0, t0
    sd t0, 0(t0)            # the second page is touched
    li a7, 1
    ecall                   # fork
    bnez a0, parent
    sd zero, 0(t0)          # the child writes to a page that both have
    li a0, 7
    li a7, 2
    ecall                   # exit
parent:
    li a0, 0
    li a7, 3
    ecall                   # wait
    li a7, 2
    ecall
"""


def pictures() -> Iterator[tuple[str, Picture]]:
    """Each picture with the name of its file."""
    kernel = hl.Kernel(fork="cow")
    kernel.run()
    with kernel.tracing() as tracing:
        parent = kernel.spawn(code=hl.asm(PROGRAM), name="family")
        result = kernel.run(until="syscall")
        while kernel.hart.last_trap() and len(kernel.processes()) < 3:
            before = kernel.snapshot("before")
            kernel.step()
            if len(kernel.processes()) < 3:
                result = kernel.run(until="syscall")
        child = parent.children[0]
        assert result.reason == "syscall", result
        yield "address_space", hl.pictures.address_space(parent, child, labels=["parent", "child"])
        yield "page_table", hl.pictures.page_table(parent, va=0x4010)
        yield "walk", hl.pictures.walk(parent, 0x4010, "store")
        yield "frames", hl.pictures.frames(kernel)
        yield "difference", hl.pictures.difference(before, kernel)
        yield "bits", hl.pictures.bits(parent.page_table.pte(0x4000))
        kernel.run()
    yield "timeline", hl.pictures.timeline(tracing)
    family = hl.Kernel()
    family.run()
    with family.tracing():
        family.spawn(code=hl.asm(TREE), name="tree")
        family.run()
        yield "fork_tree", hl.pictures.fork_tree(family)
    yield "free_list", hl.pictures.free_list(kernel)
    busy = hl.Kernel(tlb={"sets": 8, "ways": 2})
    writer = busy.spawn(code=hl.asm(WRITER), name="writer")
    writer.sbrk(40 * hl.PGSIZE, hl.SBRK_LAZY)
    yield "curves", hl.pictures.curves(hl.working_set(writer, window=200, max_instructions=4000))
    busy.run(3000)
    yield "tlb", hl.pictures.tlb(busy)


# fork() three times over, and then exit.
TREE = """
    li s1, 3
again:
    li a7, 1
    ecall
    addi s1, s1, -1
    bnez s1, again
    mv a0, s1
    li a7, 2
    ecall
"""

# It writes to five pages, then to ten, and so on to forty, each time over and over.
WRITER = """
    li s1, 5
more:
    li s2, 6
again:
    li t1, 0x3000
    mv t2, s1
page:
    sd zero, 0(t1)
    li t3, 4096
    add t1, t1, t3
    addi t2, t2, -1
    bnez t2, page
    addi s2, s2, -1
    bnez s2, again
    addi s1, s1, 5
    li t4, 40
    ble s1, t4, more
here:
    j here
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail when one would change")
    check = parser.parse_args().check
    FOLDER.mkdir(exist_ok=True)
    stale = []
    for name, picture in pictures():
        path = FOLDER / f"{name}.svg"
        svg = picture.svg(theme="light") + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != svg:
            stale.append(path.name)
            if not check:
                path.write_text(svg, encoding="utf-8")
    print(f"{'would change' if check else 'written'}: {', '.join(stale) or 'none'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
