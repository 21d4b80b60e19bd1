"""Notebooks: the cells that a lab asks for, found without running any.

A cell that is tagged ``submission``, or begins with the comment ``# submission``, is taken as it is. Where
there is none, the definitions of the lab's functions are looked for in all cells, with what they use:
imports, functions, classes and variables of the top level. What else the cells do, such as booting kernels
and drawing pictures, is left out. Cells that begin with ``%%kernel_c`` are C, and so is a text that is called
``c_source``, the last one, as notebooks of ``hartlab lab release`` have it.
"""

from __future__ import annotations

import ast
import json
import re
import symtable
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...labs import SubmissionError
from ...labs.award import SOURCE
from .handed import Piece

TAG = "submission"
_MARKER = re.compile(r"^\s*(?:#|//)\s*submission\b", re.IGNORECASE)
_MOST_CELLS = 2000


@dataclass(frozen=True)
class _Cell:
    name: str
    text: str
    chosen: bool

    @property
    def is_c(self) -> bool:
        return self.text.lstrip().startswith("%%kernel_c")


def cells_of(name: str, text: str, functions: Collection[str]) -> tuple[list[Piece], list[Piece]]:
    """Give the pieces of Python and of C in a notebook."""
    cells = list(_code_cells(name, text))
    chosen = [cell for cell in cells if cell.chosen] or cells
    c = [Piece(cell.name, _without_first_line(cell.text)) for cell in chosen if cell.is_c]
    c += [piece for cell in chosen if not _is_foreign(cell.text) for piece in _texts_of_c(cell)][-1:]
    python = [Piece(cell.name, _without_magics(cell.text)) for cell in chosen if not _is_foreign(cell.text)]
    if not any(cell.chosen for cell in cells):
        python = _definitions(python, functions)
    else:
        python = [Piece(piece.name, _without_replace(piece)) for piece in python]
    return [piece for piece in python if piece.text.strip()], c


def _code_cells(name: str, text: str) -> Iterator[_Cell]:
    try:
        cells = json.loads(text)["cells"]
        if not isinstance(cells, list) or len(cells) > _MOST_CELLS:
            raise ValueError(f"it should have a list of at most {_MOST_CELLS} cells")
        for number, cell in enumerate(cells, 1):
            if cell["cell_type"] != "code":
                continue
            source = cell["source"]
            source = "".join(source) if isinstance(source, list) else source
            if not isinstance(source, str):
                raise TypeError(f"the source of cell {number} is no text")
            tags = cell.get("metadata", {}).get("tags", [])
            first = source.lstrip().split("\n", 2)
            marked = any(_MARKER.match(line) for line in first[:2])
            yield _Cell(f"{name}, cell {number}", source, marked or TAG in tags)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SubmissionError(f"{name} is no notebook that can be read: {error}") from None


def _is_foreign(text: str) -> bool:
    """Whether a cell begins with a cell magic: it is no Python, or not to be run."""
    return text.lstrip().startswith("%%")


def _without_first_line(text: str) -> str:
    """Without the magic, on lines of the same numbers."""
    before, _, rest = text.partition("%%kernel_c")
    return before + "\n" + rest.partition("\n")[2]


def _texts_of_c(cell: _Cell) -> Iterator[Piece]:
    """The C that a cell has as a text with the name that `hartlab.labs.award` looks for."""
    for each in _parsed(Piece(cell.name, _without_magics(cell.text))) or []:
        if not isinstance(each, ast.Assign) or not isinstance(each.value, ast.Constant):
            continue
        names = [target.id for target in each.targets if isinstance(target, ast.Name)]
        if SOURCE in names and isinstance(each.value.value, str):
            yield Piece(cell.name, each.value.value)


def _without_magics(text: str) -> str:
    """With IPython's own lines (``%load_ext``, ``!ls``, ``?help``) emptied."""
    lines = [re.sub(r"^\s*[%!?].*|^[^#'\"]*\?\s*$", "", line) for line in text.split("\n")]
    return "\n".join(lines)


def _without_replace(piece: Piece) -> str:
    """A chosen cell, without decorators that put a function in place: that is the grader's to do."""
    statements = _parsed(piece)
    return _kept_lines(piece.text, statements) if statements is not None else piece.text


def _definitions(pieces: Sequence[Piece], functions: Collection[str]) -> list[Piece]:
    """What defines the functions, and what that uses, in the order of the notebook."""
    parsed = [(piece, _parsed(piece) or []) for piece in pieces]
    defined: dict[str, list[tuple[int, ast.stmt]]] = {}
    for number, (_, statements) in enumerate(parsed):
        for statement in statements:
            for each in _names_defined(statement):
                defined.setdefault(each, []).append((number, statement))
    wanted, taken = [each for each in functions if each in defined], set[str]()
    keep: dict[int, set[ast.stmt]] = {}
    while wanted:
        name = wanted.pop()
        if name in taken:
            continue
        taken.add(name)
        for number, statement in defined[name]:
            if name in functions and not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            keep.setdefault(number, set()).add(statement)
            used = _names_used(pieces[number].text, statement)
            wanted += [each for each in used if each in defined and each not in taken]
    return [
        Piece(piece.name, _kept_lines(piece.text, [each for each in statements if each in keep[number]]))
        for number, (piece, statements) in enumerate(parsed)
        if number in keep
    ]


def _parsed(piece: Piece) -> list[ast.stmt] | None:
    """The statements of a cell; None when it does not parse, which only matters when it is chosen."""
    try:
        return ast.parse(piece.text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _names_defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets: list[Any] = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return []


def _names_used(text: str, statement: ast.stmt) -> set[str]:
    """The names outside of itself that a statement refers to: what is local to a function is its own."""
    try:
        return set(_outer_names(symtable.symtable(_kept_lines(text, [statement]), "cell", "exec")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # nested too deeply
        return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _outer_names(table: symtable.SymbolTable) -> Iterator[str]:
    of_cell = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() if of_cell else symbol.is_global():
            yield symbol.get_name()
    for child in table.get_children():
        yield from _outer_names(child)


def _is_replace(decorator: ast.expr) -> bool:
    """Whether it is ``@kernel.replace("name")``."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr == "replace"


def _kept_lines(text: str, statements: Sequence[ast.stmt]) -> str:
    """The text with all other lines emptied, so that lines keep their numbers."""
    keep: set[int] = set()
    for statement in statements:
        first = statement.lineno
        decorators = getattr(statement, "decorator_list", [])
        for decorator in decorators:
            if not _is_replace(decorator):
                keep.update(range(decorator.lineno, (decorator.end_lineno or decorator.lineno) + 1))
        keep.update(range(first, (statement.end_lineno or first) + 1))
    lines = text.split("\n")
    return "\n".join(line if number in keep else "" for number, line in enumerate(lines, 1))
