"""Executes a notebook, keeps it with its outputs, and tells its story in the terminal.

Headings and the text of each result are printed; OUTPUT gets the executed notebook and an HTML page.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

MOST_LINES = 24  # of one cell's output; the HTML page has the rest


def execute(path: Path) -> Any:
    """The notebook at `path` with its outputs, run from its own folder; raises at the first failing cell."""
    notebook = nbformat.read(path, as_version=4)
    here = {"metadata": {"path": str(path.parent)}}
    quiet = ["--log-level=ERROR"]  # of the kernel process, which writes to this terminal
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources=here, extra_arguments=quiet
    ).execute()
    return notebook


def story(notebook: Any) -> Iterator[str]:
    """Headings and textual outputs, in order."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield from ("\n" + line.lstrip("# ") for line in cell.source.splitlines() if line.startswith("#"))
        elif cell.cell_type == "code":
            lines = [line for output in cell.outputs for line in _text(output).splitlines()]
            yield from ("    " + line for line in lines[:MOST_LINES])
            if len(lines) > MOST_LINES:
                yield f"    ... {len(lines) - MOST_LINES} lines more"


def _text(output: Any) -> str:
    if output.output_type == "stream":
        return str(output.text)
    return str(output.get("data", {}).get("text/plain", ""))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--output", type=Path, required=True, help="folder for the executed notebook")
    arguments = parser.parse_args()

    try:
        notebook = execute(arguments.notebook)
    except CellExecutionError as error:
        print(f"{arguments.notebook}: a cell failed\n{error}", file=sys.stderr)
        return 1
    print("\n".join(story(notebook)))

    arguments.output.mkdir(parents=True, exist_ok=True)
    executed = arguments.output / arguments.notebook.name
    nbformat.write(notebook, executed)
    page = executed.with_suffix(".html")
    page.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    print(f"\nThe executed notebook: {executed}, as a page: {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
