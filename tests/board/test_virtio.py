"""The virtio block device, driven by hand: registers, queues, requests, and drivers that are broken.
[virtio 2.7, 4.2, 5.2]"""

from __future__ import annotations

import struct

import pytest

import hartlab as hl

from .mmio import RAM, Driver

SLOT = 0x1000_1000
CONTENTS = b"".join(bytes([n]) * 512 for n in range(1, 9))
DESCRIPTORS, AVAILABLE, USED, HEADER, DATA, STATUS = (RAM + 0x1_0000 + 0x1000 * n for n in range(6))
NEXT, WRITE, INDIRECT = 1, 2, 4
F_INDIRECT, F_VERSION_1 = 1 << 28, 1 << 32
READ, WRITE_OUT, FLUSH, GET_ID = 0, 1, 4, 8
OK, IO_ERROR, UNSUPPORTED = 0, 1, 2
NEEDS_RESET = 64
UNTOUCHED = 0xEE


class Disk(Driver):
    """A driver of the first slot, with a queue of eight."""

    def __init__(self, *, legacy: bool = False, features: int = 0, size: int = 8) -> None:
        super().__init__(disk=CONTENTS, virtio="legacy" if legacy else "modern")
        self.count = 0
        self.size = size
        offered = self.features()
        self.put(0x70, 0)
        self.put(0x70, 3)
        wanted = features | (0 if legacy else F_VERSION_1)
        assert wanted & ~offered == 0
        for half in (0, 1):
            self.put(0x24, half)
            self.put(0x20, wanted >> 32 * half & 0xFFFF_FFFF)
        if legacy:
            self.put(0x28, 4096)
        else:
            self.put(0x70, 3 | 8)
            assert self.get(0x70) == 3 | 8
        self.put(0x30, 0)
        assert self.get(0x34) == 1024
        self.put(0x38, size)
        self.available, self.used = AVAILABLE, USED
        if legacy:
            self.put(0x3C, 4096)
            self.put(0x40, DESCRIPTORS >> 12)
            self.available, self.used = DESCRIPTORS + 16 * size, DESCRIPTORS + 4096
        else:
            for register, address in ((0x80, DESCRIPTORS), (0x90, AVAILABLE), (0xA0, USED)):
                self.put(register, address & 0xFFFF_FFFF)
                self.put(register + 4, address >> 32)
            self.put(0x44, 1)
        self.put(0x70, self.status() | 4)

    def get(self, register: int) -> int:
        value = self.read(SLOT + register)
        assert value is not None
        return value

    def put(self, register: int, value: int) -> None:
        assert self.write(SLOT + register, value)

    def status(self) -> int:
        return self.get(0x70)

    def features(self) -> int:
        self.put(0x14, 0)
        low = self.get(0x10)
        self.put(0x14, 1)
        return low | self.get(0x10) << 32

    def describe(self, index: int, address: int, length: int, flags: int, following: int = 0) -> None:
        self.machine.memory.write(
            DESCRIPTORS + 16 * index, struct.pack("<QIHH", address, length, flags, following)
        )

    def offer(self, head: int = 0) -> None:
        self.machine.memory.write(self.available + 4 + 2 * (self.count % self.size), struct.pack("<H", head))
        self.count += 1
        self.machine.memory.write(self.available + 2, struct.pack("<H", self.count & 0xFFFF))
        self.put(0x50, 0)

    def request(self, kind: int, sector: int, data: bytes | int, pieces: int = 1) -> int:
        """A request with its data in so many descriptors; the status. `data`: or how much may be written."""
        memory = self.machine.memory
        memory.write(HEADER, struct.pack("<IIQ", kind, 0, sector))
        memory.write(STATUS, bytes([UNTOUCHED]))
        length, flags = (data, WRITE) if isinstance(data, int) else (len(data), 0)
        if not isinstance(data, int):
            memory.write(DATA, data)
        self.describe(0, HEADER, 16, NEXT, 1)
        for n in range(pieces):
            self.describe(1 + n, DATA + length // pieces * n, length // pieces, flags | NEXT, 2 + n)
        self.describe(1 + pieces, STATUS, 1, WRITE)
        self.offer()
        return memory.read(STATUS, 1)[0]

    def used_ring(self) -> tuple[int, int, int]:
        """The index, and the last entry: id and length."""
        (index,) = struct.unpack("<H", self.machine.memory.read(self.used + 2, 2))
        last = self.machine.memory.read(self.used + 4 + 8 * ((index - 1) % self.size), 8)
        return (index, *struct.unpack("<II", last))


@pytest.mark.parametrize("legacy", [False, True])
def test_the_slot_says_what_it_is(legacy: bool) -> None:
    board = Driver(disk=CONTENTS, virtio="legacy" if legacy else "modern")
    read = [board.read(SLOT + offset) for offset in (0, 4, 8, 12)]
    assert read == [0x7472_6976, 1 if legacy else 2, 2, 0x554D_4551]
    assert board.read(SLOT + 0x100, 8) == 8  # sectors
    assert board.read(SLOT + 0x114) == 512
    assert board.read(SLOT + 0x1000) == 0x7472_6976
    assert board.read(SLOT + 0x1008) == 0  # nothing is in the second


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("pieces", [1, 2, 4])
def test_sectors_are_read_written_and_kept(legacy: bool, pieces: int) -> None:
    disk = Disk(legacy=legacy)
    assert disk.request(READ, 3, 1024, pieces) == OK
    assert disk.machine.memory.read(DATA, 1024) == CONTENTS[3 * 512 : 5 * 512]
    assert disk.used_ring() == (1, 0, 1025)
    assert disk.request(WRITE_OUT, 7, b"new!" * 128, pieces) == OK
    assert disk.used_ring() == (2, 0, 1)
    assert disk.request(FLUSH, 0, b"") == OK
    assert disk.machine.disk is not None
    assert disk.machine.disk.read(7 * 512, 512) == b"new!" * 128
    assert disk.machine.disk.read(0, 7 * 512) == CONTENTS[: 7 * 512]


def test_its_identity_and_what_it_does_not_know() -> None:
    disk = Disk()
    assert disk.request(GET_ID, 0, 20) == OK
    assert disk.machine.memory.read(DATA, 20) == b"hartlab".ljust(20, b"\0")
    assert disk.request(99, 0, 512) == UNSUPPORTED


@pytest.mark.parametrize(
    ("kind", "sector", "data"),
    [(READ, 8, 512), (READ, 7, 1024), (READ, 1 << 63, 512), (READ, (1 << 55) + 1, 512), (READ, 0, 100),
     (WRITE_OUT, 8, bytes(512)), (WRITE_OUT, 0, bytes(511)), (WRITE_OUT, (1 << 64) - 1, bytes(512))],
)  # fmt: skip
def test_what_is_not_on_the_disk_is_an_error_and_changes_nothing(
    kind: int, sector: int, data: bytes | int
) -> None:
    disk = Disk()
    disk.machine.memory.write(DATA, b"\xaa" * 512)
    assert disk.request(kind, sector, data) == IO_ERROR
    assert disk.machine.disk is not None
    assert disk.machine.disk.read(0, 4096) == CONTENTS
    if isinstance(data, int):
        assert disk.machine.memory.read(DATA, 512) == b"\xaa" * 512


def test_the_interrupt_stays_until_acknowledged_and_is_left_out_when_unwanted() -> None:
    disk = Disk()
    disk.request(READ, 0, 512)
    assert (disk.get(0x60), disk.read(0x0C00_1000)) == (1, 1 << 1)
    disk.put(0x64, 1)
    assert disk.get(0x60) == 0
    disk.write(0x0C00_2000, 1 << 1)  # enabled, for a claim
    disk.write(0x0C00_0004, 1)
    assert [disk.read(0x0C20_0004), disk.read(0x0C20_0004)] == [1, 0]
    disk.write(0x0C20_0004, 1)
    assert disk.read(0x0C00_1000) == 0  # the line is low again
    disk.machine.memory.write(AVAILABLE, struct.pack("<H", 1))
    disk.request(READ, 0, 512)
    assert (disk.get(0x60), disk.used_ring()[0]) == (0, 2)


def test_indirect_descriptors_are_served_when_negotiated_and_refused_otherwise() -> None:
    table = DATA + 0x800
    for negotiated in (True, False):
        disk = Disk(features=F_INDIRECT if negotiated else 0)
        memory = disk.machine.memory
        memory.write(HEADER, struct.pack("<IIQ", READ, 0, 2))
        for n, entry in enumerate(
            [(HEADER, 16, NEXT, 1), (DATA, 512, NEXT | WRITE, 2), (STATUS, 1, WRITE, 0)]
        ):
            memory.write(table + 16 * n, struct.pack("<QIHH", *entry))
        disk.describe(5, table, 48, INDIRECT)
        disk.offer(5)
        assert bool(disk.status() & NEEDS_RESET) == (not negotiated)
        assert (memory.read(DATA, 512) == CONTENTS[1024:1536]) == negotiated


def test_a_queue_of_1024_goes_round() -> None:
    disk = Disk(size=1024)
    for n in range(1100):
        assert disk.request(READ, n % 8, 512) == OK
    assert disk.used_ring()[0] == 1100
    assert disk.machine.memory.read(DATA, 512) == CONTENTS[1099 % 8 * 512 :][:512]


@pytest.mark.parametrize(
    ("name", "descriptors"),
    [
        ("a circle", [(HEADER, 16, NEXT, 1), (DATA, 512, NEXT | WRITE, 0)]),
        ("a next that is not in the table", [(HEADER, 16, NEXT, 8)]),
        (
            "a buffer outside memory",
            [(HEADER, 16, NEXT, 1), (0, 512, NEXT | WRITE, 2), (STATUS, 1, WRITE, 0)],
        ),
        ("a buffer over the end", [(HEADER, 16, NEXT, 1), (DATA, 0xFFFF_FFFF, WRITE, 0)]),
        ("no place for the status", [(HEADER, 16, 0, 0)]),
        ("half a header", [(HEADER, 8, NEXT, 1), (STATUS, 1, WRITE, 0)]),
        ("an indirect table that nobody asked for", [(DATA, 32, INDIRECT, 0)]),
    ],
)
def test_a_broken_chain_asks_for_a_reset_and_the_device_works_after_it(
    name: str, descriptors: list[tuple[int, int, int, int]]
) -> None:
    disk = Disk()
    for index, descriptor in enumerate(descriptors):
        disk.describe(index, *descriptor)
    disk.offer()
    assert disk.status() & NEEDS_RESET
    assert disk.get(0x60) == 2  # a change of configuration
    assert disk.request(READ, 0, 512) == UNTOUCHED
    disk.put(0x70, 0)
    assert (disk.status(), disk.get(0x60), disk.get(0x44)) == (0, 0, 0)


@pytest.mark.parametrize("register", [0x80, 0x90, 0xA0])
@pytest.mark.parametrize("address", [0, RAM - 8, RAM + 0x10_0000 - 2, (1 << 64) - 16])
def test_rings_that_are_not_in_memory_ask_for_a_reset(register: int, address: int) -> None:
    disk = Disk()
    disk.describe(0, HEADER, 16, NEXT, 1)
    disk.describe(1, STATUS, 1, WRITE)
    disk.put(register, address & 0xFFFF_FFFF)
    disk.put(register + 4, address >> 32)
    disk.offer()
    assert disk.status() & NEEDS_RESET


def test_an_available_index_that_runs_away_asks_for_a_reset() -> None:
    disk = Disk()
    disk.machine.memory.write(AVAILABLE + 2, struct.pack("<H", 9))
    disk.put(0x50, 0)
    assert disk.status() & NEEDS_RESET


def test_features_that_were_not_offered_are_not_accepted() -> None:
    disk = Disk()
    disk.put(0x70, 0)
    disk.put(0x70, 3)
    disk.put(0x24, 0)
    disk.put(0x20, 1)
    disk.put(0x70, 3 | 8)
    assert disk.status() == 3


def test_queues_that_are_not_there_and_sizes_that_cannot_be() -> None:
    disk = Driver(disk=CONTENTS)
    disk.write(SLOT + 0x30, 1)
    assert disk.read(SLOT + 0x34) == 0
    disk.write(SLOT + 0x44, 1)
    assert disk.read(SLOT + 0x44) == 0
    board = Disk()
    for size in (0, 3, 2048):
        board.put(0x44, 0)
        board.put(0x38, size)
        board.put(0x44, 1)
        board.count = 0
        assert board.request(READ, 0, 512) == OK  # the queue of eight stays


def test_a_disk_is_whole_sectors_and_not_empty() -> None:
    machine = hl.Machine(disk=b"x" * 513)
    assert machine.disk is not None
    assert machine.disk.size == 1024
    with pytest.raises(ValueError, match="disk is empty"):
        hl.Machine(disk=b"")
    with pytest.raises(FileNotFoundError, match=r"disk='no\.img' is no file"):
        hl.Machine(disk="no.img")
    with pytest.raises(IndexError):
        machine.disk.read(1000, 100)
