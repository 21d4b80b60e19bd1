"""An HTML page for a submission, in one file: what each check found, with pictures; and an index of them.

It is for whoever is shown everything, so hidden checks are in it; ``hidden=False`` leaves what they found
out. All texts are escaped, and pictures are images, in which nothing is executed.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..outcome import CheckOutcome, Outcome
from .shown import shown

if TYPE_CHECKING:
    from jinja2 import Template

_PAGE, _INDEX = "html_report.html.j2", "html_index.html.j2"


def write(outcome: Outcome, path: Path, *, hidden: bool = True) -> None:
    """Write it.

    Parameters
    ----------
    outcome : Outcome
        Of a submission.
    path : Path
        The file. Replay files that the outcome names are looked for beside it.
    hidden : bool
        Whether to say what hidden checks are and found.

    Raises
    ------
    ModuleNotFoundError
        Without Jinja, which the extra ``report`` has.
    """
    path.write_text(page(outcome, hidden=hidden), encoding="utf-8")


def page(outcome: Outcome, *, hidden: bool = True) -> str:
    """Give it as text.

    Parameters
    ----------
    outcome : Outcome
        Of a submission.
    hidden : bool
        Whether to say what hidden checks are and found.

    Returns
    -------
    str
        HTML.
    """
    checks = [
        {
            "name": each.check.name if hidden else each.name,
            "told": hidden or not each.check.hidden,
            "check": each.check,
            "pictures": [_url(svg) for svg in each.check.pictures],
            "commands": _commands(each.check),
        }
        for each in shown(outcome)
    ]
    text: str = _template(_PAGE).render(outcome=outcome, checks=checks)
    return text


def write_index(outcomes: Sequence[Outcome], links: Sequence[str], path: Path) -> None:
    """Write a page that leads to the pages of submissions.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Of one lab.
    links : sequence of str
        The page of each, from this one.
    path : Path
        The file.
    """
    title = outcomes[0].title if outcomes else "no lab"
    rows = [(each, link, _first_failure(each)) for each, link in zip(outcomes, links, strict=True)]
    text = _template(_INDEX).render(title=title, outcomes=rows)
    path.write_text(text, encoding="utf-8")


def _first_failure(outcome: Outcome) -> str:
    failed = [each.name for each in outcome.results if each.status == "failed"]
    return failed[0] if failed else outcome.message.partition("\n")[0]


def _commands(check: CheckOutcome) -> str:
    """What opens the replay file, and looks where there is something to see."""
    if not check.replay:
        return ""
    lines = ["import hartlab as hl", f"kernel = hl.load({check.replay!r})"]
    if check.again:
        yours = 'kernel.replace(...)  # or kernel.replace_c("file.c"), for yours instead of the engine\'s own'
        return "\n".join([*lines, yours, check.again])
    pid, va = check.look.get("pid"), check.look.get("va")
    if isinstance(pid, int) and isinstance(va, int):
        lines.append(f"kernel.process({pid}).page_table.walk({va:#x})")
    else:
        lines.append("kernel.audit()")
    return "\n".join(lines)


def _url(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


@cache
def _template(name: str) -> Template:
    from jinja2 import Environment, StrictUndefined

    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(text)
