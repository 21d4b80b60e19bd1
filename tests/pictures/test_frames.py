"""Physical memory as a map, and the free list: colours, numbers and places are those of the census."""

from __future__ import annotations

import numpy as np
import pytest

import hartlab as hl
from hartlab.pictures import palette
from pictures.drawn import marks, pixels, starting, words
from pictures.scene import family


def colour_of(owner: str) -> tuple[float, ...] | None:
    fill = palette.OWNERS[owner].fill
    return palette.rgb(fill) if fill else None


def drawn_owners(picture: hl.pictures.Picture) -> list[str]:
    """The owner of each frame, read from the colours of the map and the frames that each row stands for."""
    image = pixels(picture, "map")
    by_colour = {np.round(colour_of(name), 2).tobytes(): name for name in palette.OWNERS if colour_of(name)}
    owners: list[str] = []
    for row, cells in zip(picture.data["rows"], image, strict=True):
        names = [by_colour.get(np.round(cell[:3].astype(float), 2).tobytes(), "free") for cell in cells]
        count = int(row["frames"])
        owners += names[:count] if count <= len(names) else names[:1] * count
    return owners


@pytest.mark.parametrize("memory", ["2MiB", "32MiB", "128MiB"])
def test_each_frame_has_the_colour_of_its_owner(memory: str) -> None:
    kernel = hl.Kernel(memory=memory)
    kernel.spawn(code=hl.asm("here: j here")).sbrk(50 * hl.PGSIZE)
    assert drawn_owners(hl.pictures.frames(kernel)) == kernel.frames()["owner"].tolist()


def test_the_legend_counts_every_owner() -> None:
    kernel = family()[1]
    owners, counts = np.unique(kernel.frames()["owner"], return_counts=True)
    drawn = starting(hl.pictures.frames(kernel), "count")
    expected = {str(name): f"{count:,}" for name, count in zip(owners, counts, strict=True)}
    assert {name: mark.words for name, mark in drawn.items()} == expected


def test_a_frame_that_two_map_carries_its_number() -> None:
    kernel = family()[1]
    census = kernel.frames()
    shared = census[census["mappings"] > 1]
    assert len(shared) > 3
    drawn = starting(hl.pictures.frames(kernel), "shared")
    assert {int(pa, 16) for pa in drawn} == set(shared["pa"].tolist())
    times = starting(hl.pictures.frames(kernel), "times")
    assert {int(pa, 16): int(mark.words) for pa, mark in times.items()} == dict(
        zip(shared["pa"].tolist(), shared["mappings"].tolist(), strict=True)
    )


def test_a_number_stands_on_its_own_frame() -> None:
    picture = hl.pictures.frames(family()[1])
    frame = marks(picture)["map"]
    image = pixels(picture, "map")
    user = np.round(colour_of("user"), 2)
    left, top = 78.0, 16.0
    assert frame.tip == "1 frame of 4 KiB each"
    for mark in starting(picture, "shared").values():
        column, row = (int((at - start) // 16) for at, start in zip(mark.middle, (left, top), strict=True))
        assert np.round(image[row, column, :3].astype(float), 2).tolist() == user.tolist()


def test_free_frames_are_darker_the_sooner_their_turn() -> None:
    kernel = hl.Kernel(memory="1MiB")
    process = kernel.spawn(code=hl.asm("here: j here"))
    process.sbrk(20 * hl.PGSIZE)
    process.sbrk(-20 * hl.PGSIZE)
    picture = hl.pictures.frames(kernel)
    rows = picture.data["rows"]
    alpha = pixels(picture, "map")[..., 3]
    first = int(rows["pa"][0])
    strength = []
    for pa in kernel.free_list()["pa"].tolist():
        row = int(np.searchsorted(rows["pa"], pa, side="right")) - 1
        if rows["frames"][row] <= alpha.shape[1]:
            strength.append(alpha[row, (pa - first) // hl.PGSIZE % alpha.shape[1]])
    assert len(strength) > 10
    assert (np.diff(strength) <= 1e-6).all()
    assert strength[0] > strength[-1] + 0.05


def test_memory_that_is_large_and_mixed_is_drawn_in_squares_of_several_frames() -> None:
    table = hl.Kernel(memory="512MiB").frames()
    table["owner"] = np.where(np.random.default_rng(1).random(len(table)) < 0.02, "user", "free")
    table["owner"][20_000] = "lost"
    picture = hl.pictures.frames(table)
    assert picture.data["cells"].size <= 1 << 16
    assert any("a square is 4 frames" in word for word in words(picture))
    lost = picture.data["owners"]["owner"].tolist().index("lost")
    assert (picture.data["cells"] == lost).sum() == 1, "the single one is still seen"
    black = np.round(palette.rgb(palette.BLACK), 2)
    image = pixels(picture, "map")
    assert (np.abs(image[..., :3] - black).max(axis=2) < 0.02).sum() == 1


def test_the_text_has_a_letter_for_each_frame() -> None:
    kernel = hl.Kernel(memory="1MiB")
    text = hl.pictures.frames(kernel).text.splitlines()
    letters = {name: palette.OWNERS[name].letter for name in palette.OWNERS}
    first = "".join(letters[owner] for owner in kernel.frames()["owner"][:64])
    assert text[0] == f"{hl.KERNBASE:#x}  {first}"


# -- the free list -----------------------------------------------------------------------------------


def turns(picture: hl.pictures.Picture) -> tuple[np.ndarray, np.ndarray]:
    """The points that are drawn: places in the list, and addresses above the lowest line of the scale."""
    axes = picture.figure().axes[1]
    line = next(line for line in axes.lines if line.get_gid() == "mark:turns")
    return line.get_xdata(), line.get_ydata()


def test_every_page_is_drawn_at_its_place() -> None:
    kernel = hl.Kernel(memory="1MiB")
    process = kernel.spawn(code=hl.asm("here: j here"))
    process.sbrk(9 * hl.PGSIZE)
    process.sbrk(-7 * hl.PGSIZE)
    pages = kernel.free_list()
    places, addresses = turns(hl.pictures.free_list(kernel))
    assert places.tolist() == pages["index"].tolist()
    assert np.diff(addresses).tolist() == np.diff(pages["pa"].astype(float)).tolist()


def test_the_pages_that_come_next_are_drawn_as_a_chain() -> None:
    kernel = hl.Kernel(memory="1MiB")
    pages = kernel.free_list()[:6]
    drawn = starting(hl.pictures.free_list(kernel), "page")
    lefts = [drawn[hex(pa)].box[0] for pa in pages["pa"].tolist()]
    assert lefts == sorted(lefts)
    shown = words(hl.pictures.free_list(kernel))
    assert all(f"next {pa:#x}" in shown for pa in pages["next"].tolist())
    assert f"handed out next, of {kernel.free_pages} free pages" in shown


def test_pages_that_were_given_back_make_stretches_of_their_own() -> None:
    kernel = hl.Kernel(memory="1MiB")
    process = kernel.spawn(code=hl.asm("here: j here"))
    process.sbrk(9 * hl.PGSIZE)
    process.sbrk(-9 * hl.PGSIZE)
    stretches = hl.pictures.free_list(kernel).data["stretches"]
    pages = kernel.free_list()["pa"]
    assert len(stretches) > 1
    assert stretches["pages"].sum() == len(pages)
    for row in stretches:
        run = pages[int(row["index"]) : int(row["index"] + row["pages"])].astype(np.int64)
        assert (run[0], run[-1]) == (row["pa"], row["last"])
        assert len(set(np.diff(run).tolist())) <= 1


@pytest.mark.parametrize(
    ("target", "verdict"), [(0x8001_0000 | 8, "misaligned"), (0x1000, "out of bounds"), (None, "cycle")]
)
def test_a_broken_list_ends_at_the_pointer_that_breaks_it(target: int | None, verdict: str) -> None:
    kernel = hl.Kernel(memory="1MiB")
    pages = kernel.free_list()["pa"]
    kernel.memory.store(int(pages[3]), int(pages[1]) if target is None else target)
    picture = hl.pictures.free_list(kernel)
    assert marks(picture)["broken"].words.startswith(f"broken: {verdict}")
    assert "broken" in picture.alt
    assert "BROKEN" in picture.text
    assert len(turns(picture)[0]) == 4


def test_an_empty_list_is_drawn_as_such() -> None:
    kernel = hl.Kernel(memory="1MiB")
    picture = hl.pictures.free_list(kernel.free_list()[:0])
    assert "empty" in marks(picture)
    assert picture.alt == "The free list is empty: kalloc returns 0."


@pytest.mark.parametrize(
    ("draw", "name"), [(hl.pictures.frames, "frames"), (hl.pictures.free_list, "free_list")]
)
def test_what_has_neither_is_refused(draw: object, name: str) -> None:
    with pytest.raises(TypeError, match=rf"x=5 must have a method {name}\(\)"):
        draw(5)
    with pytest.raises(ValueError, match="x has no column"):
        draw(family()[1].processes())
