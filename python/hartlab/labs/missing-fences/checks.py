"""Checks of fences: who goes by a translation that the page table no longer has; what a fence has cost."""

from hartlab import PGSIZE, asm
from hartlab.labs import check, expect, programs

SHRINKS = "memory that sbrk has taken back is gone"
REDUCES = "an area that was given back is gone"
PROTECTS = "the parent's stores are faults after fork"
COPIES = "what the kernel copies out is seen"
ALL = ("shrinkproc", "myreduceproc", "uvmcopy", "cowfault")


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


# The same with an area.
REDUCE = asm("""
    li a0, 8192; li a7, 23; ecall
    li t0, 4096; add s0, a0, t0; sd s0, 0(s0)
    li a7, 24; ecall
    ld t0, 0(s0)
    li a0, 0; li a7, 2; ecall
""")


@check(REDUCES, points=3, of="myreduceproc")
def reduces(kernel):
    process = run(kernel, REDUCE)
    expect.exit_status(process, -1, "its last load should have killed it")


# Stores 1, forks, stores 2 and waits. The child exits with what it sees.
FORK = asm("""
    addi s0, sp, -16
    li t0, 1; sd t0, 0(s0)
    li a7, 1; ecall
    beqz a0, child
    li t0, 2; sd t0, 0(s0)
    addi a0, s0, 8; li a7, 3; ecall
    lw a0, 8(s0); li a7, 2; ecall
child:
    ld a0, 0(s0); li a7, 2; ecall
""")


@check(PROTECTS, points=4, of="uvmcopy")
def protects(kernel):
    process = run(kernel, FORK)
    expect.exit_status(process, 1, "the child sees what the parent stored after fork")


# The child loads from a shared page, and has the kernel put the two numbers of a pipe there.
PIPE = asm("""
    addi s0, sp, -16
    sd zero, 0(s0)
    li a7, 1; ecall
    beqz a0, child
    addi a0, s0, 8; li a7, 3; ecall
    lw a0, 8(s0); li a7, 2; ecall
child:
    ld t0, 0(s0)
    mv a0, s0; li a7, 4; ecall
    lw a0, 0(s0); lw t0, 4(s0); slli a0, a0, 4; add a0, a0, t0
    li a7, 2; ecall
""")


@check(COPIES, points=4, of="cowfault")
def copies(kernel):
    process = run(kernel, PIPE)
    expect.exit_status(process, 3 * 16 + 4, "the child does not see what the kernel copied out")


def translations(kernel, process):
    """The pages of a process that the TLB translates."""
    asid = kernel.processes()["asid"][kernel.processes()["pid"] == process.pid][0]
    entries = kernel.hart.tlb.entries()
    return set(entries["va"][entries["asid"] == asid].tolist())


def spared(kernel, process, before, why):
    lost = sorted(before - translations(kernel, process))
    if lost:
        pages = f"{len(lost)} of {len(before)} translations"
        expect.that(False, f"pid {process.pid} has lost {pages}: {why}", pid=process.pid, va=lost[0])


def two(kernel):
    """Two processes, both with an area, and the pages of the second that the TLB translates."""
    mover, other = (kernel.spawn(code=programs.SPIN) for _ in range(2))
    for process in (mover, other):
        heap, area = process.sbrk(3 * PGSIZE), process.myalloc(PGSIZE)
        for va in (heap, heap + PGSIZE, heap + 2 * PGSIZE, area):
            expect.stores(process, va, b"touched")
    return mover, area, other, translations(kernel, other)


@check("shrinkproc's fence spares other address spaces", points=2, of="shrinkproc", needs=SHRINKS)
def shrinking_spares(kernel):
    mover, _, other, before = two(kernel)
    mover.sbrk(-PGSIZE)
    spared(kernel, other, before, f"pid {mover.pid} gave back a page, which is no concern of its")


@check("myreduceproc's fence spares other address spaces", points=1, of="myreduceproc", needs=REDUCES)
def reducing_spares(kernel):
    mover, area, other, before = two(kernel)
    mover.myfree(area)
    spared(kernel, other, before, f"pid {mover.pid} gave back an area, which is no concern of its")


@check("a fence for one page spares the others", points=2, of="cowfault", needs=COPIES)
def spares_pages(kernel):
    parent = kernel.spawn(code=programs.SPIN)
    heap = parent.sbrk(4 * PGSIZE)
    for page in range(4):
        expect.stores(parent, heap + page * PGSIZE, b"parent's")
    child = parent.fork()
    for page in range(4):
        expect.loads(child, heap + page * PGSIZE, b"parent's")
    before = translations(kernel, child) - {heap + PGSIZE}
    expect.equal("cowfault", kernel.call("cowfault", child.page_table.root, heap + PGSIZE + 8), 0)
    spared(kernel, child, before, f"only the page at {heap + PGSIZE:#x} has changed")


@check("no program goes by an old translation", points=1, of=ALL, needs=(SHRINKS, REDUCES, PROTECTS, COPIES))
def no_program(kernel):
    kernel.hart.stale_check = True
    for code in (SHRINK, REDUCE, FORK, PIPE) * 2:
        kernel.spawn(code=code)
    expect.finishes(kernel, 200_000)
    expect.no_stale_use(kernel)
