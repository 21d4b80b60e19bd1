"""What a board starts with: boot ROM, images, device tree, and what it refuses."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import hartlab as hl
from kernel.programs_in_elf import elf
from oracles.exec_layout import Segment

from .mmio import Driver

RAM, ROM, TEST = 0x8000_0000, 0x1000, 0x10_0000
SPIN = hl.asm("loop: j loop")
BEGIN, END, PROPERTY, NOP, FINISHED = 1, 2, 3, 4, 9


def read_tree(data: bytes) -> dict[str, bytes | dict]:
    """The properties and nodes of a flattened device tree, by the letter of its specification."""
    magic, total, structure, strings, _, version, _, _, _, _ = struct.unpack_from(">10I", data)
    assert (magic, version) == (0xD00D_FEED, 17)
    assert total <= len(data)
    position, stack = structure, [{}]
    while True:
        (token,) = struct.unpack_from(">I", data, position)
        position += 4
        if token == BEGIN:
            name = data[position : data.index(b"\0", position)].decode()
            position += (len(name) + 4) & ~3
            stack.append(stack[-1].setdefault(name, {}))
        elif token == END:
            stack.pop()
        elif token == PROPERTY:
            length, at = struct.unpack_from(">2I", data, position)
            name = data[strings + at : data.index(b"\0", strings + at)].decode()
            stack[-1][name] = data[position + 8 : position + 8 + length]
            position += 8 + (length + 3 & ~3)
        elif token == FINISHED:
            return stack[0][""]


def tree_of(machine: hl.Machine) -> dict:
    machine.run(10_000)  # through the boot ROM, on every hart
    address = machine.hart.x.a1
    size = struct.unpack(">I", machine.memory.read(address + 4, 4))[0]
    return read_tree(machine.memory.read(address, size))


def cells(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(data) // 4}I", data)


@pytest.mark.parametrize("harts", [1, 2])
def test_every_hart_begins_in_the_rom_and_is_handed_its_number_and_the_tree(harts: int) -> None:
    machine = hl.Machine(kernel=SPIN, harts=harts)
    assert (machine.hart.pc, machine.hart.privilege) == (ROM, "M")
    machine.run(10_000)
    x = machine.hart.x
    assert (machine.hart.pc, x.a0) == (RAM, 0)
    assert machine.memory.read(x.a1, 4) == b"\xd0\x0d\xfe\xed"
    assert x.a1 % (2 << 20) == 0


def test_firmware_is_told_where_the_kernel_is() -> None:
    machine = hl.Machine(bios=SPIN, kernel=SPIN)
    machine.run(6)
    hart = machine.hart
    assert hart.pc == RAM
    assert machine.memory.read(RAM + 0x20_0000, len(SPIN)) == SPIN
    driver = Driver(machine)
    words = [
        driver.read(hart.x.a2 + 8 * n if n == 0 else info + 8 * n, 8)
        for info in [hart.x.a2]
        for n in range(4)
    ]
    assert words == [0x4942_534F, 2, RAM + 0x20_0000, 1]  # magic, version, next address, S-mode


def test_the_tree_tells_what_the_board_has() -> None:
    machine = hl.Machine("64MiB", kernel=SPIN, harts=3, append="root=/dev/vda ro", initrd=b"initial")
    tree = tree_of(machine)
    assert cells(tree["memory@80000000"]["reg"]) == (0, RAM, 0, 64 << 20)
    assert tree["chosen"]["bootargs"] == b"root=/dev/vda ro\0"
    assert len(tree["chosen"]["rng-seed"]) == 32
    start, end = (cells(tree["chosen"][f"linux,initrd-{which}"])[1] for which in ("start", "end"))
    assert machine.memory.read(start, end - start) == b"initial"
    cpus = tree["cpus"]
    assert cells(cpus["timebase-frequency"]) == (10_000_000,)
    assert [name for name in cpus if name.startswith("cpu@")] == ["cpu@0", "cpu@1", "cpu@2"]
    soc = tree["soc"]
    for name in ("plic@c000000", "clint@2000000", "serial@10000000", "test@100000", "virtio_mmio@10008000"):
        assert name in soc
    phandles = [cells(cpus[f"cpu@{n}"]["interrupt-controller"]["phandle"])[0] for n in range(3)]
    wired = [(phandle, number) for phandle in phandles for number in (11, 9)]
    assert cells(soc["plic@c000000"]["interrupts-extended"]) == tuple(n for pair in wired for n in pair)


@pytest.mark.parametrize("hardware_ad", [True, False])
def test_the_tree_and_misa_name_the_same_extensions(hardware_ad: bool) -> None:
    machine = hl.Machine(kernel=SPIN, hardware_ad=hardware_ad)
    isa = tree_of(machine)["cpus"]["cpu@0"]["riscv,isa"].rstrip(b"\0").decode()
    base, *more = isa.removeprefix("rv64").split("_")
    misa = machine.hart.csrs["misa"]
    letters = {chr(ord("a") + bit) for bit in range(26) if misa >> bit & 1}
    assert set(base) == letters - set("sub")
    assert ("svadu" in more) == hardware_ad
    assert "zihintpause" in more  # as pause is executed: a fence, which does nothing
    named = {"Zicsr": "zicsr", "Zifencei": "zifencei", "Zba": "zba", "Zbb": "zbb", "Zbs": "zbs"}
    implemented = set(hl.instructions()["extension"].tolist())
    assert {named[name] for name in implemented & set(named)} == set(more) & set(named.values())


def test_a_raw_kernel_without_firmware_begins_in_machine_mode_at_the_start_of_ram() -> None:
    machine = hl.Machine(kernel=hl.asm("csrr a3, mstatus; loop: j loop"))
    assert machine.run(7).reason == "budget"
    assert (machine.hart.privilege, machine.hart.pc) == ("M", RAM + 4)


@pytest.mark.parametrize(("value", "code"), [(0x5555, 0), (0x0003_3333, 3), (0x002A_5555, 42)])
def test_the_test_device_powers_off_with_an_exit_code(value: int, code: int) -> None:
    machine = hl.Machine(kernel=hl.asm(f"li t0, {TEST}; li t1, {value}; sw t1, 0(t0); loop: j loop"))
    result = machine.run(1000)
    assert (result.reason, result.exit_code, result.instructions) == ("power_off", code, result.instructions)
    assert "exit code" in repr(result)


def test_a_reset_ends_the_run() -> None:
    machine = hl.Machine(kernel=hl.asm(f"li t0, {TEST}; li t1, 0x7777; sw t1, 0(t0); loop: j loop"))
    assert machine.run(1000).reason == "reset"


def test_the_rom_can_be_read_and_not_written() -> None:
    driver = Driver(hl.Machine(kernel=SPIN))
    assert driver.read(ROM, 4) == int.from_bytes(hl.asm("auipc t0, 0"), "little")
    assert driver.read(ROM + 0x8000, 8) == 0
    assert not driver.write(ROM, 0)
    assert Driver().read(ROM) is None  # a bare machine has none


def test_images_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(hl.ElfError, match="give the machine more memory="):
        hl.Machine("1MiB", kernel=bytes(2 << 20))
    with pytest.raises(FileNotFoundError, match=r"kernel='.*none' is no file"):
        hl.Machine(kernel=str(tmp_path / "none"))
    with pytest.raises(ValueError, match="kernel is empty"):
        hl.Machine(kernel=b"")
    with pytest.raises(ValueError, match="initrd is empty"):
        hl.Machine("4MiB", kernel=SPIN, initrd=b"")
    wild = elf([Segment(RAM, SPIN, len(SPIN), "rx")], entry=1 << 63)
    with pytest.raises(hl.ElfError, match="initrd reaches from 0x8000000004000000"):
        hl.Machine(kernel=wild, initrd=SPIN)
    with pytest.raises(TypeError, match="not both"):
        hl.Machine(kernel=SPIN, code=SPIN)
    with pytest.raises(TypeError, match="give kernel= or bios="):
        hl.Machine(append="quiet")
    with pytest.raises(ValueError, match="harts=9 is out of range"):
        hl.Machine(kernel=SPIN, harts=9)


@pytest.mark.parametrize("memory", ["64KiB", "1MiB", "3MiB"])
def test_in_a_small_memory_the_tree_is_beside_the_kernel(memory: str) -> None:
    machine = hl.Machine(memory, kernel=SPIN)
    assert machine.memory.read(RAM, len(SPIN)) == SPIN
    assert cells(tree_of(machine)["memory@80000000"]["reg"])[3] == machine.memory.size
    assert machine.hart.x.a1 % 8 == 0


@pytest.mark.parametrize(
    ("images", "both"),
    [
        ({"bios": bytes(0x20_0001), "kernel": SPIN}, "bios and kernel are both to be at 0x80200000"),
        ({"kernel": bytes(0x40_0001), "initrd": SPIN}, "kernel and initrd are both to be at 0x80400000"),
        ({"kernel": bytes(0x80_0000)}, "kernel and the device tree are both to be at 0x807f"),
    ],
)
def test_images_that_lie_on_one_another_are_refused(images: dict[str, bytes], both: str) -> None:
    with pytest.raises(hl.ElfError, match=both):
        hl.Machine("8MiB", **images)
