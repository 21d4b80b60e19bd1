"""What holds of all pictures: how they show themselves, are saved, and say what is to be seen."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import hartlab as hl
from pictures.drawn import SVG, marks, root_of
from pictures.scene import family, traced
from test_docstrings import missing_parts

Draw = Callable[[], hl.pictures.Picture]


def _family() -> hl.Process:
    return family()[2]


PICTURES: dict[str, Draw] = {
    "address": lambda: hl.pictures.address(0x3FFFFFE010),
    "page_table": lambda: hl.pictures.page_table(_family(), va=0x5010),
    "walk": lambda: hl.pictures.walk(_family(), 0x40000000, "store"),
    "address_space": lambda: hl.pictures.address_space((family()[0], _family().pid), *family()[2:]),
    "frames": lambda: hl.pictures.frames(family()[1]),
    "free_list": lambda: hl.pictures.free_list(family()[1]),
    "timeline": lambda: hl.pictures.timeline(traced()[1]),
    "fork_tree": lambda: hl.pictures.fork_tree(traced()[1]),
    "tlb": lambda: hl.pictures.tlb(family()[1]),
    "curves": lambda: hl.pictures.curves({"ways": [1, 2, 4], "miss_rate": [0.5, 0.2, 0.1]}),
    "bits": lambda: hl.pictures.bits(_family().page_table.pte(0x3000)),
    "difference": lambda: hl.pictures.difference(*family()[:2]),
    "squares": lambda: hl.pictures.squares(["text", "", "heap"]),
}
every_picture = pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)


def test_this_is_all_of_them() -> None:
    assert set(PICTURES) == set(hl.pictures.__all__) - {"Picture"}


@pytest.mark.parametrize("name", hl.pictures.__all__)
def test_it_is_documented(name: str) -> None:
    thing = getattr(hl.pictures, name)
    assert missing_parts(name, thing) == []
    members = vars(thing).items() if inspect.isclass(thing) else ()
    for member, value in members:
        if not member.startswith("_") and inspect.isroutine(value):
            assert missing_parts(f"{name}.{member}", value) == []


@every_picture
def test_the_svg_says_what_is_to_be_seen(draw: Draw) -> None:
    picture = draw()
    root = root_of(picture)
    named = {element.get("id"): element for element in root if element.get("id")}
    described = [named[number] for number in root.get("aria-labelledby", "").split()]
    assert [element.tag for element in described] == [f"{SVG}title", f"{SVG}desc"]
    assert [element.text for element in described] == [picture.title, picture.alt]
    assert root.get("role") == "img"
    assert picture.alt.endswith(".")
    assert len(picture.alt) > 40


@every_picture
def test_parts_that_stand_for_something_are_marked_and_nothing_else_has_a_name(draw: Draw) -> None:
    picture = draw()
    assert len(marks(picture)) >= 2
    svg = picture.svg()
    ids = re.findall(r'\bid="([^"]*)"', svg)
    assert len(ids) == len(set(ids))
    assert not [name for name in ids if name.startswith(("patch_", "text_", "line2d_", "figure_"))]


@every_picture
def test_the_ink_is_the_pages_own_unless_a_theme_is_asked_for(draw: Draw) -> None:
    picture = draw()
    free = picture.svg()
    assert "currentColor" in free
    assert "prefers-color-scheme:dark" in free
    assert "#1c2024" not in free.replace("svg{color:#1c2024}", "")
    inline = picture._repr_mimebundle_()["text/html"]
    assert "prefers-color-scheme" not in inline, "a notebook's theme is its own"
    assert "currentColor" in inline
    for theme, ink, paper in (("light", "#1c2024", "#ffffff"), ("dark", "#e8eaed", "#14171a")):
        fixed = picture.svg(theme)
        assert "currentColor" not in fixed
        assert ink in fixed
        assert f"fill: {paper}" in fixed


@every_picture
def test_nothing_is_cut_off_at_the_border(draw: Draw) -> None:
    picture = draw()
    _, _, width, height = map(float, root_of(picture).get("viewBox", "").split())
    for mark in marks(picture).values():
        left, top, right, bottom = mark.box
        assert left == top == right == bottom == 0 or (min(left, top) >= 1 and right <= width - 1), mark
        assert bottom <= height - 1, mark
    for text in (each for each in root_of(picture).iter(f"{SVG}text") if each.get("y")):
        size = re.search(r"([\d.]+)px", text.get("style", ""))
        assert size is not None
        assert 0.7 * float(size[1]) <= float(text.get("y", "")) <= height, "".join(text.itertext())


@every_picture
def test_the_same_state_is_drawn_the_same(draw: Draw) -> None:
    assert draw().svg() == draw().svg()


@every_picture
def test_it_prints_as_text_that_fits_a_terminal(draw: Draw) -> None:
    picture = draw()
    assert repr(picture) == str(picture) == picture.text
    assert max(map(len, picture.text.splitlines())) <= 120


@every_picture
def test_what_it_draws_is_data(draw: Draw) -> None:
    data = draw().data
    assert data
    assert all(hasattr(values, "dtype") for values in data.values())


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_it_is_saved(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"address.{ending}"
    PICTURES["walk"]().save(path)
    start = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}[ending]
    assert path.read_bytes().startswith(start)


def test_the_words_are_in_a_png_and_in_a_pdf_too(tmp_path: Path) -> None:
    picture = PICTURES["address"]()
    for ending in ("png", "pdf"):
        picture.save(tmp_path / f"a.{ending}")
        assert b"VPN[2] 255" in (tmp_path / f"a.{ending}").read_bytes().replace(b"\\", b"")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"path": "a.gif"}, r"must end in .svg, .png or .pdf"),
        ({"path": "a.png", "theme": "blue"}, "theme='blue' is none of 'light', 'dark'"),
        ({"path": "a.png", "dpi": 0}, "dpi=0 is out of range"),
    ],
)
def test_what_cannot_be_saved_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PICTURES["address"]().save(**wrong)


def test_the_notebooks_own_style_changes_nothing() -> None:
    import matplotlib

    plain = PICTURES["curves"]().svg()
    with matplotlib.rc_context(
        {"font.size": 20, "lines.linewidth": 9, "axes.grid": True, "svg.fonttype": "path"}
    ):
        assert PICTURES["curves"]().svg() == plain


def test_without_matplotlib_there_is_the_text_and_a_word_on_what_to_install() -> None:
    program = """
import sys
sys.modules["matplotlib"] = None
import hartlab as hl
picture = hl.pictures.address(0x1000)
print(picture)
bundle = picture._repr_mimebundle_()
assert "image/png" not in bundle and "hartlab[viz]" in bundle["text/html"]
assert "VPN[1]" in bundle["text/plain"]
for use in (picture.svg, picture.figure, lambda: picture.save("a.png")):
    try:
        use()
    except ModuleNotFoundError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.count("pip install 'hartlab[viz]'") == 3
    assert "VPN[2]" in done.stdout
