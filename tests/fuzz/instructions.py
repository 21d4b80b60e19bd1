"""Fuzzes the hart: random instructions in M, S and U mode and as a process, on page tables they may change.

However a program is run (in one go, in small budgets, by single steps, whole blocks or one instruction at a
time, over breakpoints and trap stops, with snapshots, clones and looks in between), it must end in the very
same state.
"""

from __future__ import annotations

import hashlib
import random
import struct
from collections.abc import Callable
from typing import Any

from _harness import Case, main
from _kernels import number, options, sound

import hartlab as hl
from hartlab import _engine

BASE = 0x8000_0000
CODE_PAGES, PAGES = 4, 32  # code, then data, then tables
TABLES = BASE + 24 * 4096
ROWS = list(_engine.instructions())
CSRS = sorted(_engine.csrs().values())
KINDS: dict[str, list[tuple[Any, ...]]] = {}
for row in ROWS:
    KINDS.setdefault(row[4], []).append(row)
V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
# Trap handlers that go on behind the instruction that trapped, or the next halfword.
HANDLERS = BASE + 3 * 4096
HANDLER_CODE = [
    hl.asm(f"csrrw t0, {m}scratch, t0; csrr t0, {m}epc; addi t0, t0, {n}; csrw {m}epc, t0; "
           f"csrrw t0, {m}scratch, t0; {m}ret").ljust(64, b"\0")
    for m in "ms"
    for n in (2, 4)
]  # fmt: skip
CLINT_PLACES = [0x200_0000, 0x200_4000, 0x200_BFF8]


# -- programs -----------------------------------------------------------------------------------------------


def with_offset(word: int, form: str, offset: int) -> int:
    """A branch or jal that goes -64 to 62 bytes far: all bits beyond the sixth are the sign's."""
    if form == "branch":
        sign = 0xFC00_0080 if offset < 0 else 0
        return word & 0x01FF_F07F | (offset & 0x1E) << 7 | (offset & 0x20) << 20 | sign
    return word & 0xFFF | (offset & 0x7FE) << 20 | (0x801F_F000 if offset < 0 else 0)


def instruction(rng: random.Random) -> bytes:
    pick = rng.random()
    if pick < 0.08:
        return struct.pack("<I", rng.getrandbits(32))
    if pick < 0.28:
        return struct.pack(
            "<H", rng.choice([rng.getrandbits(16), rng.getrandbits(14) << 2 | rng.randrange(3)])
        )
    extension = rng.choices(list(KINDS), [8 if kind in "IMAFD" else 5 for kind in KINDS])[0]
    _, match, mask, form, _ = rng.choice(KINDS[extension])
    word = match | rng.getrandbits(32) & ~mask
    if "csr" in form:
        word = word & 0x000F_FFFF | rng.choice([*CSRS, rng.getrandbits(12)]) << 20
    elif form in ("branch", "jump") and rng.random() < 0.8:
        word = with_offset(word, form, rng.randrange(-64, 64) & ~1)
    elif form in ("load", "store") and rng.random() < 0.5:
        word &= 0x01FF_FFFF  # small offsets
    return struct.pack("<I", word & 0xFFFF_FFFF)


def memory_loop(rng: random.Random, places: list[int]) -> bytes:
    """A loop such as compilers make of memset and memcpy, or one that is nearly like it."""
    size, letter = rng.choice([(1, "b"), (2, "h"), (4, "w"), (8, "d")])
    to, source, count, end, value = rng.sample(range(5, 32), 5)
    step = rng.choice([size, size, size, -size, 1, 8])
    begin, turns = rng.choice(places) + rng.choice([0, 0, 1, 4000, 4090]), rng.choice([1, 5, 30, 700, 1500])
    unsigned = rng.choice(["", "u"]) if letter != "d" else ""
    body = [f"s{letter} x{value}, {rng.choice([0, 0, -size, 8])}(x{to})", f"addi x{to}, x{to}, {step}"]
    if rng.random() < 0.6:
        body.insert(0, f"l{letter}{unsigned} x{value}, {rng.choice([0, 0, size])}(x{source})")
        body.append(f"addi x{source}, x{source}, {rng.choice([step, step, step, size])}")
    if rng.random() < 0.5:
        body.append(f"addi{rng.choice(['', 'w'])} x{count}, x{count}, {rng.choice([-1, -1, 1, -2])}")
        test, opposite, sides = "bnez", "beqz", f"x{count}"
    else:
        sides = f"x{to}, x{end}"
        test, opposite = rng.choice([("bne", "beq"), ("bne", "beq"), ("bltu", "bgeu"), ("blt", "bge")])
    if rng.random() < 0.2:
        rng.shuffle(body)
    near = rng.choice([0, 1, 8, 4096, -3, rng.randrange(-3000, 3000)])
    setup = {to: begin, source: begin + near, count: turns, end: begin + turns * step}
    turn = [*body, f"{test} {sides}, loop"]
    if rng.random() < 0.3:  # tested first, as clang does without optimising
        turn = [f"{opposite} {sides}, out", *body, "j loop"]
    if rng.random() < 0.3:  # entered in its middle
        turn.insert(rng.randrange(1, len(turn)), "middle:")
    lines = [
        *(f"li x{register}, {number}" for register, number in setup.items()),
        *(["j middle"] if "middle:" in turn else []),
        "loop:",
        *turn,
        "out:",
    ]
    return hl.asm("\n".join(lines))


def pte(rng: random.Random, target: int) -> int:
    flags = rng.choice([V | R | W | X | U | A | D, V | R | X | A, V | R | W | A | D, V | R | W | X, V | X,
                        V | R | U, rng.getrandbits(8) | V, rng.getrandbits(10)])  # fmt: skip
    high = rng.getrandbits(10) << 54 if rng.random() < 0.03 else 0
    return target >> 12 << 10 | flags | high


def tables(rng: random.Random, write: Callable[[int, bytes], None]) -> list[int]:
    """Two address spaces with superpages and pointers that lead back into tables; their satp values."""
    satps = []
    for space in range(2):
        root = TABLES + space * 3 * 4096
        middle, low = root + 4096, root + 8192
        frames = [BASE + 4096 * rng.randrange(PAGES + 1) for _ in range(40)]
        for va_page, frame in enumerate(frames):
            write(low + 8 * va_page, struct.pack("<Q", pte(rng, frame)))
        write(middle, struct.pack("<Q", low >> 2 | V))
        write(middle + 8, struct.pack("<Q", pte(rng, BASE)))  # 2 MiB at 2 MiB
        write(middle + 16, struct.pack("<Q", rng.choice([low, root, middle]) >> 2 | V))
        write(root, struct.pack("<Q", middle >> 2 | V))
        write(
            root + 16, struct.pack("<Q", BASE >> 2 | rng.choice([0xCF, 0xDF, 0x0F, 0xEF]))
        )  # 1 GiB, identity
        write(root + 8 * 511, struct.pack("<Q", rng.choice([root >> 2 | V, pte(rng, BASE)])))
        satps.append(8 << 60 | rng.choice([0, 0, 1, 2]) << 44 | root >> 12)
    return satps


def pointer(rng: random.Random) -> int:
    place = rng.choice(
        [BASE, BASE, BASE + CODE_PAGES * 4096, TABLES, 0, 0x1000, 0x20_0000, 0x40_0000, 1 << 38]
    )
    return place + rng.choice([rng.randrange(64) * 8, rng.randrange(4096), rng.randrange(PAGES * 4096)])


def prepare(rng: random.Random, machine: _engine.Machine) -> None:
    """Fill a machine with a program."""
    for page in range(CODE_PAGES):
        code = b""
        while len(code) < rng.choice([200, 4096]):
            if rng.random() < 0.02:
                code += memory_loop(
                    rng, [BASE + CODE_PAGES * 4096, BASE + 0x6000, BASE + 64, 0x5000, 0x20_6000]
                )
            code += instruction(rng)
        machine.ram_write(BASE + 4096 * page, code[:4096])
    machine.ram_write(HANDLERS, b"".join(HANDLER_CODE))
    machine.ram_write(BASE + CODE_PAGES * 4096, rng.randbytes(4096))
    satps = tables(rng, machine.ram_write)
    specials = [*satps, *CLINT_PLACES, BASE, BASE + 4096, 0x1000, 0x1_8000_0000_0000_0000 % (1 << 64)]
    for index in range(1, 32):
        pick = rng.random()
        value = pointer(rng) if pick < 0.6 else rng.choice(specials) if pick < 0.8 else number(rng)
        machine.set_x(index, value)
        machine.set_f(index, rng.choice([number(rng), 0xFFFF_FFFF_0000_0000 | rng.getrandbits(32)]))
    csrs = _engine.csrs()
    handlers = [BASE, BASE + 0x400, 0x1000, 0x20_0000, BASE + 4096 * CODE_PAGES, number(rng)]
    for name, value in [
        ("mtvec", rng.choice([HANDLERS, HANDLERS + 64, *handlers[:3]]) | rng.choice([0, 0, 1])),
        ("stvec", rng.choice([HANDLERS + 128, HANDLERS + 192, *handlers]) | rng.choice([0, 0, 1])),
        ("medeleg", rng.choice([0, 0xFFFF, rng.getrandbits(16)])),
        ("mideleg", rng.choice([0, 0xFFFF])),
        ("mie", rng.choice([0, 0xFFFF])),
        ("satp", rng.choice([0, *satps])),
        ("mepc", rng.choice(handlers)),
        ("sepc", rng.choice(handlers)),
        ("mcounteren", rng.getrandbits(3)),
        ("scounteren", rng.getrandbits(3)),
        ("mstatus", rng.getrandbits(23) | rng.choice([0, 1 << 13, 3 << 13])),
    ]:
        machine.write_csr(csrs[name], value)
    machine.privilege = rng.choice([0, 1, 3, 3])
    machine.pc = rng.choice([BASE, BASE, 0x1000, 0x20_0000, BASE + 4096])


# -- ways to run --------------------------------------------------------------------------------------------


def state(m: _engine.Machine | _engine.Kernel) -> dict[str, Any]:
    return {
        "pc": m.pc,
        "privilege": m.privilege,
        "x": m.x(),
        "f": m.f(),
        "retired": m.retired,
        "time": m.time,
        "waiting": m.waiting,
        "registers": m.register_table().tobytes(),
        "counts": m.tlb_counts,
        "tlb": m.tlb_table(True).tobytes(),
        "ram": hashlib.sha256(m.ram_view()).hexdigest(),
    }


Engine = Any
Way = Callable[[random.Random, Engine, int], Engine]
END = ("waiting", "trap_loop", "finished", "idle")


def run_some(engine: Engine, count: int, **flags: bool) -> tuple[str, int]:
    """(reason, instructions)"""
    if isinstance(engine, _engine.Kernel):
        return engine.run(count, 1 << 60, at_trap=bool(flags))[:2]  # type: ignore[no-any-return]
    return engine.run(count, **flags)  # type: ignore[no-any-return]


def go_on(rng: random.Random, engine: Engine, count: int, least: int, most: int) -> str:
    """Run `count` instructions in pieces of `least` to `most`; why it ended."""
    left, reason = count, "budget"
    while left > 0 and reason not in END:
        reason, done = run_some(engine, min(left, rng.randint(least, most)))
        left -= done
    return reason


def one_at_a_time(rng: random.Random, engine: Engine, count: int) -> Engine:
    engine.use_blocks = False
    go_on(rng, engine, count, count, count)
    engine.use_blocks = True
    return engine


def small_budgets(rng: random.Random, engine: Engine, count: int) -> Engine:
    go_on(rng, engine, count, 1, 40)
    return engine


def single_steps(rng: random.Random, engine: Engine, count: int) -> Engine:
    go_on(rng, engine, count, 1, 1)
    return engine


def mixed_steps(rng: random.Random, engine: Engine, count: int) -> Engine:
    left = count
    while left > 0:
        engine.use_blocks = rng.random() < 0.5
        reason, done = run_some(engine, min(left, rng.randint(1, 60)))
        left -= done
        if reason in END:
            break
    engine.use_blocks = True
    return engine


def stops_at_traps(rng: random.Random, engine: Engine, count: int) -> Engine:
    left = count
    while left > 0:
        reason, done = run_some(engine, left, stop_on_trap=True)
        left -= done
        if reason in END:
            break
    return engine


def breakpoints(rng: random.Random, engine: Engine, count: int) -> Engine:
    start = 0 if isinstance(engine, _engine.Kernel) else BASE
    engine.breakpoints = [start + 2 * rng.randrange(200) for _ in range(6)]
    engine.watchpoints = [(rng.choice([start, BASE, 0x1000]) + rng.randrange(9000), 8, True, True)]
    go_on(rng, engine, count, count, count)
    engine.breakpoints, engine.watchpoints = [], []
    return engine


def looks(rng: random.Random, engine: Engine, count: int) -> Engine:
    left = count
    while left > 0:
        engine.register_table()
        engine.tlb_table()
        engine.ram_view()
        engine.walk_page_table(
            (engine.satp & (1 << 44) - 1) << 12, pointer(rng), "store", 0, False, False, True
        )
        engine.capture()
        reason, done = run_some(engine, min(left, rng.randint(1, 500)))
        left -= done
        if reason in END:
            break
    return engine


def snapshots(rng: random.Random, engine: Engine, count: int) -> Engine:
    """Go astray, come back, and go on."""
    left = count
    while left > 0:
        saved = engine.capture()
        go_on(rng, engine, rng.randint(1, 200), 1, 300)
        engine.restore(saved)
        reason, done = run_some(engine, min(left, rng.randint(1, 300)))
        left -= done
        if reason in END:
            break
    return engine


WAYS: list[Way] = [
    one_at_a_time,
    small_budgets,
    single_steps,
    mixed_steps,
    stops_at_traps,
    breakpoints,
    looks,
    snapshots,
]


def compare(case: Case, count: int, engine: Engine, start: Any, twin: Callable[[], Engine]) -> None:
    rng = case.rng
    case.note(f"{count} instructions in one go")
    reason = go_on(rng, engine, count, count, count)
    expected = state(engine)
    case.counts[f"ended by {reason}"] += 1
    for way in rng.sample(WAYS, 4):
        if reason == "trap_loop" and way in (stops_at_traps, breakpoints):
            continue  # a loop that retires nothing goes round once more for each stop in it
        case.note(way.__name__)
        other = twin()
        other.restore(start)
        found = state(way(rng, other, count))
        case.counts[way.__name__] += 1
        wrong = [name for name, value in expected.items() if found[name] != value]
        shown = {
            name: (expected[name], found[name])
            for name in wrong
            if name in ("pc", "retired", "counts", "time")
        }
        case.check(not wrong, f"{way.__name__}: {', '.join(wrong)} differ: {shown}")


def bare(case: Case) -> None:
    rng = case.rng
    sets, ways = 1 << rng.randrange(5), rng.choice([1, 2, 4])
    tlb = (sets, ways, rng.choice(["lru", "fifo", "random"]), rng.getrandbits(32))
    make = (PAGES * 4096, tlb, rng.random() < 0.6, rng.choice([1, 1, 3, 10]))
    case.note("Machine", make)
    machine = _engine.Machine(*make)
    prepare(rng, machine)
    compare(
        case, rng.choice([60, 500, 3000, 8000]), machine, machine.capture(), lambda: _engine.Machine(*make)
    )


def process(case: Case) -> None:
    """As user code under the kernel, with a child for company."""
    rng = case.rng
    chosen = options(rng)
    case.note("Kernel", chosen)
    kernel = hl.Kernel("1MiB", **chosen)
    for _ in range(rng.randint(1, 2)):
        code = b""
        while len(code) < rng.choice([100, 2000, 6000]):
            pick = rng.random()
            if pick < 0.02:
                code += memory_loop(rng, [0x2000, 0x3000, 0x1000, 0])
            if pick < 0.06:
                call = rng.choice([1, 3, 4, 5, 6, 10, 11, 12, 13, 14, 16, 21, rng.getrandbits(5)])
                code += hl.asm(f"li a7, {call}; ecall")
            elif pick < 0.12:
                value = rng.choice([0, 64, 2000, 4096, 8192, rng.getrandbits(13)])
                code += hl.asm(f"li x{rng.randrange(1, 32)}, {value}")
            else:
                code += instruction(rng)
        case.attempt("spawn", (MemoryError,), lambda made=code: kernel.spawn(code=made))
    compare(
        case,
        rng.choice([100, 2000]),
        kernel._engine,
        kernel._engine.capture(),
        lambda: hl.Kernel("1MiB", **{**chosen, "boot": "none"})._engine,
    )
    sound(case, kernel)


def run_case(case: Case) -> None:
    try:
        (process if case.rng.random() < 0.3 else bare)(case)
    except hl.KernelPanic as panic:
        if panic.text != "init exiting":  # without memory for /init, as in xv6
            raise


if __name__ == "__main__":
    main("instructions", run_case)
