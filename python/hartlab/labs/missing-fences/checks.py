"""Checks of fences: who goes by a translation that the page table no longer has; what a fence has cost."""

from hartlab import PGSIZE, asm
from hartlab.labs import check, expect, programs

SHRINKS = "memory that sbrk has taken back is gone"
GROWS = "memory that growproc has taken back is gone"
NEXT = "the next process starts without translations"
ALL = ("shrinkproc", "growproc", "freeproc")
OLD_SBRK = {"shrink_call": "growproc"}  # sbrk of a negative number calls growproc


def asid_of(kernel, process):
    table = kernel.processes()
    return int(table["asid"][table["pid"] == process.pid][0])


def translations(kernel, asid):
    """The pages of an address space that the TLB translates."""
    entries = kernel.hart.tlb.entries()
    return set(entries["va"][entries["asid"] == asid].tolist())


def run(kernel, code):
    """A program that has run to its end, with every access looked at."""
    kernel.hart.stale_check = True
    process = kernel.spawn(code=code)
    expect.finishes(kernel, 100_000)
    expect.no_stale_use(kernel)
    return process


# Stores into two pages, gives them back, and loads from the second one.
SHRINK = asm("""
    li a0, 8192; li a1, 1; li a7, 12; ecall
    li t0, 4096; add s0, a0, t0; sd s0, 0(s0)
    li a0, -8192; li a7, 12; ecall
    ld t0, 0(s0)
    li a0, 0; li a7, 2; ecall
""")


@check(SHRINKS, points=3, of="shrinkproc")
def shrinks(kernel):
    process = run(kernel, SHRINK)
    expect.exit_status(process, -1, "its last load should have killed it")


@check(GROWS, points=3, of="growproc", kernel=OLD_SBRK)
def grows(kernel):
    process = run(kernel, SHRINK)
    expect.exit_status(process, -1, "its last load should have killed it")


# Stores its first argument on its stack, and exits with what it finds there.
TOUCH = asm("""
    li t0, 42; sd t0, -16(sp)
    ld a0, -16(sp); li a7, 2; ecall
""")


@check(NEXT, points=4, of="freeproc")
def next_process(kernel):
    first = kernel.spawn(code=TOUCH)
    asid = asid_of(kernel, first)
    expect.finishes(kernel, 100_000)
    left = translations(kernel, asid)
    if left:
        what = f"{len(left)} translations of pid {first.pid}, which has ended, are left in the TLB"
        expect.that(False, f"{what}: the next process in its slot has the same identifier", va=min(left))
    second = run(kernel, TOUCH)
    expect.exit_status(second, 42, f"it has the slot and the identifier that pid {first.pid} had")


def spared(kernel, process, before, why):
    lost = sorted(before - translations(kernel, asid_of(kernel, process)))
    if lost:
        pages = f"{len(lost)} of {len(before)} translations"
        expect.that(False, f"pid {process.pid} has lost {pages}: {why}", pid=process.pid, va=lost[0])


def two(kernel):
    """Two processes that have touched three pages each, and which of the second's the TLB translates."""
    mover, other = (kernel.spawn(code=programs.SPIN) for _ in range(2))
    for process in (mover, other):
        heap = process.sbrk(3 * PGSIZE)
        for page in range(3):
            expect.stores(process, heap + page * PGSIZE, b"touched")
    return mover, other, translations(kernel, asid_of(kernel, other))


@check("shrinkproc's fence spares other address spaces", points=2, of="shrinkproc", needs=SHRINKS)
def shrinking_spares(kernel):
    mover, other, before = two(kernel)
    mover.sbrk(-PGSIZE)
    spared(kernel, other, before, f"pid {mover.pid} gave back a page, which is no concern of its")


@check("growproc's fence spares other address spaces", points=1, of="growproc", needs=GROWS, kernel=OLD_SBRK)
def old_shrinking_spares(kernel):
    mover, other, before = two(kernel)
    mover.sbrk(-PGSIZE)
    spared(kernel, other, before, f"pid {mover.pid} gave back a page, which is no concern of its")


@check("growing forgets nothing", points=2, of="growproc", needs=GROWS, visibility="hidden")
def growing_spares(kernel):
    mover, _, _ = two(kernel)
    before = translations(kernel, asid_of(kernel, mover))
    mover.sbrk(2 * PGSIZE)
    spared(kernel, mover, before, "it has got pages, and given back none")


@check(
    "freeproc's fence spares other address spaces", points=2, of="freeproc", needs=NEXT, visibility="hidden"
)
def ending_spares(kernel):
    mover, other, before = two(kernel)
    mover.exit()
    kernel.run(5_000)  # until init has waited for it
    spared(kernel, other, before, f"pid {mover.pid} has ended, which is no concern of its")


@check(
    "no program goes by an old translation",
    points=3,
    of=ALL,
    needs=(SHRINKS, GROWS, NEXT),
    visibility="hidden",
)
def no_program(kernel, rng):
    kernel.hart.stale_check = True
    for _ in range(12):
        kernel.spawn(code=rng.choice((SHRINK, TOUCH)))
        kernel.run(rng.randrange(60))
    expect.finishes(kernel, 200_000)
    expect.no_stale_use(kernel)
