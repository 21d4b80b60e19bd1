"""What the fuzzers in tests/fuzz have found, each as a test."""

from __future__ import annotations

import struct

import numpy as np
import pytest

import hartlab as hl
from hart.boards import RAM, A, R, Tables, V, W, X, board, registers
from hartlab.symbols import SymbolTable

# -- the hart -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blocks", [True, False])
@pytest.mark.parametrize(
    "code", ["amoxor.w a5, t4, (a0)", "amoswap.d zero, t4, (a0)", "amoadd.w a0, t4, (a0)"]
)
def test_an_atomic_that_overwrites_itself_completes(code: str, blocks: bool) -> None:
    machine = board(f"{code}; nop", x={"a0": RAM, "t4": 0x1234_5678}, blocks=blocks)
    word, form = (8, "<q") if ".d" in code else (4, "<i")
    (old,) = struct.unpack(form, machine.memory.read(RAM, word))
    assert machine.step().instructions == 1
    assert machine.hart.pc == RAM + 4
    target = "a5" if "a5" in code else "a0"
    assert registers(machine)[0] == 0
    assert machine.hart.x[target] == (RAM if "zero" in code else old % (1 << 64))


@pytest.mark.parametrize("blocks", [True, False])
def test_a_load_through_a_pte_that_is_the_load_itself_completes(blocks: bool) -> None:
    load = 0x2000_B403  # ld s0, 512(ra): also a PTE with V and R, for the page of RAM chosen by its bits
    assert hl.disasm(struct.pack("<I", load))["text"][0] == "ld s0, 512(ra)"
    page = load >> 10 << 12
    machine = board(memory="256KiB", blocks=blocks)
    tables = Tables(machine.memory.write, RAM + 0x1000)
    tables.map(RAM, RAM, V | R | W | X | A | 1 << 7, level=2)
    at = tables.map(0x5000, page, 0)
    machine.memory.write(at, struct.pack("<Q", load))
    machine.memory.write(page + 0x200, struct.pack("<Q", 77))
    machine.hart.csrs["satp"] = tables.satp()
    machine.hart.privilege, machine.hart.pc, machine.hart.x["ra"] = "S", at, 0x5000
    assert machine.step().instructions == 1
    assert machine.memory.load(at) == load | A
    assert (machine.hart.pc, machine.hart.x["s0"], registers(machine)[0]) == (at + 4, 77, 0)


# -- looking ------------------------------------------------------------------------------------------------


def test_peeking_across_the_end_of_the_address_space_goes_on_at_zero() -> None:
    machine = board(memory="64KiB")
    tables = Tables(machine.memory.write, RAM + 0x1000)
    tables.map(0, RAM + 0x5000, V | R)
    tables.map((1 << 64) - 0x1000, RAM + 0x6000, V | R)
    machine.memory.write(RAM + 0x6FFE, b"ab")
    machine.memory.write(RAM + 0x5000, b"cd")
    machine.hart.csrs["satp"] = tables.satp()
    table = machine.hart.page_table
    assert table is not None
    assert table.peek((1 << 64) - 2, 4) == b"abcd"


# -- text that the guest has chosen -------------------------------------------------------------------------

NOT_UTF8 = b"\xc3\x28\xff\x80"


def test_a_path_that_is_no_text_is_quoted_in_the_reason() -> None:
    kernel = hl.Kernel("2MiB")
    proc = kernel.spawn(code=hl.asm("j 0"))
    proc.store(0x1000 - 16, NOT_UTF8 + b"\0")
    assert proc.syscall("open", 0x1000 - 16, 0) == -1
    assert "\ufffd" in kernel.why
    assert proc.syscall("exec", 0x1000 - 16, 0) == -1


def test_a_name_that_is_no_text_can_be_looked_at() -> None:
    kernel = hl.Kernel("2MiB")
    proc = kernel.spawn(code=hl.asm("li a0, 2; li a7, 13; ecall; ebreak"), name="abcdefgh")
    kernel.spawn(code=hl.asm("j 0"))  # so that there is no reason to wind the clock
    before = kernel.snapshot()
    place = bytes(kernel.memory.array).index(b"abcdefgh") + kernel.memory.base
    kernel.memory.write(place, NOT_UTF8)
    assert "\ufffd" in proc.name
    assert "process" in repr(hl.diff(before, kernel))
    kernel.run(50_000)
    with pytest.raises(hl.ProcessBusy, match="\ufffd"):
        proc.sbrk(1)
    kernel.run(until="exit")
    assert "\ufffd" in kernel._engine.exit_of(proc.pid)[2]


# -- arguments ----------------------------------------------------------------------------------------------


def test_macros_take_numbers_out_of_a_table() -> None:
    row = hl.Kernel("2MiB").page_table.entries()[-1]
    assert hl.PGROUNDDOWN(row["va"]) == int(row["va"]) == hl.PGROUNDUP(row["va"])
    assert hl.PTE2PA(row["pte"]) == int(row["pa"])
    assert hl.PA2PTE(row["pa"]) | hl.PTE_FLAGS(row["pte"]) == int(row["pte"])
    assert [hl.PX(level, row["va"]) for level in (2, 1, 0)] == [255, 511, 511]
    for wrong in (1.5, "1", None):
        with pytest.raises(TypeError):
            hl.PGROUNDUP(wrong)  # type: ignore[arg-type]


def test_symbol_tables_that_overlap_are_read_within_bounds() -> None:
    sections, size = 3000, 1 << 19
    header = bytearray(b"\x7fELF\x02".ljust(64, b"\0"))
    struct.pack_into("<Q", header, 40, 64 + size)
    struct.pack_into("<HH", header, 58, 64, sections)
    table = struct.pack("<IIQQQQIIQQ", 0, 2, 0, 0, 64, size, 0, 0, 8, 24)
    assert len(SymbolTable(bytes(header) + bytes(size) + table * sections)) == 0  # and not in minutes


@pytest.mark.parametrize(
    "value", [(1 << 63) - 1, (1 << 63) - 0x801, 1 << 63, (1 << 64) - 1, -(1 << 63), 0x7FFF_F800]
)
def test_li_of_a_value_at_an_edge(value: int) -> None:
    code = hl.asm(f"li a0, {value}")
    machine = board(code)
    machine.run(len(hl.disasm(code)))
    assert machine.hart.x["a0"] == value % (1 << 64)


def test_a_load_of_more_than_there_is_faults_where_memory_ends() -> None:
    machine = board(memory="64KiB")
    with pytest.raises(hl.PageFault) as caught:
        machine.hart.load(RAM, 1 << 32)
    assert caught.value.address == RAM + (64 << 10)
    with pytest.raises(ValueError, match="size"):
        machine.hart.load(RAM, 1 << 60)
    kernel = hl.Kernel("2MiB")
    proc = kernel.spawn(code=hl.asm("j 0"))
    with pytest.raises(hl.PageFault) as caught:
        proc.load(0, 1 << 32)
    assert caught.value.address == 0x1000  # the guard below the stack


def test_a_section_table_that_no_file_could_hold_is_no_symbol_table() -> None:
    header = bytearray(b"\x7fELF\x02".ljust(64, b"\0"))
    struct.pack_into("<Q", header, 40, (1 << 64) - 1)
    struct.pack_into("<HH", header, 58, 64, 3)
    assert len(SymbolTable(bytes(header))) == 0


def test_a_snapshot_s_label_is_text() -> None:
    for target in (hl.Kernel("2MiB"), board(memory="64KiB")):
        with pytest.raises(TypeError, match="label"):
            target.snapshot(label=np.arange(3))  # type: ignore[arg-type]
        assert "'before'" in repr(target.snapshot(label="before"))


# -- the kernel's data ---------------------------------------------------------------------------------------


def test_a_reference_count_of_the_largest_number_wraps_and_is_reported() -> None:
    kernel = hl.Kernel("2MiB", fork="cow")
    proc = kernel.spawn(code=hl.asm("j 0"))
    counts = kernel.frames()["reference_count"].astype("<i4")
    table = bytes(kernel.memory.array).index(counts.tobytes()) + hl.KERNBASE
    code = proc.page_table.translate(0)
    assert code is not None
    place = table + 4 * ((code - hl.KERNBASE) // hl.PGSIZE)
    assert kernel.memory.load(place, 4) == 1
    kernel.memory.store(place, (1 << 31) - 1, 4)
    assert isinstance(proc.fork(), hl.Process)
    assert kernel.memory.load(place, 4) == 1 << 31
    assert len(kernel.audit()) > 0
