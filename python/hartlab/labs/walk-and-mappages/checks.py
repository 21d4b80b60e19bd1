"""Checks of walk and mappages. Each works on the page table of process 1, whose upper half is empty."""

from hartlab import MAXVA, PGSIZE, PTE2PA, PTE_R, PTE_U, PTE_V, PTE_W, SBRK_LAZY, asm
from hartlab.labs import check, expect, programs

USER = PTE_R | PTE_W | PTE_U
SOMEWHERE = 0x20_0000_0000  # entry 128 of the root: no table is there yet
BOTH = ("walk", "mappages")


def root_of(kernel):
    return kernel.process(1).page_table.root


def entries(kernel, first, pages=1, tables=False):
    """What process 1's table has for some pages, as the engine reads it."""
    return kernel.process(1).page_table.entries(first=first, last=first + pages * PGSIZE - 1, tables=tables)


def frames(kernel):
    """A frame whose neighbours are free too: where a range of frames may begin."""
    return int(kernel.free_list()["pa"].min())


@check("walk finds every page", points=3, of="walk", audit=False, instructions=12_000, lines=4_000)
def finds(kernel, native, rng):
    root = root_of(native)
    for _ in range(24):
        va = rng.randrange(0x10_0000_0000, 0x30_0000_0000, PGSIZE)
        if not len(entries(native, va)):
            expect.equal("mappages", native.call("mappages", root, va, PGSIZE, frames(native), USER), 0)
    kernel.restore(native.snapshot())
    for entry in kernel.process(1).page_table.entries():
        va, wanted = int(entry["va"]), int(entry["pte_address"])
        for address in (va, va + rng.randrange(PGSIZE)):
            found = kernel.call("walk", root, address, 0)
            expect.equal(
                f"walk(root, {address:#x}, 0)",
                found,
                wanted,
                "there is the PTE that the MMU uses",
                pid=1,
                va=va,
                pte=int(entry["pte"]),
            )


@check("walk makes no table unasked", points=2, of="walk", needs="walk finds every page")
def unasked(kernel):
    free = kernel.free_pages
    for va in (SOMEWHERE, 0x4000_0000, 0x20_0000):
        found = kernel.call("walk", root_of(kernel), va, 0)
        expect.equal(f"walk(root, {va:#x}, 0)", found, 0, "a table is missing on the way", pid=1, va=va)
        expect.equal("the number of free pages", kernel.free_pages, free, "alloc is 0", pid=1, va=va)


@check("walk makes the missing tables, empty", points=3, of="walk", needs="walk finds every page")
def makes(kernel, native):
    root = root_of(kernel)
    for va, missing in ((SOMEWHERE, 2), (SOMEWHERE + (1 << 21), 1), (SOMEWHERE + PGSIZE, 0)):
        free = kernel.free_pages
        found, wanted = (k.call("walk", root, va, 1) for k in (kernel, native))
        pointers = entries(kernel, va, tables=True)
        for pointer in pointers:
            look = {"pid": 1, "va": va, "pte": int(pointer["pte"]), "level": int(pointer["level"])}
            expect.that(not pointer["leaf"], "a PTE has R, W or X: it maps a page and is no pointer", **look)
            expect.equal("the flags of a pointer", int(pointer["flags"]), PTE_V, **look)
            table = PTE2PA(int(pointer["pte"]))
            words = [word for word in kernel.process(1).page_table.table(table) if word]
            expect.that(len(words) <= 2, "a new table is not zeroed", pid=1, va=va, pa=table)
        expect.equal("the number of pointers on the way", len(pointers), 2, pid=1, va=va)
        expect.equal("the number of frames taken", free - kernel.free_pages, missing, pid=1, va=va)
        expect.equal(f"walk(root, {va:#x}, 1)", found, wanted, pid=1, va=va)


@check("walk is 0 without memory", points=2, of="walk", needs="walk makes the missing tables, empty")
def without_memory(kernel):
    for failing in (1, 2):
        va = SOMEWHERE + (failing << 30)
        kernel.inject(fail_kalloc=failing)
        found = kernel.call("walk", root_of(kernel), va, 1)
        kernel.inject(fail_kalloc=0)
        expect.equal(f"walk, when allocation {failing} fails,", found, 0, pid=1, va=va)


@check("walk panics at MAXVA", points=1, of="walk", audit=False)
def beyond(kernel):
    expect.panic("walk", lambda: kernel.call("walk", root_of(kernel), MAXVA, 0), va=MAXVA)


@check(
    "mappages maps every page of a range",
    points={"one page": 1, "two tables": 1, "many pages": 1},
    of="mappages",
    audit=False,
)
def maps(kernel, rng, part):
    for name, pages in (("one page", 1), ("two tables", 2), ("many pages", rng.randrange(3, 20))):
        va = SOMEWHERE + (pages << 21) - PGSIZE  # the range crosses into another table
        with part(name):
            maps_a_range(kernel, va, pages, rng.choice([PTE_R | PTE_U, USER]))


def maps_a_range(kernel, va, pages, perm):
    pa = frames(kernel)
    result = kernel.call("mappages", root_of(kernel), va, pages * PGSIZE, pa, perm)
    expect.equal("mappages", result, 0, pid=1, va=va)
    found = entries(kernel, va, pages)
    expect.equal(f"of {pages} pages, the number mapped", len(found), pages, pid=1, va=va)
    for number, entry in enumerate(found):
        look = {"pid": 1, "va": va + number * PGSIZE, "pte": int(entry["pte"])}
        expect.equal("the frame of a page", int(entry["pa"]), pa + number * PGSIZE, **look)
        expect.equal("the flags of its PTE", int(entry["flags"]), perm | PTE_V, **look)
    beyond = len(entries(kernel, va + pages * PGSIZE))
    expect.equal("the number of pages mapped behind the range", beyond, 0, pid=1, va=va + pages * PGSIZE)


@check(
    "mappages counts the mappings",
    points=1,
    of="mappages",
    needs="mappages maps every page of a range",
    audit=False,
)
def counts(kernel):
    pa = frames(kernel)
    for mapping in (1, 2):
        kernel.call("mappages", root_of(kernel), SOMEWHERE + (mapping << 21), 2 * PGSIZE, pa, USER)
        table = kernel.frames()
        for frame in table[(table["pa"] >= pa) & (table["pa"] < pa + 2 * PGSIZE)]:
            found = int(frame["reference_count"])
            expect.equal("the reference count", found, mapping, "so many entries map it", pa=int(frame["pa"]))


@check(
    "mappages maps no page twice",
    points=1,
    of="mappages",
    needs="mappages maps every page of a range",
    audit=False,
)
def remap(kernel):
    va = int(entries(kernel, 0)["va"][0])
    before = int(entries(kernel, va)["pte"][0])
    pa = frames(kernel)
    expect.panic(
        "mappages: remap", lambda: kernel.call("mappages", root_of(kernel), va, PGSIZE, pa, USER), va=va
    )
    expect.equal("the PTE afterwards", int(entries(kernel, va)["pte"][0]), before, pid=1, va=va)


@check(
    "mappages takes back what it did",
    points=2,
    of="mappages",
    needs=("mappages maps every page of a range", "mappages counts the mappings"),
    visibility="hidden",
)
def takes_back(kernel):
    pages = 6
    for failing in (1, 2, 3):
        va = (
            SOMEWHERE + (failing << 30) + (1 << 21) - 3 * PGSIZE
        )  # three pages in one table, three in the next
        kernel.inject(fail_kalloc=failing)
        result = kernel.call("mappages", root_of(kernel), va, pages * PGSIZE, frames(kernel), USER)
        kernel.inject(fail_kalloc=0)
        expect.equal(f"mappages, when allocation {failing} fails,", result, -1, pid=1, va=va)
        left = entries(kernel, va, pages)
        where = {"pid": 1, "va": int(left["va"][0])} if len(left) else {}
        expect.equal("the number of pages that are mapped still", len(left), 0, **where)


# Grows lazily, touches what it got, forks; the child shrinks and exits, the parent waits.
LIFE = asm("""
    li a0, 0x200000; li a1, 2; li a7, 12; ecall
    mv s0, a0
    sd s0, 0(s0)
    li t0, 0x1ff000; add t0, t0, s0; sd s0, 8(t0)
    li a7, 1; ecall
    beqz a0, child
    li a0, 0; li a7, 3; ecall
    ld a0, 0(s0); bne a0, s0, bad
    li a0, 0; li a7, 2; ecall
child:
    sd zero, 0(s0)
    li a0, -0x1ff000; li a7, 12; ecall
    li a0, 0; li a7, 2; ecall
bad:
    li a0, 1; li a7, 2; ecall
""")


@check(
    "a kernel runs on both",
    points=2,
    of=BOTH,
    needs=("walk makes the missing tables, empty", "mappages counts the mappings"),
    visibility="hidden",
)
def runs(kernel):
    expect.finishes(kernel, 100_000)  # init, which is to wait for the others
    free = kernel.free_pages
    process = kernel.spawn(code=LIFE, name="life")
    expect.finishes(kernel, 100_000)
    expect.exit_status(process, 0, "its memory is not what it stored")
    other = kernel.spawn(code=programs.SPIN)
    heap = other.sbrk(3 * PGSIZE, SBRK_LAZY)
    expect.stores(other, heap + PGSIZE - 4, b"across")
    other.kill()
    expect.finishes(kernel, 100_000)
    expect.equal("the number of free pages at the end", kernel.free_pages, free)
