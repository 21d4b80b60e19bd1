"""More kinds of blocks for the programs of ``privileged_programs``, and programs of all kinds."""

from __future__ import annotations

import random

from hart.privileged_programs import (
    ADUE,
    BASE,
    EVERYTHING,
    LEAVES,
    M64,
    MIDDLE,
    PLACE,
    ROOT,
    TWO_ECALLS,
    UART,
    VA,
    A,
    D,
    Program,
    R,
    U,
    V,
    W,
    X,
    control_registers,
    delegation,
    enter,
    interrupts,
    open_memory,
    paging,
    protection,
    vectors,
    write,
)

PLIC = 0x0C00_0000
UART_SOURCE = 10
ALIAS = 0x4000_0000  # from the program's own mapping, which S-mode has, to that of U-mode
FULL = V | R | W | X | A | D
FILL = (
    f"li t1, {PLACE}; li t0, {TWO_ECALLS}; sd t0, 0(t1); sd t0, 8(t1); li t2, {PLACE + 0xFF8}; sd t0, 0(t2)"
)

# Registers of every level, and some that are not there: odd pmpcfg, hypervisor, vector, debug. (Event
# counters, of which QEMU is told to have none, are absent there.)
NUMBERS = [
    *range(0x001, 0x004), *range(0x100, 0x108), 0x10A, *range(0x140, 0x146), 0x14D, 0x180,
    *range(0x300, 0x307), 0x30A, 0x320, 0x323, 0x33F, *range(0x340, 0x345), 0x34A, 0x3A0, 0x3A1, 0x3A2,
    0x3B0, 0x3BF, 0x600, 0x680, 0x643, 0x008, 0x00F, 0xC20, 0x747, 0x7B0, 0x7B1, 0xB00, 0xB02,
    0xC00, 0xC01, 0xC02, 0xC80, *range(0xF11, 0xF16), 0x5C0, 0x9C0, 0xCC0, 0xFC0,
]  # fmt: skip


def begin(rng: random.Random, medeleg: int = 0, mideleg: int = 0) -> str:
    """No interrupts, all memory for every mode, and what is delegated."""
    return (
        f"{vectors(rng)}; {open_memory()}; csrw mie, zero; {write('menvcfg', ADUE)}; "
        f"{write('medeleg', medeleg)}; {write('mideleg', mideleg)}"
    )


def register_access(program: Program) -> None:
    """A read of any register by any mode, or a write of what it holds: whether that is allowed."""
    rng = program.rng
    number, mode = rng.choice(NUMBERS), rng.choice([0, 1, 1, 3])
    how = rng.choice(
        ["csrr a1, {0}", "csrs {0}, zero", "csrc {0}, zero", "csrsi {0}, 0", "csrrw a1, {0}, a2"]
    )
    if "csrrw" in how and number not in (0x001, 0x002, 0x003, 0x140, 0x340, *range(0xC00, 0xFFF)):
        how = "csrr a1, {0}"
    status = rng.choice([0, 1 << 13, 3 << 13]) | rng.getrandbits(1) << 20
    program.block(
        f"{how.format(hex(number))} in mode {mode}, mstatus {status:#x}",
        f"{begin(rng)}; {write('mstatus', status)}; {write('menvcfg', ADUE | rng.getrandbits(1) << 63)}; "
        f"{write('mcounteren', rng.choice([0, M64 >> 32, rng.getrandbits(32)]))}; "
        f"{write('scounteren', rng.choice([0, M64 >> 32, rng.getrandbits(32)]))}; "
        + enter(mode, f"li a2, 0; {how.format(number)}; li a0, 1"),
    )
    program.tidy("csrw fcsr, zero" if status >> 13 & 3 else "nop")


def _tables(leaf: int, user_code: bool) -> str:
    """Maps the program for S-mode, its alias for U-mode, and the leaf at VA."""
    entries = {
        ROOT + 8 * 2: BASE >> 2 | FULL,
        ROOT + 8 * 3: BASE >> 2 | FULL | (U if user_code else 0),
        ROOT + 8 * 5: MIDDLE >> 2 | V,
        MIDDLE + 8: LEAVES >> 2 | V,
        LEAVES: leaf,
        LEAVES + 8: 0,
    }
    return "; ".join(f"li t1, {at}; li t0, {value}; sd t0, 0(t1)" for at, value in entries.items())


def _paged(program: Program, name: str, mode: int, action: str, leaf: int, before: str = "nop") -> None:
    """A block with translation on, whose traps may be delegated, and then a record of the leaf."""
    rng = program.rng
    medeleg = rng.choice([0, 0xB1FF]) & ~(1 << 9)
    status = rng.getrandbits(2) << 18
    program.block(
        f"{name}, mode {mode}, leaf {leaf:#x}, medeleg {medeleg:#x}, mstatus {status:#x}",
        f"{begin(rng, medeleg=medeleg)}; {_tables(leaf, mode == 0)}; "
        f"{before}; {write('satp', 8 << 60 | rng.getrandbits(8) << 44 | ROOT >> 12)}; sfence.vma; "
        f"{write('mstatus', status)}; {enter(mode, action, 0 if mode else ALIAS)}",
    )
    program.tidy(f"csrw satp, zero; sfence.vma; li t0, {LEAVES}; ld a0, 0(t0); {open_memory()}", logged=True)


def _leaf(rng: random.Random, mode: int) -> int:
    flags = FULL | (U if mode == 0 else 0)
    for _ in range(rng.choice([0, 0, 1, 2])):
        flags ^= 1 << rng.randrange(8)
    return PLACE >> 2 | flags


def delegated_page_fault(program: Program) -> None:
    """An access through a random leaf, whose fault S-mode handles with translation on."""
    rng = program.rng
    mode = rng.choice([0, 1])
    at = VA + rng.choice([0, 8, 0xFF8, 0x1000])
    kind = rng.choice([f"l{size} a0, 0(a1)" for size in ("b", "hu", "w", "d")]
                      + [f"s{size} a0, 0(a1)" for size in "bhwd"] + ["jr a1"])  # fmt: skip
    _paged(program, f"{kind} at {at:#x}", mode, f"li a1, {at}; {kind}", _leaf(rng, mode), FILL)


def across_pages(program: Program) -> None:
    """An access that begins in a page and ends in one that is not there, or in one page across words."""
    rng = program.rng
    mode = rng.choice([0, 1])
    size, letter = rng.choice([(2, "h"), (4, "w"), (8, "d")])
    at = VA + 0x1000 - rng.randrange(1, size) if rng.random() < 0.7 else VA + rng.randrange(0x800)
    kind = rng.choice([f"l{letter} a0, 0(a1)", f"s{letter} a1, 0(a1)"])
    _paged(program, f"{kind} at {at:#x}", mode, f"li a1, {at}; {kind}", _leaf(rng, mode))


def fence(program: Program) -> None:
    """A store to the leaf, a fence that reaches it, and the access again; by S-mode."""
    rng = program.rng
    first, second = (_leaf(rng, 1) | V | A | D for _ in range(2))
    how = rng.choice(["sfence.vma", "sfence.vma a1", "sfence.vma a1, zero"])
    kind = rng.choice(["ld a0, 0(a1)", "sd a0, 0(a1)"])
    action = f"li a1, {VA + 8}; li a2, {LEAVES}; li a3, {second}; {kind}; sd a3, 0(a2); {how}; {kind}"
    _paged(program, f"{kind}, leaf {second:#x} and {how}", 1, action, first)


def protected_walk(program: Program) -> None:
    """A walk of which one table, or the page, is in the range of an entry of physical memory protection."""
    rng = program.rng
    mode = rng.choice([0, 1])
    where = rng.choice([MIDDLE, LEAVES, PLACE])
    rights = rng.choice([0, 1, 3, 4, 5, 7])
    kind = rng.choice(["ld a0, 0(a1)", "sd a0, 0(a1)", "jr a1"])
    leaf = _leaf(rng, mode) | V | A | (D if kind[0] == "s" else 0)  # or QEMU would set the bits all the same
    before = (
        f"{FILL}; csrw pmpcfg0, zero; {write('pmpaddr0', where >> 2 | 0x1FF)}; "
        f"{write('pmpaddr1', EVERYTHING)}; {write('pmpcfg0', 0x1F << 8 | 0x18 | rights)}"
    )
    _paged(program, f"{kind} with {rights} at {where:#x}", mode, f"li a1, {VA}; {kind}", leaf, before)


def _word(address: int, value: int) -> str:
    """A store of 32 bits."""
    return f"li t1, {address}; li t0, {value}; sw t0, 0(t1)"


def external(program: Program) -> None:
    """The serial port's interrupt through the controller: contexts, priority and threshold."""
    rng = program.rng
    mode = rng.choice([0, 1, 3])
    priority, thresholds = rng.randrange(4), [rng.randrange(4) for _ in range(2)]
    enables = rng.choice([[1, 0], [0, 1], [1, 1], [0, 0]])
    delegated = rng.choice([0, 0x222])
    asks, for_a_moment = rng.getrandbits(1), rng.getrandbits(1)
    # Of two interrupts for the same mode, QEMU takes the other one first.
    enabled = rng.choice([0, 0x200, 0x800, 0xA00 if delegated else 0x800])
    status = rng.getrandbits(1) << 1 | rng.getrandbits(1) << 7
    setup = [_word(PLIC + 4 * UART_SOURCE, priority)]
    for context in range(2):
        setup.append(_word(PLIC + 0x2000 + 0x80 * context, enables[context] << UART_SOURCE))
        setup.append(_word(PLIC + 0x20_0000 + 0x1000 * context, thresholds[context]))
    # Of the threshold of a claim QEMU has its own view [plic 7]: it is 0 then.
    claims = [
        f"li t1, {PLIC + 0x20_0000 + 0x1000 * n}; sw zero, 0(t1); lw a0, 4(t1); sw a0, 4(t1)"
        for n in range(2)
    ]
    drain = f"{_word(PLIC + 0x2000, 1 << UART_SOURCE)}; {_word(PLIC + 4 * UART_SOURCE, 1)}; {claims[0]}"
    program.block(
        f"uart {asks}{' for a moment' if for_a_moment else ''}, priority {priority}, "
        f"thresholds {thresholds}, contexts {enables}, mie {enabled:#x}, "
        f"delegated {delegated:#x}, mode {mode}, mstatus {status:#x}",
        f"{begin(rng, mideleg=delegated)}; {write('mstatus', status)}; csrw mip, zero; {'; '.join(setup)}; "
        f"li t1, {UART + 1}; li t0, {2 * asks}; sb t0, 0(t1); {'sb zero, 0(t1)' if for_a_moment else 'nop'}; "
        f"{write('mie', enabled)}; " + enter(mode, "nop; csrr zero, cycle" if mode == 3 else "nop"),
    )
    program.tidy(f"csrw mie, zero; {rng.choice(claims)}", logged=True)
    program.tidy(f"li t1, {UART + 1}; sb zero, 0(t1); {drain}")


def supervisor_timer(program: Program) -> None:
    """stimecmp that is due or not, with Sstc on or off, pending or taken, in any mode."""
    rng = program.rng
    mode, stce, due = rng.choice([0, 1, 3]), rng.getrandbits(1), rng.getrandbits(1)
    delegated, enabled, software = (rng.choice([0, 0x20]) for _ in range(3))
    status = rng.getrandbits(1) << 1 | rng.getrandbits(1) << 7
    program.block(
        f"stimecmp {'due' if due else 'later'}, STCE {stce}, mip {software:#x}, mie {enabled:#x}, delegated "
        f"{delegated:#x}, mode {mode}, mstatus {status:#x}",
        f"{begin(rng, mideleg=delegated)}; {write('mstatus', status)}; {write('mip', software)}; "
        f"{write('menvcfg', ADUE | stce << 63)}; {write('stimecmp', 0 if due else M64) if stce else 'nop'}; "
        f"{write('mie', enabled)}; " + enter(mode, "nop; csrr zero, cycle" if mode == 3 else "nop"),
    )
    program.tidy(f"csrw mie, zero; {write('stimecmp', M64)}; {write('menvcfg', ADUE)}; csrw mip, zero")


def waiting(program: Program) -> None:
    """wfi with an interrupt that is pending: it goes on, by a trap or without."""
    rng = program.rng
    mode, tw = rng.choice([0, 1, 3]), rng.getrandbits(1)
    bit = rng.choice([0x002, 0x020, 0x200])
    delegated = rng.choice([0, bit])
    status = rng.getrandbits(1) << 1 | rng.getrandbits(1) << 7 | tw << 21
    program.block(
        f"wfi in mode {mode}, pending {bit:#x}, delegated {delegated:#x}, mstatus {status:#x}",
        f"{begin(rng, mideleg=delegated)}; {write('mstatus', status)}; {write('mip', bit)}; "
        f"{write('mie', bit)}; " + enter(mode, "wfi; li a0, 1; nop"),
    )
    program.tidy("csrw mie, zero; csrw mip, zero")


KINDS = (
    control_registers,
    delegation,
    interrupts,
    paging,
    protection,
    register_access,
    delegated_page_fault,
    across_pages,
    fence,
    protected_walk,
    external,
    supervisor_timer,
    waiting,
)


def random_program(seed: int, blocks: int) -> Program:
    """A program of so many blocks of all kinds."""
    program = Program(seed)
    for _ in range(blocks):
        program.rng.choice(KINDS)(program)
    return program
