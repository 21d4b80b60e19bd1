"""Corrupts page tables: loops, tables outside RAM and in the kernel's data, superpages, every bit.

Under a kernel, whose processes go on with theirs, and on a bare machine, where what the software walk says is
held against what the MMU does.
"""

from __future__ import annotations

import random
import struct

from _harness import Case, main
from _kernels import number, small_kernel
from _operations import do, operation, populate

import hartlab as hl

V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
ACCESS = ["fetch", "load", "store"]


def flags(rng: random.Random) -> int:
    usual = [
        V,
        V | R,
        V | R | W | U,
        V | R | X | U,
        V | R | W | X | U | A | D,
        V | U,
        V | A,
        V | W,
        0,
        V | X | U | 0x100,
    ]
    return rng.choice([*usual, rng.getrandbits(8), rng.getrandbits(10)])


def random_pte(rng: random.Random, tables: list[int], base: int, end: int) -> int:
    target = rng.choice(
        [
            rng.choice(tables),
            base + 4096 * rng.randrange((end - base) // 4096),
            rng.choice(
                [
                    0,
                    end,
                    end - 4096,
                    hl.CLINT,
                    hl.UART0,
                    base,
                    base + 0x8000,
                    (1 << 56) - 4096,
                    number(rng, 56),
                ]
            ),
        ]
    )
    pte = target >> 12 << 10 | flags(rng)
    if rng.random() < 0.1:
        pte |= 1 << rng.randrange(54, 64)
    return pte if rng.random() < 0.95 else number(rng)


def tables_of(kernel: hl.Kernel) -> list[int]:
    """The tables of the page tables of all processes."""
    frames = kernel.frames()
    return [int(pa) for pa in frames["pa"][frames["owner"] == "page_table"]]


def under_a_kernel(case: Case) -> None:
    rng = case.rng
    kernel = small_kernel(case, orderly=False)
    try:
        populate(case, kernel)
        good = kernel.snapshot()
    except hl.KernelPanic:
        return
    memory = kernel.memory
    for _ in range(6):
        tables = tables_of(kernel)
        for _ in range(rng.choice([1, 1, 2, 5, 40])):
            table = rng.choice(tables)
            used = [i for i, pte in enumerate(memory.view(table, 512)) if pte]
            index = rng.choice([*used, *used, 0, 1, 2, 255, 511, rng.randrange(512)])
            pte = random_pte(rng, tables, memory.base, memory.end)
            if rng.random() < 0.2 and used:
                pte = memory.load(table + 8 * index) ^ 1 << rng.randrange(64)
            case.note(f"{table:#x}[{index}] = {pte:#x}")
            memory.write(table + 8 * index, struct.pack("<Q", pte))
        for _ in range(rng.randrange(1, 7)):
            do(case, operation(case, kernel), (hl.KernelPanic,))
            if kernel.panicked:
                break
        walks(case, kernel.page_table)
        if kernel.panicked or rng.random() < 0.6:
            kernel.restore(good)


def walks(case: Case, table: hl.PageTable) -> None:
    rng = case.rng
    case.note("walks")
    for _ in range(4):
        va = number(rng)
        walk = table.walk(
            va, rng.choice(ACCESS), privilege=rng.choice("US"), sum=rng.random() < 0.5, mxr=rng.random() < 0.5
        )
        case.check((walk.pa is None) != (walk.cause is None), f"{walk}: neither an address nor a fault")
        table.pte(va), table.peek(va, 9), va in table
    table.entries(first=number(rng), last=number(rng))


def on_a_machine(case: Case) -> None:
    """Random tables all over a small RAM; each access of the hart is what the walk says of it."""
    rng = case.rng
    hardware_ad = rng.random() < 0.5
    machine = hl.Machine("256KiB", hardware_ad=hardware_ad)
    base, end = machine.memory.base, machine.memory.end
    tables = [base + 4096 * page for page in rng.sample(range(64), 6)]
    for table in tables:
        for _ in range(rng.randrange(60)):
            index = rng.choice([0, 1, 2, 3, 256, 511, rng.randrange(512)])
            pte = (
                rng.choice(tables) >> 12 << 10 | V
                if rng.random() < 0.5
                else random_pte(rng, tables, base, end)
            )
            machine.memory.write(table + 8 * index, struct.pack("<Q", pte))
    case.note(f"satp at {tables[0]:#x}")
    machine.hart.csrs["satp"] = 8 << 60 | tables[0] >> 12
    machine.hart.csrs["mstatus"] = rng.choice([0, 1 << 18, 1 << 19, 3 << 18])
    mstatus = machine.hart.csrs["mstatus"]
    privilege = rng.choice("US")
    for _ in range(40):
        indices = [rng.choice([0, 1, 2, 3, 256, 511]) for _ in range(3)]
        va = indices[0] << 30 | indices[1] << 21 | indices[2] << 12 | rng.randrange(0, 4096, 8)
        va = (va | (-1 << 39 if va >> 38 else 0)) % (1 << 64)
        access = rng.choice(["load", "store"])
        machine.hart.tlb.flush()
        machine.hart.privilege = privilege
        table = machine.hart.page_table
        case.check(table is not None, "satp has not been taken")
        assert table is not None
        walk = table.walk(
            va,
            access,
            privilege=privilege,
            sum=bool(mstatus >> 18 & 1),
            mxr=bool(mstatus >> 19 & 1),
            svade=not hardware_ad,
        )  # fmt: skip
        case.note(f"{privilege} {access} {va:#x}: {walk.end}")
        try:
            if access == "load":
                data = machine.hart.load(va, 8)
                inside = walk.pa is not None and base <= walk.pa < end
                case.check(walk.pa is not None, f"the MMU loads what the walk says faults: {walk}")
                case.check(
                    not inside or data == machine.memory.read(walk.pa or 0, 8), f"another place than {walk}"
                )
            else:
                machine.hart.store(va, rng.randbytes(8))
                case.check(walk.pa is not None, f"the MMU stores what the walk says faults: {walk}")
        except hl.PageFault as fault:
            case.counts["PageFault"] += 1
            outside = walk.pa is not None and not base <= walk.pa <= end - 8
            same = fault.cause == walk.cause or (outside and fault.cause in (5, 7))
            case.check(same and fault.address == va, f"{fault!r} of {va:#x}, but {walk}")
    case.note("run in it")
    machine.hart.csrs["stvec"], machine.hart.pc = base, rng.choice([0, 0x1000, 0x4000_0000, base])
    machine.hart.csrs["medeleg"] = 0xFFFF
    machine.run(300)
    machine.snapshot().tlb(), machine.hart.tlb(), repr(machine.hart)
    if machine.hart.page_table is not None:
        walks(case, machine.hart.page_table)


def run_case(case: Case) -> None:
    (under_a_kernel if case.rng.random() < 0.6 else on_a_machine)(case)


if __name__ == "__main__":
    main("page_tables", run_case)
