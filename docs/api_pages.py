"""The pages of the Python reference, made from hartlab.__all__: its groups, and in each its names.

A class or module has a page of its own; functions and exceptions stand on the page of their group, constants
in a table.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import hartlab

NOTE = "<!-- Made by docs/api_pages.py from hartlab.__all__; edit the docstrings. -->\n\n"


def groups(module: ModuleType = hartlab) -> dict[str, list[str]]:
    """The names of __all__ by the comment that they stand under."""
    listed = inspect.getsource(module).split("__all__ = [")[1].split("]")[0]
    found: dict[str, list[str]] = {}
    for comment, name in re.findall(r'# (.*?)\.?\n|"(\w+)"', listed):
        if comment:
            found[comment] = []
        elif name != "__version__":
            found[next(reversed(found))].append(name)
    return found


def pages() -> dict[str, str]:
    """The text of each page by its file's name."""
    made: dict[str, str] = {}
    slugs = []
    for title, names in groups().items():
        slug = re.sub(r"\W+", "-", title.lower()).strip("-")
        slugs.append(slug)
        made[f"{slug}.md"], more = _page(title, {name: getattr(hartlab, name) for name in names})
        made |= more
    made["index.md"] = f"{NOTE}# Python\n\n`import hartlab as hl`: every public name.\n\n{_contents(slugs)}"
    return made


def _page(title: str, things: dict[str, Any], module: str = "hartlab") -> tuple[str, dict[str, str]]:
    """A page about some things, and those about the classes and modules among them."""
    constants = {name: thing for name, thing in things.items() if isinstance(thing, int)}
    errors = [name for name, thing in things.items() if _is(thing, BaseException)]
    functions = [name for name, thing in things.items() if inspect.isroutine(thing)]
    more = {}
    for name, thing in things.items():
        if inspect.isclass(thing) and name not in errors:
            more[f"{name}.md"] = f"{NOTE}# {name}\n\n{_auto('class', f'{module}.{name}')}"
        elif inspect.ismodule(thing):
            inner = {each: getattr(thing, each) for each in thing.__all__}
            more[f"{name}.md"], classes = _page(f"{module}.{name}", inner, f"{module}.{name}")
            more |= classes
    parts = [f"{NOTE}# {title}\n"]
    parts += [_table(constants)] if constants else []
    parts += [_auto("function", f"{module}.{name}") for name in functions]
    parts += [_auto("exception", f"{module}.{name}") for name in errors]
    own = [name for name in things if f"{name}.md" in more]
    parts += [_contents(own)] if own else []
    return "\n".join(parts), more


def write(folder: Path) -> None:
    """Write the pages that are not there yet as they are, and remove others."""
    folder.mkdir(exist_ok=True)
    made = pages()
    for stale in {path.name for path in folder.iterdir()} - set(made):
        (folder / stale).unlink()
    for name, text in made.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _is(thing: object, kind: type) -> bool:
    return inspect.isclass(thing) and issubclass(thing, kind)


def _auto(what: str, name: str) -> str:
    members = "" if what == "function" else "   :members:\n"
    inherited = "   :inherited-members: int, ndarray\n" if what == "class" else ""
    return f"```{{eval-rst}}\n.. auto{what}:: {name}\n{members}{inherited}```\n"


def _contents(pages: list[str]) -> str:
    return "```{toctree}\n:titlesonly:\n\n" + "".join(f"{page}\n" for page in pages) + "```\n"


def _table(constants: dict[str, int]) -> str:
    rows = "".join(f"| `{name}` | `{value:#x}` | {value:,} |\n" for name, value in constants.items())
    return f"| name | value | |\n|---|--:|--:|\n{rows}"
