"""Dataclasses of plain data from parsed JSON: every field there, of its type, and nothing else."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

_T = TypeVar("_T")

# The annotations that such a dataclass may have: the type, what it holds, and the words for it.
_SHAPES: dict[str, tuple[Any, Any, str]] = {
    "int": (int, None, "an integer"),
    "int | str": (int | str, None, "an integer or a text"),
    "str": (str, None, "a text"),
    "dict[str, int | str]": (dict, int | str, "an object of integers and texts"),
    "tuple[str, ...]": (tuple, str, "a list of texts"),
    "tuple[CheckOutcome, ...]": (tuple, object, "a list"),
}


def read_fields(kind: type[_T], given: object, what: str) -> _T:
    """Make an instance of a dataclass.

    Parameters
    ----------
    kind : type
        The dataclass.
    given : object
        What should be a dict of its fields.
    what : str
        What it is, for the error.

    Returns
    -------
    object
        Of that dataclass.

    Raises
    ------
    ValueError
        When a field is missing, unknown, or of another type.
    """
    if not isinstance(given, dict):
        raise ValueError(f"{what} should be an object and is {given!r}")
    declared = {each.name: str(each.type) for each in fields(kind)}  # type: ignore[arg-type]
    if set(given) != set(declared):
        wrong = min(set(given) ^ set(declared))
        raise ValueError(f"{what} has {'no' if wrong in declared else 'the unknown'} field {wrong!r}")
    return kind(
        **{name: _value(value, declared[name], f"{name}={{}} of {what}") for name, value in given.items()}
    )


def _value(given: Any, declared: str, what: str) -> Any:
    wanted, inner, words = _SHAPES[declared]
    value = tuple(given) if wanted is tuple and isinstance(given, list) else given
    held = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    if (
        not isinstance(value, wanted)
        or isinstance(value, bool)
        or not all(isinstance(e, inner) for e in held)
    ):
        raise ValueError(f"{what.format(repr(given))} should be {words}")
    return value
