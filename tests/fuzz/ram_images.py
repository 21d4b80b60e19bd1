"""Fuzzes a whole board: RAM full of random code, tables and data, executed beside every device.

However the run is divided (pieces, saves and restores, on a clone), block-wise or an instruction at a time,
all harts, RAM, devices and the console end in the very same state.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from typing import Any

from _boards import BASE, FROMHOST, REGISTERS, TOHOST, options, same
from _harness import Case, main
from _kernels import number
from instructions import HANDLER_CODE, instruction, memory_loop, pte

import hartlab as hl

PAGES = 64  # that are filled: code, then tables and data
HANDLERS, TABLES = BASE + 40 * 4096, BASE + 44 * 4096
ENDS = ("waiting", "trap_loop", "power_off", "reset")
DEVICES = [base + register for base, registers, _ in REGISTERS.values() for register in registers]
Way = Callable[[Case, hl.Machine, int], hl.Machine]


def driver(rng: random.Random) -> bytes:
    """A few instructions that use a device."""
    at = rng.choice(DEVICES)
    register, other = rng.sample(range(5, 32), 2)
    size = rng.choice("wwwbhd")
    value = rng.choice([0, 1, 2, 7, 0x80, number(rng, 32), BASE + 4096 * rng.randrange(PAGES)])
    access = rng.choice([f"l{size} x{other}, 0(x{register})", f"s{size} x{other}, 0(x{register})"])
    return hl.asm(f"li x{register}, {at}; li x{other}, {value}; {access}")


def control(rng: random.Random) -> bytes:
    """A write to a register that makes interrupts, protection or translation happen."""
    name, value = rng.choice(
        [
            ("mstatus", rng.getrandbits(23)),
            ("mie", rng.getrandbits(12)),
            ("mip", rng.getrandbits(12)),
            ("mideleg", 0x222),
            ("medeleg", rng.getrandbits(16)),
            ("menvcfg", rng.getrandbits(3) << 61),
            ("stimecmp", rng.getrandbits(12)),
            ("pmpcfg0", rng.getrandbits(64) & 0x7F7F_7F7F_7F7F_7F7F),
            ("pmpaddr0", (1 << 54) - 1),
            ("pmpaddr1", BASE >> 2 | rng.getrandbits(16)),
            ("satp", 8 << 60 | TABLES >> 12),
        ]
    )
    return hl.asm(f"li t0, {value}; csrw {name}, t0")


def image(rng: random.Random) -> bytes:
    ram = bytearray(rng.randbytes(4096 * PAGES))
    for page in range(40):
        if rng.random() < 0.15:
            continue  # it stays noise
        code = b""
        while len(code) < 4096:
            pick = rng.random()
            if pick < 0.10:
                code += driver(rng)
            elif pick < 0.14:
                code += control(rng)
            elif pick < 0.15:
                code += memory_loop(rng, [BASE + 0x30_000, BASE + 0x1000, *DEVICES[:3]])
            else:
                code += instruction(rng)
        ram[4096 * page : 4096 * page + 4096] = code[:4096]
    handlers = b"".join(HANDLER_CODE)
    ram[HANDLERS - BASE : HANDLERS - BASE + len(handlers)] = handlers
    entries = [pte(rng, BASE + 4096 * rng.randrange(PAGES)) for _ in range(512)]
    entries[2] = BASE >> 2 | rng.choice([0xCF, 0xDF, 0x0F])
    entries[0] = rng.choice([0x0, 0x1000_0000]) >> 2 | rng.choice([0xC7, 0xD7])  # devices
    ram[TABLES - BASE : TABLES - BASE + 4096] = struct.pack("<512Q", *entries)
    return bytes(ram)


def prepare(rng: random.Random, machine: hl.Machine) -> None:
    engine = machine._engine
    engine.set_htif(TOHOST, FROMHOST)
    csrs = hl._engine.csrs()
    for n in range(engine.hart_count):
        hart = engine.one_hart(n)
        for register in range(1, 32):
            places = [rng.choice(DEVICES), BASE + rng.randrange(4096 * PAGES), number(rng)]
            hart.set_x(register, rng.choice(places))
        for name, value in [
            ("mtvec", HANDLERS | rng.choice([0, 0, 1])),
            ("stvec", HANDLERS + 128 | rng.choice([0, 0, 1])),
            ("mepc", BASE + 2 * rng.randrange(80_000)),
            ("sepc", BASE + 2 * rng.randrange(80_000)),
            ("mcounteren", 7),
            ("mstatus", 3 << 13 | rng.getrandbits(8)),
        ]:
            hart.write_csr(csrs[name], value)
        hart.pc = BASE + 2 * rng.randrange(80_000) if rng.random() < 0.8 else BASE


def go_on(machine: hl.Machine, count: int, piece: Callable[[], int]) -> str:
    left, reason = count, "budget"
    while left > 0 and reason not in ENDS:
        reason, done = machine._engine.run(min(left, piece()))
        left -= done
    return reason


def in_pieces(case: Case, machine: hl.Machine, count: int) -> hl.Machine:
    go_on(machine, count, lambda: case.rng.randint(1, 60))
    return machine


def one_at_a_time(case: Case, machine: hl.Machine, count: int) -> hl.Machine:
    for n in range(machine._engine.hart_count):
        machine._engine.one_hart(n).use_blocks = machine._engine.one_hart(n).use_idle_loops = False
    go_on(machine, count, lambda: count)
    return machine


def with_saves(case: Case, machine: hl.Machine, count: int) -> hl.Machine:
    """Go astray, come back, and go on; now and then on a clone."""
    left, reason = count, "budget"
    while left > 0 and reason not in ENDS:
        saved = machine.snapshot()
        go_on(machine, case.rng.randint(1, 300), lambda: 200)
        machine.restore(saved)
        if case.rng.random() < 0.3:
            machine = machine.clone()
        reason, done = machine._engine.run(min(left, case.rng.randint(1, 400)))
        left -= done
    return machine


def on_given_turns(case: Case, machine: hl.Machine, count: int) -> hl.Machine:
    """The turns that the seed made, given by hand: the present one is as long as it would have been."""
    if len(machine.harts) == 1:
        return in_pieces(case, machine, count)
    seeds = machine.clone()
    go_on(seeds, count, lambda: count)
    machine.reschedule(seeds.schedule, seed=case.rng.getrandbits(16))
    go_on(machine, count, lambda: count)
    return machine


WAYS: list[Way] = [in_pieces, one_at_a_time, with_saves, on_given_turns]


def run_case(case: Case) -> None:
    rng = case.rng
    chosen: dict[str, Any] = options(rng)
    for option, share in (("pmp", 0.5), ("hardware_ad", 0.7), ("hardware_misaligned", 0.7)):
        chosen[option] = rng.random() < share
    case.note({k: v for k, v in chosen.items() if k != "disk"})
    machine = hl.Machine(kernel=image(rng), **chosen)
    prepare(rng, machine)
    if rng.random() < 0.5:
        machine.console.send(rng.randbytes(40))
    start, count = machine.snapshot(), rng.choice([100, 2000, 20_000])
    case.note(f"{count} instructions in one go")
    reason = go_on(machine, count, lambda: count)
    case.counts[f"ended by {reason}"] += 1
    for way in WAYS:
        case.note(way.__name__)
        same(case, machine, way(case, machine.clone(start), count), way.__name__)
        case.counts[way.__name__] += 1


if __name__ == "__main__":
    main("ram_images", run_case)
