"""Pictures on pages: exports to HTML and LaTeX keep them, and those in docs show what the engine does."""

from __future__ import annotations

import base64
import importlib
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import hartlab as hl
from pictures.drawn import SVG, root_of
from pictures.scene import family

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
maker = importlib.import_module("pictures_of_docs")


@pytest.fixture(scope="module")
def picture() -> hl.pictures.Picture:
    return hl.pictures.address_space(*family()[2:])


@pytest.fixture(scope="module")
def notebook(picture: hl.pictures.Picture) -> Any:
    """A notebook with the picture as a cell's output, as Jupyter saves it."""
    nbformat = pytest.importorskip("nbformat")
    bundle = picture._repr_mimebundle_()
    bundle["image/png"] = base64.b64encode(bundle["image/png"]).decode()
    output = nbformat.v4.new_output("execute_result", data=bundle, execution_count=1)
    cell = nbformat.v4.new_code_cell("picture", outputs=[output], execution_count=1)
    return nbformat.v4.new_notebook(cells=[cell])


@pytest.mark.filterwarnings("default")  # nbconvert's own
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_notebook_exported_to_html_has_the_drawing_in_the_pages_own_ink(
    notebook: Any, picture: hl.pictures.Picture, theme: str
) -> None:
    nbconvert = pytest.importorskip("nbconvert")
    page, _ = nbconvert.HTMLExporter(theme=theme).from_notebook_node(notebook)
    start = page.index('<div class="hartlab-picture">') + len('<div class="hartlab-picture">')
    drawn = ElementTree.fromstring(page[start : page.index("</svg>", start) + len("</svg>")])
    assert [g.get("data-mark") for g in drawn.iter()] == [
        g.get("data-mark") for g in root_of(picture).iter() if g.tag != f"{SVG}style"
    ]
    assert "currentColor" in page
    assert picture.alt in "".join(drawn.itertext())


@pytest.mark.filterwarnings("default")
def test_a_notebook_exported_to_pdf_by_latex_has_it_as_an_image(notebook: Any) -> None:
    nbconvert = pytest.importorskip("nbconvert")
    source, resources = nbconvert.LatexExporter().from_notebook_node(notebook)
    (name, image), *others = resources["outputs"].items()
    assert not others
    assert name.endswith(".png")
    assert image.startswith(b"\x89PNG")
    assert name in source


def test_a_notebook_of_every_picture_stays_small(picture: hl.pictures.Picture) -> None:
    bundle = picture._repr_mimebundle_()
    assert len(bundle["text/html"]) < 100_000
    assert len(bundle["image/png"]) < 200_000


@pytest.mark.parametrize(
    ("name", "made"), list(maker.pictures()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_picture_in_the_documentation_shows_what_the_engine_does(
    name: str, made: hl.pictures.Picture
) -> None:
    kept = ElementTree.parse(maker.FOLDER / f"{name}.svg").getroot()
    assert said(kept) == said(root_of(made)), "python tools/pictures_of_docs.py draws it anew"


def said(root: ElementTree.Element) -> list[tuple[str | None, str | None]]:
    """What is marked, and all words."""
    return [
        (element.get("data-mark"), (element.text or "").strip())
        for element in root.iter()
        if element.tag != f"{SVG}style" and (element.get("data-mark") or (element.text or "").strip())
    ]
