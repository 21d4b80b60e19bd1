"""Checks of copy-on-write fork: who maps which frame, with which flags, and how often."""

from hartlab import MAXVA, PGSIZE, PTE_W, SBRK_LAZY, asm
from hartlab.labs import check, expect, programs

ALL = ("uvmcopy", "cowfault", "copyout", "uvmunmap")
SHARES = "parent and child share every frame"
COPIES = "a store gets a copy of its own"


def parent_of(kernel):
    """A process with three pages that it has written to, two that are absent, and one that is read-only."""
    parent = kernel.spawn(code=programs.SPIN, name="parent")
    heap = parent.sbrk(3 * PGSIZE)
    parent.sbrk(3 * PGSIZE, SBRK_LAZY)
    for page in range(3):
        expect.stores(parent, heap + page * PGSIZE, b"parent's")
    expect.stores(parent, heap + 5 * PGSIZE, b"read-only")
    entry = parent.page_table.entries(first=heap + 5 * PGSIZE)[0]
    kernel.memory.store(int(entry["pte_address"]), int(entry["pte"]) & ~PTE_W)
    return parent, heap


def child_of(parent):
    child = parent.fork()
    expect.that(child != -1, "fork fails although there is memory", pid=parent.pid)
    return child


def pages_of(process):
    """Entry by address of the user's pages, the guard page apart."""
    entries = process.page_table.entries(last=process.sz - 1)
    return {int(entry["va"]): entry for entry in entries if entry["U"]}


def frame_at(process, va):
    return int(process.page_table.entries(first=va)[0]["pa"])


@check(SHARES, points=2, of="uvmcopy", audit=False)  # the next check sees who can write to them
def shares(kernel):
    parent, _ = parent_of(kernel)
    before = pages_of(parent)
    child = child_of(parent)
    theirs = pages_of(child)
    for va, entry in before.items():
        expect.that(va in theirs, "a page of the parent's is not there in the child", pid=child.pid, va=va)
        look = {"pid": child.pid, "va": va, "pte": int(theirs[va]["pte"])}
        expect.equal(
            "the child's frame", int(theirs[va]["pa"]), int(entry["pa"]), "it is the parent's", **look
        )
    for va in theirs:
        expect.that(va in before, "the child has a page that is absent in the parent", pid=child.pid, va=va)


@check("shared pages are read-only, and marked", points=2, of="uvmcopy", needs=SHARES)
def marked(kernel):
    parent, _ = parent_of(kernel)
    writable = {va: bool(entry["W"]) for va, entry in pages_of(parent).items()}
    child = child_of(parent)
    for process in (parent, child):
        for va, entry in pages_of(process).items():
            look = {"pid": process.pid, "va": va, "pte": int(entry["pte"])}
            expect.that(
                not entry["W"], f"the {process_name(process, parent)} can write to a shared page", **look
            )
            if writable[va]:
                expect.that(entry["cow"], "a page that was writable has no PTE_COW", **look)
            else:
                expect.that(not entry["cow"], "a page that was read-only before fork has PTE_COW", **look)


def process_name(process, parent):
    return "parent" if process == parent else "child"


@check("uvmcopy undoes what it did", points=3, of="uvmcopy", needs=SHARES)
def undoes(kernel):
    parent, _ = parent_of(kernel)
    before = pages_of(parent)

    def fork(k):
        result = k.process(parent.pid).fork()
        for va, entry in pages_of(k.process(parent.pid)).items():
            if result == -1 and entry["pte"] != before[va]["pte"]:
                return f"{va:#x} of the parent has changed"
        return result

    expect.survives_failures(kernel, fork)


@check(COPIES, points=3, of="cowfault")
def copies(kernel):
    parent, heap = parent_of(kernel)
    child = child_of(parent)
    for writer, other in ((child, parent), (parent, child)):
        va = heap + (PGSIZE if writer == parent else 0)
        shared = frame_at(writer, va)
        expect.stores(writer, va + 8, b"mine")
        entry = writer.page_table.entries(first=va)[0]
        look = {"pid": writer.pid, "va": va, "pte": int(entry["pte"])}
        expect.that(int(entry["pa"]) != shared, "the writer has no frame of its own", **look)
        expect.that(entry["W"] and not entry["cow"], "the copy has no W, or still PTE_COW", **look)
        expect.equal("the other's frame", frame_at(other, va), shared, pid=other.pid, va=va)
        expect.loads(other, va, b"parent's" + bytes(4), "it has not stored there")
        expect.loads(writer, va, b"parent's" + b"mine", "a copy has all of the page")
        expect.sound(kernel)


@check("the last owner keeps the frame", points=1, of="cowfault", needs=COPIES)
def last_owner(kernel, budget):
    parent, heap = parent_of(kernel)
    child = child_of(parent)
    shared = frame_at(parent, heap)
    expect.stores(child, heap, b"child's")
    with budget("a store to a page that nobody else has any more", frames=0):
        expect.stores(parent, heap, b"again")
    look = {"pid": parent.pid, "va": heap, "pa": shared}
    expect.equal("the frame", frame_at(parent, heap), shared, "nobody else has it any more", **look)


@check("cowfault refuses what fork did not share", points=1, of="cowfault", needs=COPIES, visibility="hidden")
def refuses(kernel):
    parent, heap = parent_of(kernel)
    child = child_of(parent)
    root = child.page_table.root
    guard = int(child.areas()["start"][list(child.areas()["kind"]).index("guard")])
    for va, what in (
        (heap + 5 * PGSIZE, "a read-only page"),
        (heap + 4 * PGSIZE, "an absent page"),
        (guard, "the guard page"),
        (0x10_0000_0000, "no page table there"),
        (MAXVA, "beyond the address space"),
    ):
        free = kernel.free_pages
        expect.equal(
            f"cowfault at {va:#x}", kernel.call("cowfault", root, va), -1, what, pid=child.pid, va=va
        )
        expect.equal("the number of free pages", kernel.free_pages, free, pid=child.pid, va=va)


@check("cowfault is -1 without memory", points=1, of="cowfault", needs=COPIES)
def no_memory(kernel):
    parent, heap = parent_of(kernel)
    child = child_of(parent)
    before = int(child.page_table.entries(first=heap)["pte"][0])
    kernel.inject(fail_kalloc=1)
    result = kernel.call("cowfault", child.page_table.root, heap)
    kernel.inject(fail_kalloc=0)
    now = int(child.page_table.entries(first=heap)["pte"][0])
    expect.equal("cowfault", result, -1, pid=child.pid, va=heap, pte=now)
    expect.equal("the PTE afterwards", now, before, pid=child.pid, va=heap, pte=now)


@check("copyout writes to a copy", points={"the child": 1, "the parent": 2}, of="copyout")
def copyout(kernel, part):
    parent, heap = parent_of(kernel)
    child = child_of(parent)
    source = kernel.call("kalloc")  # full of 0x05
    va = heap + PGSIZE - 3
    result = kernel.call("copyout", child.page_table.root, va, source, 6)
    kernel.call("kfree", source)
    with part("the child"):
        expect.equal("copyout", result, 0, pid=child.pid, va=va)
        expect.loads(child, va, b"\x05" * 6, "that was copied, across two pages")
    with part("the parent"):
        expect.loads(parent, va, b"\0\0\0par", "the parent's page is not the child's to change")
        for page in (heap, heap + PGSIZE):
            entry = child.page_table.entries(first=page)[0]
            look = {"pid": child.pid, "va": page, "pte": int(entry["pte"])}
            shared = int(entry["pa"]) == frame_at(parent, page)
            expect.that(not shared, "the frame is still the parent's too", **look)


@check(
    "copyout refuses what the user may not write",
    points=1,
    of="copyout",
    needs="copyout writes to a copy",
    visibility="hidden",
)
def copyout_refuses(kernel):
    parent, heap = parent_of(kernel)
    source = kernel.call("kalloc")
    for va in (heap + 5 * PGSIZE, MAXVA - 1, MAXVA):
        result = kernel.call("copyout", parent.page_table.root, va, source, 8)
        expect.equal(f"copyout to {va:#x}", result, -1, pid=parent.pid, va=va)
    kernel.call("kfree", source)
    expect.loads(parent, heap + 5 * PGSIZE, b"read-only")


@check("a frame is freed by its last owner", points=2, of="uvmunmap")
def freed(kernel):
    expect.finishes(kernel, 100_000)
    free = kernel.free_pages
    parent, heap = parent_of(kernel)
    shared = frame_at(parent, heap)
    family = [parent, child_of(parent)]
    family.append(child_of(family[1]))
    expect.stores(family[2], heap, b"its own")
    for number, process in enumerate(family):
        process.exit()
        kernel.run(400_000, max_work=400_000)  # until init has waited for it
        for other in family[number + 1 :]:
            why = f"with pid {process.pid}, pid {other.pid} has died: {other.killed_by}"
            expect.that(other.alive, why, pa=shared, pid=other.pid)
        listed = shared in kernel.free_list()["pa"]
        expect.equal("whether the frame is free", bool(listed), number >= 1, pa=shared, pid=process.pid)
        expect.sound(kernel)
    expect.finishes(kernel, 200_000)
    expect.equal("the number of free pages at the end", kernel.free_pages, free)


# Each of four generations counts in a word that it shares with its parent, waits for its child, and exits
# with what it has counted: a parent's word is still its own.
TREE = asm("""
    li a0, 8192; li a1, 1; li a7, 12; ecall
    mv s0, a0
    li t0, 4096; add s2, s0, t0
generation:
    ld s1, 0(s0); addi s1, s1, 1; sd s1, 0(s0)
    li t1, 4; beq s1, t1, done
    li a7, 1; ecall
    beqz a0, generation
    mv a0, s2; li a7, 3; ecall
    lw t0, 0(s2); addi t1, s1, 1; bne t0, t1, bad
done:
    ld a0, 0(s0); bne a0, s1, bad
    li a7, 2; ecall
bad:
    li a0, -7; li a7, 2; ecall
""")


@check(
    "programs do not notice",
    points=1,
    of=ALL,
    needs=(SHARES, COPIES, "copyout writes to a copy"),
    visibility="hidden",
)
def unnoticed(kernel):
    expect.finishes(kernel, 100_000)
    free = kernel.free_pages
    process = kernel.spawn(code=TREE, name="tree")
    expect.finishes(kernel, 400_000)
    expect.exit_status(process, 1, "a process sees what its parent or child stored")
    expect.equal("the number of free pages at the end", kernel.free_pages, free)
