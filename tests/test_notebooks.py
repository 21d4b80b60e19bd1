"""Every notebook runs from top to bottom, says nothing on stderr, and is committed without outputs.

What its prose claims is held against what its cells gave: `claims/NAME.toml` has, by the id of a cell, texts
that its output must hold.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import hartlab as hl

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
CLAIMS = Path(__file__).resolve().parent / "claims"


@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # Jupyter's own; a warning of ours shows as stderr of a cell
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()

    complaints = [
        output.text
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]
    assert complaints == []
    assert _unfounded(path.stem, notebook.cells) == []


def _unfounded(name: str, cells: list[Any]) -> list[str]:
    """What the notebook's claims say and its cells do not."""
    claims = CLAIMS / f"{name}.toml"
    if not claims.exists():
        return []
    said = {cell.id: "\n".join(map(_text, cell.get("outputs", []))) for cell in cells}
    return [
        f"{cell}: {text!r} is not in: {said.get(cell, 'no such cell')}"
        for cell, texts in tomllib.loads(claims.read_text(encoding="utf-8")).items()
        for text in texts
        if text not in said.get(cell, "")
    ]


def _text(output: Any) -> str:
    """An output as text; of a picture also its alternative text, which its HTML has."""
    data = output.get("data", {})
    return "\n".join([output.get("text", ""), data.get("text/plain", ""), data.get("text/html", "")])


def test_claims_are_of_notebooks() -> None:
    assert {path.stem for path in CLAIMS.glob("*.toml")} <= {path.stem for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_committed_without_outputs(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_functions_of_a_lab_are_those_of_its_starter(path: Path) -> None:
    code = _code(path)
    for name in re.findall(r'hl\.lab\("(.+?)"\)', code):
        lab = hl.lab(name)
        given, wanted = _definitions(code), _definitions(lab.starter())
        assert {each: given.get(each) for each in wanted} == wanted
        assert set(lab.functions) <= set(wanted)


def test_a_program_of_the_examples_is_quoted_as_it_is() -> None:
    """In the notebook, since a handout has no files beside it."""
    program = (NOTEBOOKS[0].parent.parent / "examples" / "myalloc.c").read_text(encoding="utf-8")
    assert program in _code(NOTEBOOKS[0].with_name("08_areas_with_holes.ipynb"))


def _code(path: Path) -> str:
    """The Python of a notebook, without magics."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return "\n\n".join(source for source in sources if not source.startswith("%"))


def _definitions(code: str) -> dict[str, str]:
    """Every version of each function that is defined, by name."""
    found: dict[str, str] = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = found.get(node.name, "") + ast.unparse(node)
    return found
