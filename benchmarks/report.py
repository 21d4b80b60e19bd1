"""Figures as text: a line on the terminal, and the tables of README.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from figure import Figure

Record = tuple[dict[str, Any], list[Figure]]  # the machine, and what was measured on it

HEAD = f"{'figure':66} {'median':>10} {'':8} {'spread':>6}"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
COLUMNS = ("figure", "median", "spread", "samples", "peer", "target", "")


def verdict(figure: Figure) -> str:
    if not figure.target:
        return ""
    return {True: "met", False: "NOT met", None: "no peer here"}[figure.met]


def beside(figure: Figure) -> str:
    if figure.ratio is None:
        return ""
    times = f"{figure.ratio:.1f}" if figure.ratio >= 10 else f"{figure.ratio:.2g}"
    return f"{times} of {figure.peer_name}"


def line(figure: Figure) -> str:
    text = f"{figure.name:66} {figure.median:10.4g} {figure.unit:8} {figure.spread:6.1%}"
    judged = f"{verdict(figure)}: {figure.target}" if figure.target else ""
    return f"{text}  {beside(figure):20} {judged}".rstrip()


def row(figure: Figure) -> str:
    digits = ".0f" if figure.median >= 1000 else ".3g"
    cells = (
        figure.name,
        f"{figure.median:{digits}} {figure.unit}",
        f"{figure.spread:.0%}",
        str(len(figure.samples)),
        beside(figure),
        figure.target,
        f"**{verdict(figure)}**" if figure.met is False else verdict(figure),
    )
    return f"| {' | '.join(cells)} |"


def table(name: str, record: Record) -> str:
    machine, figures = record
    commit = f"{(machine['commit'] or 'unknown')[:12]}{' with changes' if machine['modified'] else ''}"
    about = (
        f"{machine['when'][:10]}, {machine['cpu']}, {machine['cores']} cores, load {machine['load']}, "
        f"{machine['engine']['compiler']}, commit {commit}."
    )
    head = [f"### {name}", "", about, "", f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    return "\n".join([*head, *(row(figure) for figure in figures)])


def write(page: Path, records: dict[str, Record]) -> None:
    """Put the tables between the marks of the page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{page.name} lacks the lines {BEGIN} and {END}")
    tables = "\n\n".join(table(name, record) for name, record in records.items())
    page.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}", encoding="utf-8")
