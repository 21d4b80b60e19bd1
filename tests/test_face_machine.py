"""A bare machine: loading, running, stopping, and its state as a value."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import hartlab as hl

MUL = hl.asm("li a0, 6; li a1, 7; mul a0, a0, a1; loop: j loop")


def elf(*segments: tuple[int, bytes, int], entry: int = hl.KERNBASE) -> bytes:
    """A small ELF file with segments (physical address, bytes, size in memory)."""
    header_size = 64 + 56 * len(segments)
    body, headers = b"", b""
    for pa, data, size in segments:
        headers += struct.pack("<IIQQQQQQ", 1, 7, header_size + len(body), 0, pa, len(data), size, 4096)
        body += data
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    head = struct.pack("<HHIQQQIHHHHHH", 2, 243, 1, entry, 64, 0, 0, 64, 56, len(segments), 0, 0, 0)
    return ident + head + headers + body


def test_code_runs_in_m_mode() -> None:
    machine = hl.Machine(memory="64KiB", code=MUL)
    assert (machine.hart.privilege, machine.hart.pc) == ("M", hl.KERNBASE)
    assert machine.run(3).instructions == 3
    assert machine.hart.x.a0 == 42
    assert machine.hart.page_table is None


def test_an_elf_file_goes_to_its_physical_addresses(tmp_path: Path) -> None:
    image = elf(
        (hl.KERNBASE + 0x1000, MUL, 0x100), (hl.KERNBASE + 0x3000, b"data", 8), entry=hl.KERNBASE + 0x1000
    )
    for form in (image, tmp_path / "image.elf"):
        (tmp_path / "image.elf").write_bytes(image)
        machine = hl.Machine(memory="64KiB", image=form)
        assert machine.hart.pc == hl.KERNBASE + 0x1000
        machine.run(3)
        assert machine.hart.x.a0 == 42
        assert machine.memory.read(hl.KERNBASE + 0x3000, 8) == b"data\0\0\0\0"


def test_a_raw_image_goes_where_it_is_told() -> None:
    machine = hl.Machine(memory="64KiB", image=MUL, load_address=hl.KERNBASE + 0x2000)
    assert machine.hart.pc == hl.KERNBASE + 0x2000


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (elf((hl.KERNBASE, MUL, 8)), "smaller than filesz"),
        (elf((hl.KERNBASE - 4096, MUL, 64)), "not inside RAM"),
        (elf((hl.KERNBASE, MUL, 1 << 40)), "not inside RAM"),
        (elf((hl.KERNBASE, MUL, 64))[:100], "not inside the file"),
        (elf((hl.KERNBASE, MUL, 64))[:-4], "not inside the file"),
        (elf((hl.KERNBASE, MUL, 64))[:20], "too few"),
        (elf(), "no segment"),
        (elf((hl.KERNBASE, MUL, 64)).replace(struct.pack("<H", 243), struct.pack("<H", 62), 1), "machine 62"),
        (b"\x7fELF\x01\x01" + bytes(100), "class 1"),
    ],
)
def test_a_bad_elf_file_is_refused(image: bytes, words: str) -> None:
    machine = hl.Machine(memory="64KiB")
    before = machine.snapshot()
    with pytest.raises(hl.ElfError, match=words):
        machine.load(image)
    assert not hl.diff(before, machine)


def test_breakpoints_watchpoints_and_traps() -> None:
    machine = hl.Machine(memory="64KiB", code=hl.asm("loop: addi t0, t0, 1; sd t0, 0x7f8(sp); ecall; j loop"))
    machine.hart.x["sp"] = hl.KERNBASE + 0x4000
    machine.hart.csrs["mtvec"] = hl.KERNBASE
    machine.breakpoints.add(hl.KERNBASE + 4)
    result = machine.run()
    assert (result.reason, machine.hart.pc, result.instructions) == ("breakpoint", hl.KERNBASE + 4, 1)
    machine.breakpoints.clear()
    result = machine.run(until="trap")
    assert result.reason == "trap"
    assert "system call from machine mode" in result.detail
    assert machine.hart.last_trap()["epc"] == hl.KERNBASE + 8
    assert result.traps is None  # it took one, and does not count them
    assert "0 traps" not in repr(result)
    with machine.watch(hl.KERNBASE + 0x47F8):
        assert machine.run().reason == "watchpoint"


@pytest.mark.parametrize("distance", [499_999, 500_000, 500_001])
def test_a_breakpoint_is_found_wherever_the_run_is_cut(distance: int) -> None:
    """A run goes on in pieces, to look at signals in between."""
    machine = hl.Machine(memory="64KiB", code=hl.asm("loop: addi t0, t0, -1; bnez t0, loop; nop; j ."))
    machine.hart.x["t0"] = 1_000_000
    machine.run(distance)
    machine.restore(machine.snapshot())
    where = hl.KERNBASE + 8
    machine.breakpoints.add(where)
    assert machine.run().reason == "breakpoint"
    assert machine.hart.pc == where
    assert machine.instructions == 2_000_000


def test_wfi_without_a_wakeup_waits() -> None:
    machine = hl.Machine(memory="64KiB", code=hl.asm("wfi; j ."))
    assert machine.run().reason == "waiting"
    assert machine.hart.waiting


def test_state_is_a_value() -> None:
    machine = hl.Machine(memory="64KiB", code=MUL)
    before = machine.snapshot("start")
    machine.run(2)
    twin = machine.clone()
    machine.run(10)
    twin.run(10)
    assert not hl.diff(machine, twin)
    change = hl.diff(before, machine)
    assert "a0" in change.registers["name"]
    machine.back(12)
    assert not hl.diff(before, machine)
    machine.run(5)
    machine.restore(before)
    assert machine.hart.x.a0 == 0
    with pytest.raises(TypeError):
        machine.restore(hl.Kernel(memory="1MiB").snapshot())  # type: ignore[arg-type]


def test_registers_by_name_number_and_attribute() -> None:
    hart = hl.Machine(memory="64KiB").hart
    hart.x["s0"] = -1
    assert hart.x[8] == hart.x.fp == hart.x["x8"] == (1 << 64) - 1
    hart.x[0] = 5
    assert hart.x.zero == 0
    hart.f["fa0"] = 0x3FF0000000000000
    assert hart.doubles[10] == 1.0
    assert len(hart.x) == 32
    assert list(hart.registers(csr=False, f=False)["name"][:4]) == ["pc", "privilege", "zero", "ra"]
    hart.csrs["mstatus"] = (1 << 64) - 1
    assert hart.csrs["mstatus"] != (1 << 64) - 1
    assert "satp" in hart.csrs
    with pytest.raises(KeyError):
        hart.csrs["mhartid"] = 1


def test_accesses_of_the_hart_go_through_its_mmu() -> None:
    machine = hl.Machine(memory="64KiB")
    machine.hart.store(hl.KERNBASE, b"abc")
    assert machine.hart.load(hl.KERNBASE, 3) == b"abc"
    with pytest.raises(hl.PageFault, match="load access fault"):
        machine.hart.load(0x1234, 1)


def test_sixty_four_gigabytes_cost_nothing_until_touched() -> None:
    machine = hl.Machine(memory="64GiB", code=MUL)
    assert machine.memory.end == hl.KERNBASE + (64 << 30)
    machine.memory.write(machine.memory.end - 1, b"x")
    assert machine.memory[machine.memory.end - 1] == ord("x")
    machine.run(3)
    assert machine.hart.x.a0 == 42
