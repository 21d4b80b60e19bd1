"""A lab as a notebook: its handout, with cells for what is to be written and for checking it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from .. import words
from ..labs import Lab
from ..labs.award import SOURCE

# Tags of the handout's cells in whose place these come, and of those that no student is given.
_LAB, _STARTER, _CHECKS = "lab", "starter", "checks"
_LEFT_OUT = {"solution", "course"}
# Links to pages and notebooks beside the handout, which are not beside what is released.
_LINK_BESIDE = re.compile(r"(?<!!)\[([^\]]+)\]\((?![a-z]+:)[^)]+\.(?:md|ipynb)(?:#[^)]*)?\)")


def notebook(lab: Lab, setup: Any, starter: Any, checks: Sequence[Any]) -> Any:
    """Put a notebook together.

    Parameters
    ----------
    lab : Lab
        Whose handout it is, or whose task without one.
    setup, starter : NotebookNode
        Cells: what comes first, and what is to be completed.
    checks : sequence of NotebookNode
        Cells that check it.

    Returns
    -------
    NotebookNode
        A valid notebook without outputs.
    """
    import nbformat

    handout = _handout(lab)
    parts = {_LAB: [setup], _STARTER: [starter], _CHECKS: list(checks)}
    if not any(_tag(cell, parts) == _LAB for cell in handout):
        parts = {_STARTER: [setup, starter], _CHECKS: list(checks)}
    cells: list[Any] = []
    for cell in handout:
        tag = _tag(cell, parts)
        cells += [cell] if tag is None else parts.pop(tag)
    for left in parts.values():
        cells += left
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:02}"
        if cell.cell_type == "code":
            cell["outputs"], cell["execution_count"] = [], None
    made = nbformat.v4.new_notebook(cells=cells, metadata=_METADATA)
    nbformat.validate(made)
    return made


_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def code(source: str, **nbgrader: Any) -> Any:
    """Give a code cell, with nbgrader's metadata if there are any."""
    import nbformat

    metadata = {"nbgrader": {"schema_version": 3, **nbgrader}} if nbgrader else {}
    return nbformat.v4.new_code_cell(source.rstrip("\n"), metadata=metadata)


def text_cell(source: str) -> Any:
    """Give a cell of Markdown."""
    import nbformat

    return nbformat.v4.new_markdown_cell(source.rstrip("\n"))


def starter_of(lab: Lab, language: str) -> str:
    """Give the source of a cell with the starter: Python as it is, C as a text with a name."""
    return in_cell(lab.starter(language), language)


def in_cell(source: str, language: str) -> str:
    """Give the source of a cell that has Python as it is, or C as a text with a name."""
    return source.rstrip("\n") if language == "python" else f"{SOURCE} = {quoted(source)}"


def quoted(text: str) -> str:
    """Write a text as Python does, over several lines where that can be."""
    if '"""' in text or text.endswith(('"', "\\")):
        return repr(text)
    return f'r"""{text}"""'


def _handout(lab: Lab) -> list[Any]:
    """The cells of the handout that students are given; without a handout, the task in a cell."""
    import nbformat

    if lab.handout is None:
        task = f"# {lab.title}\n\n{lab.task}\n\n{words.plural(lab.points, 'point')}."
        return [text_cell(task)]
    cells = [
        cell
        for cell in nbformat.read(lab.handout, as_version=4).cells
        if not _LEFT_OUT.intersection(cell.metadata.get("tags", []))
    ]
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = _LINK_BESIDE.sub(r"\1", cell.source)
    return cells


def _tag(cell: Any, wanted: Iterable[str]) -> str | None:
    return next((each for each in cell.metadata.get("tags", []) if each in wanted), None)
