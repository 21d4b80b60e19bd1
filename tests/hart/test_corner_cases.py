"""Every instruction of the list over its corner cases; expected values are the oracles' of tests/oracles."""

from __future__ import annotations

import functools

import pytest

import hartlab as hl
from hart import corner_cases
from hart.boards import FS_DIRTY, board
from hart.corner_cases import BASE_X, CODE, DATA, DATA_SIZE, MIDDLE, Case
from oracles import encode, encode_fp

MNEMONICS = [row["mnemonic"] for row in hl.instructions()]
BASE_F = {number: 0x4000_0000_0000_0000 | number for number in range(32)}


class Bench:
    """One machine on which cases are executed one after another."""

    def __init__(self, blocks: bool) -> None:
        self.machine = board(memory="64KiB", blocks=blocks)
        self.engine = self.machine._engine
        self.numbers = {
            name: self.engine_number(name) for name in ("mstatus", "fcsr", "frm", "mscratch", "mepc", "sepc")
        }

    @staticmethod
    @functools.cache
    def engine_number(name: str) -> int:
        return hl._engine.csrs()[name]

    def execute(self, case: Case) -> list[str]:
        """What came out wrong."""
        engine = self.engine
        engine.privilege = 3
        engine.write_csr(self.numbers["mstatus"], FS_DIRTY)
        engine.write_csr(self.numbers["fcsr"], 0)
        for name, value in case.csrs.items():
            engine.write_csr(self.numbers[name], value)
        x, f = BASE_X | case.x, BASE_F | case.f
        for number in range(1, 32):
            engine.set_x(number, x[number])
        for number in range(32):
            engine.set_f(number, f[number])
        engine.ram_write(MIDDLE, case.memory.ljust(64, b"\xee"))
        engine.ram_write(CODE, corner_cases.code_of(case))
        engine.privilege = "US?M".index(case.privilege)
        engine.pc = CODE
        retired = engine.retired
        reason, executed = engine.run(1, True)
        wrong = self.wrong(case, reason, x, f)
        if executed != engine.retired - retired or executed != (0 if case.trap else 1):
            wrong.append(f"{executed} instructions")
        return wrong

    def wrong(self, case: Case, reason: str, x: dict[int, int], f: dict[int, int]) -> list[str]:
        engine = self.engine
        wrong = []
        trapped = reason == "trap"
        if case.waiting:
            if reason != "waiting" or not engine.waiting:
                wrong.append(f"{reason}, waiting {engine.waiting}")
            engine.write_csr(0x304, 0x2)  # a pending interrupt that is enabled ends the wait
            engine.write_csr(0x344, 0x2)
            engine.privilege = 3
            engine.run(1, False)
            engine.write_csr(0x344, 0)
            engine.write_csr(0x304, 0)
            return wrong
        if trapped != (case.trap is not None):
            return [f"trap {engine.last_trap if trapped else None}, expected {case.trap}"]
        if trapped:
            cause, tval, epc, _, _ = engine.last_trap
            if (cause, tval, epc) != (*case.trap, CODE):
                wrong.append(f"trap {cause} {tval:#x} at {epc:#x}, expected {case.trap}")
        elif engine.pc != case.pc:
            wrong.append(f"pc {engine.pc:#x}, expected {case.pc:#x}")
        x = [0] + [(x | case.result)[number] for number in range(1, 32)]
        f = [(f | case.f_result)[number] for number in range(32)]
        for kind, got, expected in (("x", engine.x(), x), ("f", engine.f(), f)):
            wrong += [
                f"{kind}{n} {a:#x}, expected {b:#x}"
                for n, (a, b) in enumerate(zip(got, expected, strict=True))
                if a != b
            ]
        after = case.memory if case.memory_after is None else case.memory_after
        before = case.memory.ljust(64, b"\xee")
        if engine.ram_read(MIDDLE, 64) != after + before[len(after) :]:
            wrong.append(f"memory {engine.ram_read(MIDDLE, 64).hex()}")
        mode = "US?M"[engine.privilege]
        if not trapped and mode != (case.privilege_after or case.privilege):
            wrong.append(f"{mode}-mode")
        for name, value in case.csrs_after.items():
            if engine.read_csr(self.numbers[name]) != value:
                wrong.append(f"{name} {engine.read_csr(self.numbers[name]):#x}, expected {value:#x}")
        return wrong


@pytest.mark.parametrize("mnemonic", MNEMONICS)
def test_instruction_does_what_the_specification_says(mnemonic):
    bench = Bench(blocks=True)
    wrong = []
    for case in corner_cases.cases(mnemonic):
        if found := bench.execute(case):
            wrong.append(f"{case}: {found}")
    assert not wrong, f"{len(wrong)} cases:\n" + "\n".join(wrong[:5])


def test_every_instruction_has_corner_cases():
    assert all(next(corner_cases.cases(mnemonic)) for mnemonic in MNEMONICS)
    assert DATA <= MIDDLE < DATA + DATA_SIZE


@pytest.mark.parametrize(
    "name", ["add", "ld", "sd", "beq", "jalr", "amoadd.w", "csrrs", "fadd.d", "mret", "sfence.vma"]
)
def test_one_at_a_time_gives_the_same_as_in_blocks(name):
    bench = Bench(blocks=False)
    assert not [found for case in corner_cases.cases(name) if (found := bench.execute(case))]


@pytest.mark.parametrize("name", sorted(encode.TABLE))
def test_assembler_agrees_with_the_tables_of_the_specification(name):
    form = encode.TABLE[name][0]
    text, imm = {
        "R": (f"{name} x5, x6, x7", 0),
        "I": (f"{name} x5, x6, -17", -17),
        "U1": (f"{name} x5, x6", 0),
        "SH5": (f"{name} x5, x6, 17", 17),
        "SH6": (f"{name} x5, x6, 17", 17),
        "S": (f"{name} x7, -17(x6)", -17),
        "B": (f"{name} x6, x7, 0x1010", 16),
        "U": (f"{name} x5, 0x12345", 0x12345),
        "J": (f"{name} x5, 0x1010", 16),
    }[form]
    if name in ("jalr", "lb", "lh", "lw", "ld", "lbu", "lhu", "lwu"):
        text = f"{name} x5, -17(x6)"
    if encode.TABLE[name][1] == 0x2F:
        text = f"{name} x5, (x6)" if name.startswith("lr") else f"{name} x5, x7, (x6)"
    rs2 = 0 if name.startswith("lr") else 7
    word = encode.encode(name, 5, 6, rs2, imm)
    assert hl.asm(text, origin=0x1000) == word.to_bytes(4, "little")


@pytest.mark.parametrize("name", sorted(encode_fp.TABLE))
def test_assembler_agrees_with_the_tables_of_f_and_d(name):
    row = encode_fp.TABLE[name]
    sources = ["x6" if row.sources == "x" else "f6", "f7", "f8"][: len(row.sources)]
    rounding = ["rtz"] if row.rounded and name not in ("fcvt.d.s", "fcvt.d.w", "fcvt.d.wu") else []
    text = f"{name} {row.result}5, " + ", ".join(sources + rounding)
    word = encode_fp.encode(name, 5, 6, 7, 8, 1 if rounding else 0)
    assert hl.asm(text) == word.to_bytes(4, "little")
