"""strip_notebooks.py [--check] NOTEBOOK...: takes outputs and execution counts out of notebooks, in place.

What is committed is the source of a notebook; its outputs are made by running it. With --check nothing is
written and a notebook that would change is an error.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import nbformat


def stripped(text: str) -> str:
    """The notebook `text` without outputs, execution counts and per-session metadata."""
    notebook = nbformat.reads(text, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
        cell.metadata.pop("execution", None)
        cell.metadata.pop("collapsed", None)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    return str(nbformat.writes(notebook, version=4)).rstrip("\n") + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("notebooks", nargs="*", type=Path)
    arguments = parser.parse_args()

    changed = 0
    for path in arguments.notebooks:
        text = path.read_text(encoding="utf-8")
        clean = stripped(text)
        if clean == text:
            continue
        changed += 1
        if arguments.check:
            print(f"{path}: holds outputs or stray metadata; tools/strip_notebooks.py removes them")
        else:
            path.write_text(clean, encoding="utf-8")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
