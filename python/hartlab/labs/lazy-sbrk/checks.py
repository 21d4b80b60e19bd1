"""Checks of lazy sbrk: which pages come, which stay away, and where the frames go."""

from hartlab import MAXVA, PGSIZE, PTE_R, PTE_U, PTE_V, PTE_W, PageFault, asm
from hartlab.labs import check, expect, programs

APPEARS = "a granted page appears when it is touched"
PERMISSIONS = PTE_V | PTE_R | PTE_W | PTE_U
TOUCHED = (1, 4)


def lazy(kernel, pages=6, touched=()):
    """A process with so many granted pages, some of them touched, and where they begin."""
    process = kernel.spawn(code=programs.SPIN, name="lazy")
    heap = process.sbrk(pages * PGSIZE)
    for page in touched:
        expect.stores(process, heap + page * PGSIZE, b"touched %d" % page)
    return process, heap


def present(process, heap, pages=6):
    """Which of the granted pages are there."""
    entries = process.page_table.entries(first=heap, last=heap + pages * PGSIZE - 1)
    return [(int(va) - heap) // PGSIZE for va in entries["va"]]


@check(APPEARS, points=3, of="vmfault")
def appears(kernel):
    process, heap = lazy(kernel)
    free = kernel.free_pages
    for number, page in enumerate((2, 5)):
        va = heap + page * PGSIZE + 100
        expect.loads(process, va, bytes(8), "a new page is zeroed")
        entry = process.page_table.entries(first=va)[0]
        look = {"pid": process.pid, "va": va, "pte": int(entry["pte"])}
        expect.permissions("the page", entry, PERMISSIONS, pid=process.pid)
        expect.equal("the number of frames taken", free - kernel.free_pages, number + 1, **look)
        expect.stores(process, va, b"to be kept")
    expect.equal("the list of pages that are there", present(process, heap), [2, 5], pid=process.pid, va=heap)


@check("vmfault returns the frame", points=1, of="vmfault", needs=APPEARS)
def returns(kernel):
    process, heap = lazy(kernel)
    kernel.run(300_000)  # until it is the current one
    expect.equal("the current process", kernel.current_pid, process.pid)
    found = kernel.call("vmfault", process.page_table.root, heap + 8, 0)
    entry = process.page_table.entries(first=heap)[0]
    look = {"pid": process.pid, "va": heap, "pte": int(entry["pte"])}
    expect.equal("vmfault", found, int(entry["pa"]), "copyin and copyout use what it returns", **look)


@check(
    "vmfault refuses what was not granted",
    points={"beyond its memory": 2, "the guard page": 1},
    of="vmfault",
    needs=APPEARS,
)
def refuses(kernel, part):
    process, heap = lazy(kernel, 2, touched=[0])
    areas = process.areas()
    guard = int(areas["start"][list(areas["kind"]).index("guard")])
    with part("beyond its memory"):
        refused(kernel, process, heap + 2 * PGSIZE, "the first address behind its memory")
        refused(kernel, process, 0x10_0000_0000, "far away")
        refused(kernel, process, MAXVA, "beyond the address space")
    with part("the guard page"):
        refused(kernel, process, guard, "which is mapped without U")


def refused(kernel, process, va, what):
    free = kernel.free_pages
    try:
        process.store(va, b"x")
    except PageFault:
        expect.equal("the number of free pages", kernel.free_pages, free, pid=process.pid, va=va)
        return
    expect.that(False, f"a store to {va:#x} succeeds: {what}", pid=process.pid, va=va)


@check("vmfault keeps nothing without memory", points=2, of="vmfault", needs=APPEARS)
def no_memory(kernel):
    process, heap = lazy(kernel, 1 << 10)

    def touch(k):
        try:
            k.process(process.pid).store(heap + (1 << 21), b"x")  # needs a page-table page too
        except PageFault:
            return "page fault"
        return "stored"

    expect.survives_failures(kernel, touch, result="page fault")


@check("uvmunmap passes over holes", points=3, of="uvmunmap", instructions=50_000, lines=25_000)
def holes(kernel):
    process, heap = lazy(kernel, 1 << 10, touched=TOUCHED)
    expect.stores(process, heap + (1 << 21), b"behind a large hole")
    free = kernel.free_pages
    process.sbrk(-(1 << 10) * PGSIZE)
    left = present(process, heap, 1 << 10)
    expect.equal("the list of pages that are there still", left, [], pid=process.pid, va=heap)
    expect.equal("the number of frames freed", kernel.free_pages - free, 3, "3 were there", pid=process.pid)


@check(
    "uvmunmap frees only when it shall",
    points=2,
    of="uvmunmap",
    needs="uvmunmap passes over holes",
    visibility="hidden",
)
def frees(kernel):
    process, heap = lazy(kernel, touched=TOUCHED)
    va, root, free = heap + PGSIZE, process.page_table.root, kernel.free_pages
    frame = process.page_table.translate(va)
    kernel.call("uvmunmap", root, va, 1, 0)
    expect.equal("the list of pages that are there", present(process, heap), [4], pid=process.pid, va=va)
    expect.equal("the number of free pages", kernel.free_pages, free, "do_free is 0", pa=frame)
    expect.equal("mappages", kernel.call("mappages", root, va, PGSIZE, frame, PERMISSIONS), 0)
    expect.sound(kernel)
    expect.panic("uvmunmap: not aligned", lambda: kernel.call("uvmunmap", root, va + 8, 1, 1), va=va + 8)


@check("uvmcopy copies what is there", points=3, of="uvmcopy")
def copies(kernel):
    parent, heap = lazy(kernel, touched=TOUCHED)
    child = parent.fork()
    expect.that(child != -1, "fork fails although there is memory", pid=parent.pid)
    expect.equal(
        "the list of pages that the child has", present(child, heap), list(TOUCHED), pid=child.pid, va=heap
    )
    theirs = child.page_table.entries(last=parent.sz - 1)
    for mine, copy in zip(parent.page_table.entries(last=parent.sz - 1), theirs, strict=True):
        look = {"pid": child.pid, "va": int(mine["va"]), "pte": int(copy["pte"])}
        expect.that(mine["pa"] != copy["pa"], "parent and child share the frame", **look)
        expect.permissions("the copy", copy, int(mine["flags"]), pid=child.pid)
    for page in TOUCHED:
        expect.loads(child, heap + page * PGSIZE, b"touched %d" % page, "that is what the parent has there")
    expect.loads(child, heap, bytes(8), "it was granted to the child as well")


@check("uvmcopy undoes what it did", points=2, of="uvmcopy", needs="uvmcopy copies what is there")
def undoes(kernel):
    parent, _ = lazy(kernel, touched=TOUCHED)
    expect.survives_failures(kernel, lambda k: k.process(parent.pid).fork())


# Grows by 1 MiB, touches both ends, forks; the child writes into a hole and gives half back; the parent finds
# zeros in the hole, and what it stored at the end.
SPARSE = asm("""
    li a0, 0x100000; li a7, 12; ecall
    mv s0, a0
    li t0, 0x80000; add s1, s0, t0
    li t0, 0xffff8; add s2, s0, t0
    sd s0, 0(s0); sd s2, 0(s2)
    li a7, 1; ecall
    beqz a0, child
    li a0, 0; li a7, 3; ecall
    ld t0, 0(s1); bnez t0, bad
    ld t0, 0(s2); bne t0, s2, bad
    li a0, 0; li a7, 2; ecall
child:
    sd s1, 0(s1)
    ld t0, 0(s2); bne t0, s2, bad
    li a0, -0x80000; li a7, 12; ecall
    li a0, 0; li a7, 2; ecall
bad:
    li a0, 1; li a7, 2; ecall
""")


ALL = ("vmfault", "uvmunmap", "uvmcopy")
NEEDS = (APPEARS, "uvmunmap passes over holes", "uvmcopy copies what is there")


@check("programs do not notice", points=1, of=ALL, needs=NEEDS, visibility="hidden")
def unnoticed(kernel):
    expect.finishes(kernel, 100_000)
    free = kernel.free_pages
    process = kernel.spawn(code=SPARSE, name="sparse")
    expect.finishes(kernel, 200_000)
    expect.exit_status(process, 0, "its memory is not what it stored, or not zero")
    expect.equal("the number of free pages at the end", kernel.free_pages, free)
