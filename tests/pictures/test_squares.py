"""Squares: memory as a row of names."""

from __future__ import annotations

import pytest

import hartlab as hl
from pictures.drawn import starting


def test_squares_are_letters_in_text_and_boxes_in_a_drawing() -> None:
    picture = hl.pictures.squares(["heap", "", "a<b"], start=0x3000, unit=16, columns=2)
    assert repr(picture) == "0x3000  h .\n0x3020  a\nh heap  a a<b  . nothing"
    drawn = starting(picture, "square")
    assert {where: mark.tip for where, mark in drawn.items()} == {
        "0x3000": "0x3000: heap",
        "0x3010": "0x3010: nothing",
        "0x3020": "0x3020: a<b",
    }
    assert drawn["0x3010"].fill is None
    assert drawn["0x3000"].fill != drawn["0x3020"].fill
    assert drawn["0x3020"].middle[1] > drawn["0x3000"].middle[1], "a row further down"
    assert "<title>0x3020: a&lt;b</title>" in picture.svg()


def test_the_legend_of_few_columns_is_not_cut_off() -> None:
    text = pytest.importorskip("matplotlib.text").Text
    figure = hl.pictures.squares([f"name of {number}" for number in range(9)], columns=2).figure()
    figure.draw_without_rendering()
    legend = [each for each in figure.findobj(text) if each.get_text().startswith("name of")]
    assert len(legend) == 9
    assert max(each.get_window_extent().x1 for each in legend) <= figure.bbox.x1


def test_other_names_take_colours_that_no_area_has() -> None:
    names = ["text", "heap", *(f"object {number}" for number in range(12))]
    drawn = starting(hl.pictures.squares(names, unit=1), "square")
    looks = [(mark.fill, mark.hatched) for mark in drawn.values()]
    assert not {fill for fill, _ in looks[:2]} & {fill for fill, _ in looks[2:]}
    assert len(set(looks[2:6])) == 4


def test_no_squares_are_no_picture_of_anything() -> None:
    assert hl.pictures.squares([]).text == ""
    assert starting(hl.pictures.squares([]), "square") == {}


@pytest.mark.parametrize("wrong", [{"unit": 0}, {"columns": 0}, {"start": -1}])
def test_squares_that_cannot_be_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        hl.pictures.squares(["x"], **wrong)
