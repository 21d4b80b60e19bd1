"""The difference of two states: what is drawn is what hl.diff finds."""

from __future__ import annotations

from collections import Counter

import pytest

import hartlab as hl
from pictures.drawn import marks, starting
from pictures.scene import family


def expanded(picture: hl.pictures.Picture) -> dict[tuple[int, int], str]:
    """Each page that is drawn as changed, by pid and address, and how it has changed."""
    found = {}
    counts = starting(picture, "pages")
    for name, mark in starting(picture, "page").items():
        pid, va = name.split()
        for number in range(int(counts[name].words.replace(",", "").split()[0])):
            found[int(pid), int(va, 16) + number * hl.PGSIZE] = mark.tip.partition(":")[0]
    return found


def test_each_changed_page_is_drawn_with_its_change() -> None:
    before, kernel, _, child = family()
    twin = kernel.clone()
    twin.process(child.pid).store(0x3000, b"copied")
    twin.process(child.pid).sbrk(-hl.PGSIZE)
    found = hl.diff(before, twin)
    assert {"mapped", "moved", "flags"} >= set(found.ptes["change"].tolist()) >= {"mapped", "flags"}
    changes = {(int(row["pid"]), int(row["va"])): str(row["change"]) for row in found.ptes}
    assert expanded(hl.pictures.difference(before, twin)) == changes
    later = hl.diff(kernel, twin)
    assert set(later.ptes["change"].tolist()) == {"moved"}
    assert set(expanded(hl.pictures.difference(later)).values()) == {"moved"}


def test_frames_are_counted_by_who_had_them_and_who_has_them() -> None:
    before, kernel, *_ = family()
    frames = hl.diff(before, kernel).frames
    pairs = Counter(zip(frames["owner_before"].tolist(), frames["owner_after"].tolist(), strict=True))
    counts = starting(hl.pictures.difference(before, kernel), "count")
    assert {tuple(name.split()): int(mark.words) for name, mark in counts.items()} == dict(pairs)
    bars = starting(hl.pictures.difference(before, kernel), "flow")
    widths = [bars[f"{a} {b}"].width for (a, b), _ in pairs.most_common()]
    assert widths == sorted(widths, reverse=True)


def test_the_free_list_the_processes_and_the_registers_are_said() -> None:
    _, kernel, parent, _ = family()
    twin = kernel.clone()
    twin.process(parent.pid).sbrk(3 * hl.PGSIZE)
    picture = hl.pictures.difference(kernel, twin)
    free = kernel.free_pages, twin.free_pages
    assert marks(picture)["free"].words == f"free list: {free[0]:,} → {free[1]:,} ({free[1] - free[0]:+,})"
    assert marks(picture)[f"field {parent.pid} sz"].words == " → ".join(
        f"{k.process(parent.pid).sz:#x}" for k in (kernel, twin)
    )
    twin.step()
    assert "pc" in marks(hl.pictures.difference(kernel, twin))["registers"].words


def test_nothing_is_drawn_as_nothing() -> None:
    _, kernel, *_ = family()
    picture = hl.pictures.difference(kernel.snapshot(), kernel)
    assert set(marks(picture)) == {"nothing"}
    assert picture.text == "nothing has changed"
    assert picture.alt == "What changed: nothing."


def test_a_thousand_pages_that_changed_alike_are_one_row() -> None:
    kernel = hl.Kernel()
    process = kernel.spawn(code=hl.asm("here: j here"))
    before = kernel.snapshot()
    process.sbrk(1000 * hl.PGSIZE)
    picture = hl.pictures.difference(before, kernel)
    assert picture.data["pages"]["pages"].tolist() == [1000]
    assert len(expanded(picture)) == 1000


def test_machines_are_compared_too() -> None:
    machine = hl.Machine(memory="1MiB", code=hl.asm("li a0, 7"))
    before = machine.snapshot()
    machine.step()
    assert "a0" in marks(hl.pictures.difference(before, machine))["registers"].words
    with pytest.raises(TypeError, match="of one kind"):
        hl.pictures.difference(before, family()[1])
