"""Checks of areas: where they are, what they are made of, and what is left when they are gone."""

from hartlab import PGSIZE, PTE_R, PTE_U, PTE_V, PTE_W, TRAPFRAME, asm
from hartlab.labs import check, expect, programs

MADE = "an area is made of zeroed pages"
ORDER = "the list is in the order of addresses"
BACK = "an area is given back whole"


def process_of(kernel):
    return kernel.spawn(code=programs.SPIN, name="areas")


def areas_of(process):
    """(start, pages) of each area, as the engine reads the list."""
    table = process.areas()
    rows = table[table["kind"] == "vma"]
    return [(int(row["start"]), int(row["length"]) // PGSIZE) for row in rows]


def alloc(process, pages):
    """An area of so many pages, which there is room for."""
    start = process.myalloc(pages * PGSIZE)
    expect.that(start != -1, f"myalloc of {pages} page(s) fails although there is room", pid=process.pid)
    return start


@check(MADE, points=3, of="mygrowproc")
def made(kernel):
    process = process_of(kernel)
    start = process.myalloc(PGSIZE + 1)
    where = {"pid": process.pid, "va": max(start, 0)}
    expect.equal("where the first area begins", start, process.sz, "sz is its lowest gap's start", **where)
    entries = process.page_table.entries(first=start, last=start + (1 << 21))
    expect.equal("the number of pages mapped", len(entries), 2, f"{PGSIZE + 1} bytes need so many", **where)
    for entry in entries:
        expect.permissions("a page of an area", entry, PTE_V | PTE_R | PTE_W | PTE_U, pid=process.pid)
    expect.loads(process, start + PGSIZE, bytes(64), "a new page is zeroed")
    expect.sound(kernel)
    expect.equal("the list of areas", areas_of(process), [(start, 2)], "start and pages of each", **where)


@check(ORDER, points=2, of="mygrowproc", needs=MADE)
def ordered(kernel):
    process = process_of(kernel)
    starts = [alloc(process, pages) for pages in (2, 1, 3)]
    process.myfree(starts[1])
    alloc(process, 4)
    expect.sound(kernel)
    again = alloc(process, 1)
    found = [start for start, _ in areas_of(process)]
    expect.equal("the list of starts", found, sorted(found), "in the order of addresses", pid=process.pid)
    expect.that(again in found, "the area in the hole is not in the list", pid=process.pid, va=again)


@check(
    "the lowest gap that is large enough is taken",
    points=4,
    of="mygrowproc",
    needs=ORDER,
    instructions=40_000,
    lines=20_000,
)
def first_fit(kernel, native, rng):
    pid = process_of(kernel).pid
    process_of(native)
    mine, model = kernel.process(pid), native.process(pid)
    done = []
    for _ in range(60):
        taken = areas_of(model)
        if taken and (rng.random() < 0.4 or len(taken) == 9):
            start, pages = rng.choice(taken)
            done.append(f"free {pages}")
            mine.myfree(start)
            model.myfree(start)
            continue
        pages = rng.randrange(1, 7)
        done.append(f"alloc {pages}")
        wanted, found = model.myalloc(pages * PGSIZE), mine.myalloc(pages * PGSIZE)
        history = f"after {', '.join(done[-6:])} (pages)"
        expect.equal("where the area begins", found, wanted, history, pid=pid, va=wanted)


@check(
    "mygrowproc refuses what cannot be",
    points={"a size": 1, "a tenth area": 2},
    of="mygrowproc",
    needs=ORDER,
)
def refuses(kernel, part):
    process = process_of(kernel)
    with part("a size"):
        for n, what in ((0, "no byte"), (TRAPFRAME, "more than there is room for"), (-1, "far too much")):
            expect.equal(f"myalloc({n})", process.myalloc(n), -1, what, pid=process.pid)
    for _ in range(9):
        alloc(process, 1)
    before, free = areas_of(process), kernel.free_pages
    where = {"pid": process.pid}
    with part("a tenth area"):
        expect.equal("the tenth myalloc", process.myalloc(PGSIZE), -1, "vm[] has room for nine", **where)
        expect.equal("the list of areas", areas_of(process), before, "nothing has changed", **where)
        expect.equal("the number of free pages", kernel.free_pages, free, **where)


@check("mygrowproc changes nothing without memory", points=2, of="mygrowproc", needs=MADE)
def no_memory(kernel):
    process = process_of(kernel)
    alloc(process, 1)
    before = areas_of(process)

    def grow(k):
        result = k.process(process.pid).myalloc(3 * PGSIZE)
        same = areas_of(k.process(process.pid)) == before
        return result if result != -1 or same else "there is another area"

    expect.survives_failures(kernel, grow)


@check(BACK, points=3, of="myreduceproc")
def back(kernel):
    process = process_of(kernel)
    starts = [alloc(process, pages) for pages in (2, 3, 1)]
    expect.stores(process, starts[1] + PGSIZE, b"to be lost")
    free = kernel.free_pages
    expect.equal("myfree", process.myfree(starts[1]), 0, pid=process.pid, va=starts[1])
    where = {"pid": process.pid, "va": starts[1]}
    entries = process.page_table.entries(first=starts[1], last=starts[2] - 1)
    expect.equal("the number of its pages that are mapped still", len(entries), 0, **where)
    expect.equal("the number of frames freed", kernel.free_pages - free, 3, **where)
    left = [(starts[0], 2), (starts[2], 1)]
    expect.equal("the list of areas", areas_of(process), left, "start and pages of each", **where)


@check(
    "a slot that was given back is used again", points=1, of="myreduceproc", needs=BACK, visibility="hidden"
)
def again(kernel):
    process = process_of(kernel)
    for _ in range(12):
        expect.equal("myfree", process.myfree(alloc(process, 1)), 0, pid=process.pid)
    expect.equal("the list of areas", areas_of(process), [], pid=process.pid)


@check("myreduceproc refuses what is no area's start", points=1, of="myreduceproc", needs=BACK)
def no_start(kernel):
    process = process_of(kernel)
    start = alloc(process, 3)
    before = areas_of(process)
    for va in (start + PGSIZE, start + 8, start - PGSIZE, 0, 1 << 37):
        where = {"pid": process.pid, "va": va}
        expect.equal(f"myfree({va:#x})", process.myfree(va), -1, "no area begins there", **where)
        expect.equal("the list of areas", areas_of(process), before, "nothing has changed", **where)


# Two areas; stores into both, gives the lower one back, takes a smaller one in its hole, forks; the child's
# copy is its own; in the end the parent touches what it has given back.
HOLES = asm("""
    li a0, 12288; li a7, 23; ecall
    mv s0, a0
    li a0, 4096; li a7, 23; ecall
    mv s1, a0
    sd s0, 8(s0); sd s1, 0(s1)
    mv a0, s0; li a7, 24; ecall
    li a0, 5000; li a7, 23; ecall
    bne a0, s0, bad
    ld t0, 8(s0); bnez t0, bad
    li a7, 1; ecall
    beqz a0, child
    li a0, 0; li a7, 3; ecall
    ld t0, 0(s1); bne t0, s1, bad
    mv a0, s0; li a7, 24; ecall
    sd s0, 0(s0)
    j bad
child:
    sd zero, 0(s1)
    li a0, 0; li a7, 2; ecall
bad:
    li a0, 7; li a7, 2; ecall
""")


@check(
    "programs find their areas",
    points=1,
    of=("mygrowproc", "myreduceproc"),
    needs=(ORDER, BACK),
    visibility="hidden",
)
def programs_find(kernel):
    expect.finishes(kernel, 100_000)
    free = kernel.free_pages
    process = kernel.spawn(code=HOLES, name="holes")
    expect.finishes(kernel, 100_000)
    expect.exit_status(process, -1, "it touches an area that it has given back, and should be killed")
    expect.equal("the number of free pages at the end", kernel.free_pages, free)
