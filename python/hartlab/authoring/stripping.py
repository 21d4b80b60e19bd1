"""checks.py without the checks that students are not given, and without what only those use."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from ..labs import Lab


@dataclass(frozen=True)
class Piece:
    """A statement of a module's top level, with the comments right above it.

    Attributes
    ----------
    first, last : int
        Its lines, from 0; the last one is behind it.
    binds : frozenset of str
        The names that it makes.
    uses : frozenset of str
        The names that it needs.
    """

    first: int
    last: int
    binds: frozenset[str]
    uses: frozenset[str]


def visible_checks(lab: Lab) -> str:
    """Give the text of a lab's checks.py for students.

    Parameters
    ----------
    lab : Lab
        The lab.

    Returns
    -------
    str
        Python, with the visible checks alone.

    Raises
    ------
    ValueError
        When a hidden check is made by anything but a function with a decorator, at the top level.
    """
    text = (lab.folder / "checks.py").read_text(encoding="utf-8")
    pieces = _pieces(text)
    hidden = {each.function.__name__ for each in lab.checks if each.hidden}
    bound = {name for piece in pieces for name in piece.binds}
    if lost := sorted(hidden - bound):
        raise ValueError(
            f"the hidden check {lost[0]} is no function at the top level of checks.py: make it one"
        )
    kept = [piece for piece in pieces if not piece.binds & hidden]
    dropped = [piece for piece in pieces if piece.binds & hidden]
    while orphans := [piece for piece in kept if _only_for(piece, kept, dropped)]:
        kept = [piece for piece in kept if piece not in orphans]
        dropped += orphans
    return _tidy(text, kept)


def hidden_lines(lab: Lab) -> list[str]:
    """Give the lines of checks.py that students must not see."""
    text = (lab.folder / "checks.py").read_text(encoding="utf-8")
    left = set(visible_checks(lab).splitlines())
    return [line for line in text.splitlines() if line not in left]


def _pieces(text: str) -> list[Piece]:
    lines = text.splitlines()
    found = []
    for node in ast.parse(text).body:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(each.lineno for each in decorators)]) - 1
        while first > 0 and lines[first - 1].startswith("#"):
            first -= 1
        found.append(Piece(first, node.end_lineno or node.lineno, _binds(node), _uses(node)))
    return found


def _binds(node: ast.stmt) -> frozenset[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return frozenset([node.name])
    if isinstance(node, ast.Import | ast.ImportFrom):
        return frozenset((each.asname or each.name).partition(".")[0] for each in node.names)
    stored = (each for each in ast.walk(node) if isinstance(each, ast.Name))
    return frozenset(each.id for each in stored if isinstance(each.ctx, ast.Store))


def _uses(node: ast.stmt) -> frozenset[str]:
    loaded = (each for each in ast.walk(node) if isinstance(each, ast.Name))
    return frozenset(each.id for each in loaded if not isinstance(each.ctx, ast.Store)) | _subscripted(node)


def _subscripted(node: ast.stmt) -> frozenset[str]:
    """Names whose items a statement assigns: it is for whoever uses them."""
    stored = (each for each in ast.walk(node) if isinstance(each, ast.Subscript))
    names = (each.value for each in stored if isinstance(each.ctx, ast.Store))
    return frozenset(each.id for each in names if isinstance(each, ast.Name))


def _only_for(piece: Piece, kept: Iterable[Piece], dropped: Iterable[Piece]) -> bool:
    """Whether what a piece makes has been used by what was dropped, and by nothing that is kept."""
    if any(piece.binds & other.uses for other in kept if other is not piece):
        return False
    if piece.binds:
        return any(piece.binds & other.uses for other in dropped)
    gone = frozenset(name for other in dropped for name in other.binds)
    return bool(piece.uses & gone)


def _tidy(text: str, kept: Iterable[Piece]) -> str:
    """The lines of some pieces, as far apart as before, and imports of what is used alone."""
    lines = text.splitlines()
    pieces = list(kept)
    used = frozenset(name for piece in pieces for name in piece.uses)
    parts: list[str] = []
    for piece in pieces:
        source = "\n".join(lines[piece.first : piece.last])
        node = ast.parse(source).body[0]
        if isinstance(node, ast.ImportFrom) and not _is_for_all(node):
            node.names = [each for each in node.names if (each.asname or each.name) in used]
            if not node.names:
                continue
            source = ast.unparse(node)
        parts += [*_blank_lines(lines, piece), source]
    return "\n".join(parts).lstrip("\n") + "\n"


def _is_for_all(node: ast.ImportFrom) -> bool:
    """Whether an import is for more than the names in it: of ``__future__``, or of ``*``."""
    return node.module == "__future__" or any(each.name == "*" for each in node.names)


def _blank_lines(lines: list[str], piece: Piece) -> list[str]:
    first = piece.first
    while first > 0 and not lines[first - 1].strip():
        first -= 1
    return [""] * (piece.first - first)
