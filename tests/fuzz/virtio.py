"""Fuzzes virtqueues: hostile descriptors, circles, huge lengths, wrapped indices, rings outside memory.

The device may write to what the driver's descriptors call writable, and to the used ring, and to nothing
else; the disk changes by writes alone. Afterwards a reset makes it serve a proper driver again.
"""

from __future__ import annotations

import random
import struct

from _boards import BASE, VIRTIO, Probe, board
from _harness import Case, main
from _kernels import number

MEMORY = 1 << 20
RINGS = BASE + 0x1_0000  # and behind it, tables, requests and data: all that a descriptor usually points to
SPAN = 0x4_0000
STATUS, NEEDS_RESET = 0x70, 64
NEXT, WRITE, INDIRECT = 1, 2, 4
PLACES = [BASE, RINGS, RINGS + SPAN, BASE + MEMORY - 16, BASE + MEMORY, 0, VIRTIO, (1 << 64) - 8]
F_INDIRECT, F_VERSION_1 = 1 << 28, 1 << 32


def address(rng: random.Random) -> int:
    if rng.random() < 0.96:
        return RINGS + rng.randrange(SPAN)
    return rng.choice([*PLACES, number(rng)])


class Driver:
    """A driver that sets a queue up, and then puts anything into it."""

    def __init__(self, case: Case) -> None:
        self.case, self.rng = case, case.rng
        rng = self.rng
        self.legacy = rng.random() < 0.4
        self.disk = rng.randbytes(512 * rng.choice([1, 8, 40]))
        machine = board(
            {"memory": MEMORY, "disk": self.disk, "virtio": "legacy" if self.legacy else "modern"}
        )
        self.machine, self.probe = machine, Probe(case, machine)
        machine.memory.write(RINGS, rng.randbytes(SPAN))

    def put(self, register: int, value: int) -> None:
        self.probe.do(VIRTIO + register, 4, value & 0xFFFF_FFFF)

    def get(self, register: int) -> int:
        return int(self.probe.do(VIRTIO + register, 4, None) or 0)

    def set_up(self, size: int, rings: tuple[int, int, int], indirect: bool) -> None:
        self.put(STATUS, 0)
        self.put(STATUS, 3)
        features = indirect * F_INDIRECT | (0 if self.legacy else F_VERSION_1)
        for half in (0, 1):
            self.put(0x24, half)
            self.put(0x20, features >> 32 * half)
        if not self.legacy:
            self.put(STATUS, 11)
        self.put(0x30, 0)
        self.put(0x38, size)
        self.rings = rings
        if self.legacy:
            page, align = self.rng.choice([(4096, 4096), (4096, 4096), (512, 64), (4096, 3), (1, 0)])
            align = align if self.rng.random() < 0.95 else number(self.rng, 32)
            self.put(0x28, page)
            self.put(0x3C, align)
            self.put(0x40, rings[0] // page)
            base = rings[0] // page % (1 << 32) * page
            align = max(align, 1)
            used = base + -(-(18 * size + 6) // align) * align
            self.rings = base, base + 16 * size, used
        else:
            for register, ring in zip((0x80, 0x90, 0xA0), rings, strict=True):
                self.put(register, ring)
                self.put(register + 4, ring >> 32)
            self.put(0x44, 1)
        self.put(STATUS, 15)
        self.size = size

    def write(self, pa: int, data: bytes) -> None:
        """Write to memory, if that is there."""
        if pa >= BASE and pa + len(data) <= BASE + MEMORY:
            self.machine.memory.write(pa, data)

    def read(self, pa: int, size: int) -> bytes:
        return self.machine.memory.read(pa, size) if pa >= BASE and pa + size <= BASE + MEMORY else b""


def descriptor(rng: random.Random, size: int) -> bytes:
    length = rng.choice([0, 1, 16, 16, 512, 512, 1024, 513, 4096, 0x8000, 0xFFFF_FFFF, number(rng, 32)])
    flags = rng.choice(
        [0, NEXT, NEXT, NEXT | WRITE, NEXT | WRITE, WRITE, INDIRECT, INDIRECT | NEXT, number(rng, 16)]
    )
    return struct.pack(
        "<QIHH", address(rng), length, flags, rng.choice([rng.randrange(size), number(rng, 16)])
    )


def request(driver: Driver, at: int, table: int, index: int, size: int) -> None:
    """Three descriptors that make a proper request, but for a slip here and there."""
    rng = driver.rng
    kind = rng.choice([0, 0, 1, 1, 4, 8, 11, number(rng, 32)])
    sector = rng.choice([0, 1, 7, 39, 40, 1 << 55, number(rng)])
    driver.write(at, struct.pack("<IIQ", kind, 0, sector))
    length = rng.choice([512, 512, 1024, 0, 20, 511, 0x1_0000])
    to_driver = WRITE if kind != 1 else 0
    following = [(index + n) % size for n in range(3)]
    data = rng.choice(
        [RINGS + 0x1_0000 + rng.randrange(0x2_0000), address(rng), table]
    )  # over descriptors, too
    rows = [
        (at, 16, NEXT, following[1]),
        (data, length, NEXT | to_driver, following[2]),
        (at + 16, 1, WRITE, 0),
    ]
    for place, row in zip(following, rows, strict=True):
        if rng.random() < 0.97:
            driver.write(table + 16 * place, struct.pack("<QIHH", row[0] % (1 << 64), *row[1:]))


def writable(driver: Driver) -> list[tuple[int, int]]:
    """What any descriptor there is lets the device write to, and the used ring."""
    size, (table, _, used) = driver.size, driver.rings
    found = [(used, used + 4 + 8 * size)]
    tables = [(table, size)]
    for at, count in tables:
        for index in range(count):
            raw = driver.read(at + 16 * index, 16)
            if not raw:
                continue
            pa, length, flags, _ = struct.unpack("<QIHH", raw)
            if flags & WRITE:
                found.append((pa, pa + length))
            if flags & INDIRECT and at == table and length // 16 <= 1024 and len(tables) < 64:
                tables.append((pa, length // 16))
    return found


def notify(driver: Driver) -> bool:
    """Let the device serve the queue, and see what it has changed; whether it needs a reset."""
    case = driver.case
    allowed, disk = writable(driver), driver.machine.disk.read(0, len(driver.disk))
    before = driver.machine.memory.read(BASE, MEMORY)
    driver.put(0x50, 0)
    after = driver.machine.memory.read(BASE, MEMORY)
    if before != after:
        case.counts["written to memory"] += 1
        changed = [i for i in range(0, MEMORY, 512) if before[i : i + 512] != after[i : i + 512]]
        for block in changed:
            for i in range(block, block + 512):
                if before[i] != after[i]:
                    pa = BASE + i
                    case.check(any(first <= pa < end for first, end in allowed), f"{pa:#x} was written to")
    if driver.machine.disk.read(0, len(driver.disk)) != disk:
        case.counts["written to disk"] += 1
    broken = bool(driver.get(STATUS) & NEEDS_RESET)
    case.counts["needs a reset" if broken else "served"] += 1
    return broken


def proper(driver: Driver) -> None:
    """A driver that does all right writes a sector and finds it again."""
    case, size = driver.case, 8
    case.note("a proper driver")
    driver.machine.memory.write(RINGS, bytes(SPAN))
    driver.machine.memory.write(RINGS + 0x3000, struct.pack("<IIQ", 1, 0, 0) + b"\xff" + b"\xab" * 512)
    table, available, used = RINGS, RINGS + 0x1000, RINGS + 0x2000
    rng, driver.rng = driver.rng, random.Random(0)
    while True:
        driver.set_up(size, (table, available, used), indirect=False)
        if driver.rings[2] % 4 == 0:
            break
    driver.rng = rng
    data = RINGS + 0x3000
    rows = [(data, 16, NEXT, 1), (data + 17, 512, NEXT, 2), (data + 16, 1, WRITE, 0)]
    driver.machine.memory.write(driver.rings[0], b"".join(struct.pack("<QIHH", *row) for row in rows))
    driver.machine.memory.write(driver.rings[1], struct.pack("<HHH", 0, 1, 0))
    driver.put(0x50, 0)
    case.check(driver.get(STATUS) == 15, f"status {driver.get(STATUS):#x}")
    case.check(driver.machine.memory.read(data + 16, 1) == b"\0", "the request has not been served")
    case.check(driver.machine.disk.read(0, 512) == b"\xab" * 512, "the sector was not written")
    case.check(driver.get(0x60) & 1, "there is no interrupt")
    driver.put(0x64, 3)
    case.check(driver.get(0x60) == 0, "the interrupt is still there")


def publish(driver: Driver, index: int) -> int:
    """Write a chain and put its head into the available ring, mostly right; the ring's index after it."""
    rng, size, (table, available, _) = driver.rng, driver.size, driver.rings
    head = rng.randrange(size)
    if rng.random() < 0.7:
        request(driver, address(rng), table, head, size)
    else:
        driver.write(table + 16 * head, descriptor(rng, size))
    if rng.random() < 0.2:
        entries = RINGS + 0x8000 + rng.randrange(0x1000)
        if rng.random() < 0.6:
            request(driver, address(rng), entries, 0, 3)
        else:
            for entry in range(rng.choice([1, 4, 20])):
                driver.write(entries + 16 * entry, descriptor(rng, 20))
        raw = struct.pack("<QIHH", entries, 16 * rng.choice([3, 3, 3, 1, 20, 1025]), INDIRECT, 0)
        driver.write(table + 16 * head, raw)
    if rng.random() < 0.05:
        head = number(rng, 16)
    driver.write((available + 4 + 2 * (index % size)) % (1 << 64), struct.pack("<H", head))
    return (index + rng.choice([1] * 30 + [0, 2, 500])) & 0xFFFF


def run_case(case: Case) -> None:
    rng = case.rng
    driver = Driver(case)
    for _ in range(rng.choice([3, 10, 30])):
        size = 1024 if rng.random() < 0.03 else rng.choice([4, 8, 8, 16, 64, 1])
        rings = (RINGS, RINGS + 0x5000, RINGS + 0x6000)
        if rng.random() < 0.2:
            rings = (address(rng), address(rng), address(rng))
        case.note("set up", size, [f"{ring:#x}" for ring in rings], "legacy" if driver.legacy else "")
        driver.set_up(size, rings, rng.random() < 0.6)
        index = 0
        for _ in range(rng.choice([1, 3, 8])):
            for _ in range(rng.randint(1, min(size, 6))):
                index = publish(driver, index)
            driver.write(driver.rings[1], struct.pack("<HH", rng.choice([0, 0, 1, number(rng, 16)]), index))
            case.note("notify", index)
            if notify(driver):
                break
    proper(driver)


if __name__ == "__main__":
    main("virtio", run_case)
