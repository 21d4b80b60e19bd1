"""Whatever a guest has written over the kernel's memory, every picture is drawn, in little time."""

from __future__ import annotations

import time

import numpy as np
import pytest

import hartlab as hl
from pictures.drawn import marks, root_of

HORRORS = ["<script>&'\"", "$x^{$", "\\frac", "a\x01b\x7f", "\U0001f600 ☃", "%s{0}", "]]>"]


def kernel_with_children() -> tuple[hl.Kernel, list[int]]:
    kernel = hl.Kernel(memory="2MiB", fork="cow")
    process = kernel.spawn(code=hl.asm("here: j here"), name="victim")
    process.sbrk(4 * hl.PGSIZE)
    process.myalloc(2 * hl.PGSIZE)
    child = process.fork()
    return kernel, [process.pid, child.pid]


def every_drawing(kernel: hl.Kernel, pids: list[int], before: hl.Snapshot) -> None:
    """Draws all there is. What a picture may refuse is a process that the corrupted table no longer has."""
    present = [pid for pid in pids if pid in kernel.processes()["pid"]]
    pictures = [
        hl.pictures.frames(kernel),
        hl.pictures.free_list(kernel),
        hl.pictures.fork_tree(kernel),
        hl.pictures.tlb(kernel),
        hl.pictures.difference(before, kernel),
        hl.pictures.page_table(kernel),
    ]
    for pid in present:
        pictures.append(hl.pictures.page_table((kernel, pid), va=0x3000))
        pictures.append(hl.pictures.walk((kernel, pid), 0x3000))
    if present:
        pictures.append(hl.pictures.address_space(*((kernel, pid) for pid in present[:6])))
    for picture in pictures:
        assert root_of(picture).get("role") == "img"
        assert picture.text
        assert picture.alt


@pytest.mark.parametrize("seed", range(6))
def test_random_words_in_kernel_memory(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kernel, pids = kernel_with_children()
    before = kernel.snapshot()
    census = kernel.frames()
    targets = census["pa"][np.isin(census["owner"], ("page_table", "kernel_image", "trapframe"))]
    for _ in range(300):
        where = int(rng.choice(targets)) + 8 * int(rng.integers(512))
        low = int(rng.choice([0, 1, 0xF, 0x1F, 0x41, 0xFF, 1 << 20]))
        value = (
            hl.PA2PTE(int(rng.choice(census["pa"]))) | low
            if rng.random() < 0.7
            else int(rng.integers(1 << 62))
        )
        kernel.memory.store(where, value)
    start = time.process_time()
    every_drawing(kernel, pids, before)
    assert time.process_time() - start < 20


def test_a_table_that_points_at_itself() -> None:
    kernel, pids = kernel_with_children()
    before = kernel.snapshot()
    root = kernel.process(pids[0]).page_table.root
    for index in range(512):
        kernel.memory.store(root + 8 * index, hl.PA2PTE(root) | hl.PTE_V)
    start = time.process_time()
    every_drawing(kernel, pids, before)
    assert time.process_time() - start < 10
    picture = hl.pictures.page_table(kernel.process(pids[0]))
    assert marks(picture)["remark"].words.startswith("corrupted: its tables point at each other")
    kernel.memory.store(_pagetable_field(kernel, root), 0x1000)
    assert "its root is not in RAM" in hl.pictures.page_table(kernel.process(pids[0])).alt


def _pagetable_field(kernel: hl.Kernel, root: int) -> int:
    """Where the process table has that root."""
    found = kernel.memory[:].tobytes().index(root.to_bytes(8, "little"))
    return hl.KERNBASE + found


@pytest.mark.parametrize("name", HORRORS)
def test_names_are_text_and_nothing_else(name: str) -> None:
    table = hl.Kernel().processes()
    table["name"] = name
    picture = hl.pictures.fork_tree(table)
    shown = "".join(root_of(picture).itertext())
    assert not any(ord(character) < 32 and character != "\n" for character in shown)
    assert name.translate({1: "?", 127: "?"})[:14] in shown.replace("…", "")[:100_000] or "…" in shown
    owners = hl.Kernel(memory="1MiB").frames()
    owners["owner"][:3] = name
    assert root_of(hl.pictures.frames(owners)).get("role") == "img"
    squares = hl.pictures.squares([name.replace("\x00", "")])
    assert root_of(squares).get("role") == "img"


@pytest.mark.parametrize("name", HORRORS)
def test_a_hostile_name_of_a_real_process(name: str) -> None:
    kernel = hl.Kernel(memory="2MiB")
    process = kernel.spawn(code=hl.asm("here: j here"), name="zzyzzyzzyzz")
    image = kernel.memory[:].tobytes()
    at = image.index(b"zzyzzyzzyzz")
    raw = name.encode("utf-8")[:15]
    kernel.memory.write(hl.KERNBASE + at, raw + b"\0")
    for picture in (
        hl.pictures.address_space(process),
        hl.pictures.fork_tree(kernel),
        hl.pictures.page_table(process),
    ):
        assert root_of(picture).get("role") == "img"


@pytest.mark.parametrize("table", ["timeline", "free_list", "frames", "tlb"])
def test_tables_of_random_bytes(table: str) -> None:
    rng = np.random.default_rng(7)
    kernel = hl.Kernel(memory="1MiB")
    with kernel.tracing() as tracing:
        kernel.spawn(code=hl.asm("here: j here"))
        kernel.run(100)
    real = {
        "timeline": tracing.table(),
        "free_list": kernel.free_list(),
        "frames": kernel.frames(),
        "tlb": kernel.hart.tlb(),
    }
    rows = real[table].copy()
    for name in rows.dtype.names:
        kind = rows.dtype[name].kind
        if kind == "u":
            rows[name] = rng.integers(0, np.iinfo(rows.dtype[name]).max, len(rows), dtype=rows.dtype[name])
        elif kind == "i" and name not in ("set", "way"):
            info = np.iinfo(rows.dtype[name])
            rows[name] = rng.integers(info.min, info.max, len(rows), dtype=rows.dtype[name])
    assert root_of(getattr(hl.pictures, table)(rows)).get("role") == "img"
