"""Checks of exec's stack: the pages, and what lies on them when main begins."""

from hartlab import PGSIZE, PTE_R, PTE_U, PTE_V, PTE_W, asm
from hartlab.labs import check, expect, programs

LIES = "the stack lies above a guard page"
FINDS = "main's arguments are on the stack"
ALIGNED = "everything begins at a multiple of 16"
MOST = PGSIZE - 2 * 8 - 1  # characters of a single argument: there are the array, and the zero byte
ARGS = ["program", "sixteen letters.", "", "x" * 31]  # argv[4], the null, lies right below a string


def execute(kernel, size=PGSIZE, args=("program",)):
    """A process that has just executed a program of that size."""
    process = kernel.spawn(code=programs.SPIN)
    kernel.files["program"] = programs.elf(programs.SPIN, size)
    found = process.exec("/program", list(args))
    what = f"exec of a program of {size} bytes with {len(args)} argument(s)"
    expect.equal(what, found, len(args), kernel.why, pid=process.pid)
    return process


def check_pages(process, end, pages):
    """A guard page at `end`, and then so many pages of stack."""
    expect.equal("the size of the process", process.sz, end + (pages + 1) * PGSIZE, pid=process.pid)
    entries = process.page_table.entries(first=end, last=process.sz - 1)
    expect.equal("the number of pages above the program", len(entries), pages + 1, pid=process.pid, va=end)
    for number, entry in enumerate(entries):
        what = "a page of the stack" if number else "the guard page"
        wanted = PTE_V | PTE_R | PTE_W | (PTE_U if number else 0)
        expect.permissions(what, entry, wanted, pid=process.pid)


@check(LIES, points=3, of="uvmstack")
def lies(kernel):
    check_pages(execute(kernel), PGSIZE, 1)


@check("the guard page begins at a page", points=2, of="uvmstack", needs=LIES)
def rounded(kernel):
    for size in (5, PGSIZE + 1, 2 * PGSIZE - 1):
        process = execute(kernel, size)
        end = (size + PGSIZE - 1) // PGSIZE * PGSIZE
        check_pages(process, end, 1)
        expect.loads(process, 0, programs.SPIN, "the program itself is the user's")


@check(
    "the stack may have several pages",
    points=1,
    of="uvmstack",
    needs=LIES,
    kernel={"stack_pages": 3},
    visibility="hidden",
)
def several(kernel):
    check_pages(execute(kernel), PGSIZE, 3)


@check("uvmstack is 0 without memory", points=2, of="uvmstack", needs=LIES)
def no_memory(kernel):
    process = execute(kernel)
    expect.survives_failures(kernel, lambda k: k.process(process.pid).exec("/program", ["program"]))


def string(process, va):
    """The string there, as C reads it."""
    expect.that(va < process.sz, f"argv points to {va:#x}, which is not on the stack", pid=process.pid, va=va)
    return process.load(va, process.sz - va).split(b"\0")[0].decode()


def argv_of(process, count):
    """argv[0] to argv[count], from where a1 says that they are."""
    a1 = process.registers.a1
    expect.equal(
        "a1, main's argv,", a1, process.registers.sp, "nothing lies below the array", pid=process.pid
    )
    return [process.load_int(a1 + 8 * i) for i in range(count + 1)]


@check(FINDS, points=4, of="pushargv")
def finds(kernel):
    for args in (["program"], ARGS, [f"{i}" * i for i in range(20)], []):
        process = execute(kernel, args=args)
        *strings, null = argv_of(process, len(args))
        array = process.registers.a1
        expect.equal(f"argv[{len(args)}]", null, 0, "the array ends with a null", pid=process.pid, va=array)
        for number, (va, wanted) in enumerate(zip(strings, args, strict=True)):
            expect.equal(f"argv[{number}]", string(process, va), wanted, pid=process.pid, va=va)


@check(ALIGNED, points=2, of="pushargv", needs=FINDS)
def aligned(kernel):
    process = execute(kernel, args=ARGS)
    *strings, _ = argv_of(process, len(ARGS))
    for what, va in [("sp", process.registers.sp), *((f"argv[{i}]", va) for i, va in enumerate(strings))]:
        expect.that(va % 16 == 0, f"{what} is {va:#x}, no multiple of 16", pid=process.pid, va=va)


@check("nothing is wasted", points=1, of="pushargv", needs=ALIGNED, visibility="hidden")
def tight(kernel, native, rng):
    args = ["x" * rng.randrange(40) for _ in range(rng.randrange(1, 9))]
    mine, other = execute(kernel, args=args), execute(native, args=args)
    expect.equal("sp", mine.registers.sp, other.registers.sp, "as close as 16 allows", pid=mine.pid)


TOO_MUCH = {"a string": [["y" * (MOST + 1)]], "several strings": [["x" * 3000, "y" * 1100], ["z" * 2500] * 4]}
TOO_MUCH["the array"] = [["w" * 200] * 20]


@check("what does not fit is refused", points=dict.fromkeys(TOO_MUCH, 1), of="pushargv", needs=FINDS)
def refused(kernel, part):
    execute(kernel, args=["y" * MOST])
    process = execute(kernel)
    before = process.sz, process.page_table.root
    for name, cases in TOO_MUCH.items():
        with part(name):
            for args in cases:
                found = process.exec("/program", args)
                what = f"exec with {len(args)} argument(s) of {len(args[0])} characters"
                expect.equal(what, found, -1, "they do not fit into a page", pid=process.pid)
                now = process.sz, process.page_table.root
                expect.equal("size and page table", now, before, pid=process.pid)


# Exits with argc when argv[1] is "ok" and argv[argc] is null; given nothing, runs over its stack.
MAIN = asm("""
    li t0, 2; bne a0, t0, over
    ld t1, 8(a1); lw t1, 0(t1); li t2, 0x6b6f; bne t1, t2, bad
    ld t1, 16(a1); bnez t1, bad
    li a7, 2; ecall
over:
    addi sp, sp, -64; sd zero, 0(sp); j over
bad:
    li a0, -7; li a7, 2; ecall
""")


@check("main finds its stack", points=2, of=("uvmstack", "pushargv"), needs=(LIES, FINDS))
def main(kernel):
    kernel.files["program"] = programs.elf(MAIN, 0x2345)
    given, greedy = kernel.spawn("/program", ["program", "ok"]), kernel.spawn("/program", ["program"])
    guard = greedy.sz - 2 * PGSIZE
    expect.finishes(kernel, 400_000)
    expect.exit_status(given, 2, "its arguments are not what they should be")
    expect.exit_status(greedy, -1, "it runs over its stack, into the guard page")
    expect.that("store page fault" in greedy.killed_by, f"it was killed by {greedy.killed_by}", va=guard)
