"""Text that may come from a hostile guest, and numbers as a picture writes them."""

from __future__ import annotations

from .. import _engine


def printable(text: object, limit: int = 0) -> str:
    """What can be shown of a text: control characters become ``?``, and what passes a limit is cut."""
    shown = "".join(c if c.isprintable() else "?" for c in str(text))
    return shown if not limit or len(shown) <= limit else shown[: limit - 1] + "…"


def flags(pte: int) -> str:
    """The flags of an entry as ``RWXU AD``: those that are set, a dash for those that are not."""
    return str(_engine.flag_string(pte))


def power(count: int) -> str:
    """A number with its thousands apart."""
    return f"{count:,}"


def percent(part: float, whole: float) -> str:
    """A share; a dash of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def listed(words: list[str], limit: int = 6) -> str:
    """``a, b and c``; of a long list how many more there are."""
    if len(words) > limit:
        return f"{', '.join(words[:limit])} and {len(words) - limit} more"
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def columns(rows: list[list[str]], left: str = "") -> str:
    """Rows as text in columns; `left` has an l for each column that is read from the left, r otherwise."""
    if not rows:
        return ""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = (
            cell.rjust(width) if left[i : i + 1] == "r" else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
