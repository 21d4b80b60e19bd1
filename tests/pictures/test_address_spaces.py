"""Address spaces: every page that is there, every one that is only granted, and every frame that two have."""

from __future__ import annotations

import numpy as np
import pytest

import hartlab as hl
from pictures.drawn import Mark, marks, starting, words
from pictures.scene import family


def rows_of(picture: hl.pictures.Picture, space: int = 0) -> dict[tuple[int, int], Mark]:
    """The boxes that are drawn of one space, by where they begin and end."""
    found = {}
    for name, mark in starting(picture, f"row {space}").items():
        start, _, end = mark.tip.partition(": ")[0].partition(" to ")
        if end:
            found[int(start, 16), int(end, 16)] = mark
            assert int(name, 16) == int(start, 16)
    return found


def covering(rows: dict[tuple[int, int], Mark], va: int) -> Mark:
    return next(mark for (start, end), mark in rows.items() if start <= va < end)


def test_each_page_is_drawn_as_the_page_table_and_the_areas_have_it() -> None:
    _, _, parent, _ = family()
    picture = hl.pictures.address_space(parent)
    rows, flags = rows_of(picture), starting(picture, "flags 0")
    entries = {int(entry["va"]): entry for entry in parent.page_table.entries()}
    for area in parent.areas():
        for va in range(int(area["start"]), int(area["end"]), hl.PGSIZE):
            mark = covering(rows, va)
            assert f": {area['kind']}, " in mark.tip
            assert mark.dashed == (va not in entries)
            assert (", absent," in mark.tip) == (va not in entries)
            if va in entries:
                start = mark.tip.split(" ")[0]
                assert flags[start].words[:8].replace("-", "") == "".join(
                    name for name in "VRWXUGAD" if entries[va][name]
                )


def test_high_addresses_are_above_and_addresses_of_neighbours_are_in_line() -> None:
    before, _, parent, child = family()
    picture = hl.pictures.address_space((before, parent.pid), parent, child)
    every = [rows_of(picture, space) for space in range(3)]
    for rows in every:
        tops = [rows[key].box[1] for key in sorted(rows)]
        assert tops == sorted(tops, reverse=True)
        for key, mark in rows.items():
            assert all(other[key].box[1::2] == mark.box[1::2] for other in every if key in other)
    lefts = [min(mark.box[0] for mark in rows.values()) for rows in every]
    assert lefts == sorted(set(lefts))


def test_a_guard_page_is_hatched_and_a_stack_page_is_not() -> None:
    picture = hl.pictures.address_space(family()[2])
    rows, hatched = rows_of(picture), starting(picture, "hatch row 0")
    assert all(mark.hatched for mark in hatched.values())
    kinds = {covering(rows, int(start, 16)).tip.split(": ")[1].split(",")[0] for start in hatched}
    assert kinds == {"guard", "program"}


def test_links_join_the_frames_that_two_have_and_no_others() -> None:
    _, _, parent, child = family()
    picture = hl.pictures.address_space(parent, child)
    mine, theirs = parent.page_table.entries(), child.page_table.entries()
    common = np.intersect1d(mine["pa"], theirs["pa"])
    drawn = starting(picture, "link")
    assert sum(int(mark.tip.split()[0]) for mark in drawn.values()) == len(common)
    rows = [rows_of(picture, 0), rows_of(picture, 1)]
    for name, link in drawn.items():
        _, start, _, other = name.split()
        ends = [covering(rows[0], int(start, 16)), covering(rows[1], int(other, 16))]
        assert link.box[0] > ends[0].box[2] - 1
        assert link.box[2] == pytest.approx(ends[1].box[0])
        assert {round(y, 2) for y in link.box[1::2]} == {round(mark.middle[1], 2) for mark in ends}


def test_a_copied_page_loses_its_link() -> None:
    kernel = hl.Kernel(fork="cow")
    parent = kernel.spawn(code=hl.asm("here: j here"))
    heap = parent.sbrk(3 * hl.PGSIZE)
    child = parent.fork()
    assert f"link 0 {heap:#x} 1 {heap:#x}" in marks(hl.pictures.address_space(parent, child))
    child.store(heap, b"mine")
    after = marks(hl.pictures.address_space(parent, child))
    assert f"link 0 {heap:#x} 1 {heap:#x}" not in after
    assert f"link 0 {heap + hl.PGSIZE:#x} 1 {heap + hl.PGSIZE:#x}" in after


def test_holes_between_areas_are_drawn_as_holes() -> None:
    kernel = hl.Kernel()
    process = kernel.spawn(code=hl.asm("here: j here"))
    first, second, _ = (process.myalloc(pages * hl.PGSIZE) for pages in (2, 3, 1))
    process.myfree(second)
    rows = rows_of(hl.pictures.address_space(process))
    assert ": hole, " in rows[second, second + 3 * hl.PGSIZE].tip
    assert rows[second, second + 3 * hl.PGSIZE].fill is None
    assert ": vma, " in rows[first, second].tip
    assert "hole, 3 pages" in words(hl.pictures.address_space(process))


def test_before_and_after_are_told_apart_by_their_titles() -> None:
    before, kernel, parent, _ = family()
    assert "pid 2 'parent' (before)" in words(hl.pictures.address_space((before, parent.pid), parent))
    named = hl.pictures.address_space((before, parent.pid), (kernel, parent.pid), labels=["then", "now"])
    assert {"then", "now"} <= set(words(named))


def test_a_kernel_stands_for_all_its_processes() -> None:
    _, kernel, _, _ = family()
    picture = hl.pictures.address_space(kernel)
    assert set(picture.data["rows"]["space"].tolist()) == {0, 1, 2}
    assert [f"pid {pid}" for pid in (1, 2, 3)] == [
        word[:5] for word in words(picture) if word.startswith("pid ")
    ]


def test_a_heap_in_pieces_is_one_row_that_says_how_much_is_there() -> None:
    kernel = hl.Kernel()
    process = kernel.spawn(code=hl.asm("here: j here"))
    heap = process.sbrk(1000 * hl.PGSIZE, hl.SBRK_LAZY)
    for page in range(0, 1000, 7):
        process.store(heap + page * hl.PGSIZE, b"x")
    picture = hl.pictures.address_space(process)
    assert "143 of 1,000 present" in words(picture)
    share = marks(picture)[f"share row 0 {heap:#x}"]
    assert share.width == pytest.approx(0.143 * rows_of(picture)[0, hl.PGSIZE].width, rel=0.01)
    assert picture.data["rows"]["pages"].sum() == len(process.page_table)


@pytest.mark.parametrize(
    ("wrong", "options", "error", "message"),
    [
        ([], {}, TypeError, "needs a process"),
        ([3], {}, TypeError, "process=3 must be a Process"),
        ([(family()[0], "2")], {}, TypeError, "pid of process='2'"),
        ([family()[2]] * 7, {}, ValueError, "7 address spaces do not fit"),
        ([family()[2]], {"labels": ["a", "b"]}, ValueError, "labels has 2 titles for 1 address space"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    wrong: list[object], options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        hl.pictures.address_space(*wrong, **options)
