"""Every public class and function of the package is documented, part by part.

A function's docstring has a summary, a line for each parameter, and says what it returns; each class and each
free function shows an example, which test_doctests.py runs. A property is a noun: its summary is enough.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import hartlab


def public_names() -> Iterator[tuple[str, Any]]:
    """Public classes and functions of `hartlab`, and the public members of those classes, by dotted name."""
    for name in sorted(vars(hartlab).get("__all__", [])):
        thing = getattr(hartlab, name)
        if inspect.isclass(thing):
            yield name, thing
            for member, value in vars(thing).items():
                if not member.startswith("_"):
                    yield f"{name}.{member}", value
        elif inspect.isroutine(thing):
            yield name, thing


def unwrapped(value: Any) -> Any:
    """The function behind a static or class method."""
    return value.__func__ if isinstance(value, staticmethod | classmethod) else value


def missing_parts(name: str, value: Any) -> list[str]:
    """What the documentation of `value` lacks, in words."""
    value = unwrapped(value)
    text = inspect.getdoc(value) or ""
    summary = text.split("\n\n")[0].strip()
    problems = []
    if not summary:
        return ["a docstring"]
    if not summary.endswith((".", ":", "?")):
        problems.append("a summary that ends with a full stop")
    if inspect.isfunction(value):
        problems += missing_sections(value, text)
    is_top = "." not in name
    is_exception = inspect.isclass(value) and issubclass(value, BaseException)
    if is_top and not is_exception and ">>> " not in text:
        problems.append("an example (>>>)")
    return problems


def missing_sections(function: Callable[..., Any], text: str) -> list[str]:
    """Parameters without a line, and a missing Returns."""
    signature = inspect.signature(function)
    problems = []
    for parameter in signature.parameters:
        if parameter in {"self", "cls"} or parameter.startswith("_"):
            continue
        if not re.search(rf"^\*{{0,2}}{parameter}\b.*:|^[\w*, ]*\b{parameter}\b.* : ", text, re.MULTILINE):
            problems.append(f"a line for the parameter {parameter!r}")
    returns = signature.return_annotation
    if returns not in (None, "None", inspect.Signature.empty, "NoReturn") and not re.search(
        r"^(Returns|Yields)\n-+$", text, re.MULTILINE
    ):
        problems.append("a Returns section")
    return problems


def is_documentable(value: Any) -> bool:
    value = unwrapped(value)
    return inspect.isclass(value) or inspect.isroutine(value) or isinstance(value, property)


@pytest.mark.parametrize(
    ("name", "value"),
    [pytest.param(n, v, id=n) for n, v in public_names() if is_documentable(v)],
)
def test_public_name_is_documented(name: str, value: Any) -> None:
    assert missing_parts(name, value) == []


def _undocumented(va: int) -> int: ...


def _documented(va: int) -> int:
    """The page of an address.

    Parameters
    ----------
    va : int, bytes
        Any address.

    Returns
    -------
    int
        Its page number.

    >>> 1 + 1
    2
    """


def _half_documented(va: int, size: int) -> int:
    """The page of an address.

    Parameters
    ----------
    va : int
        Any address.

    >>> 1 + 1
    2
    """


@pytest.mark.parametrize(
    ("function", "missing"),
    [
        (_documented, []),
        (_undocumented, ["a docstring"]),
        (_half_documented, ["a line for the parameter 'size'", "a Returns section"]),
    ],
)
def test_the_check_finds_what_is_missing(function: Callable[..., Any], missing: list[str]) -> None:
    assert missing_parts("name", function) == missing
