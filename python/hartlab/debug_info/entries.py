"""Entries of .debug_info and their attributes, whatever form these have."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..errors import DebugInfoError

_MOST_HOPS = 8


def damaged(what: str, error: Exception) -> DebugInfoError:
    """What to raise when pyelftools has raised anything: it trusts files more than its callers may."""
    return DebugInfoError(f"{what} is damaged: {str(error) or type(error).__name__}")


def similar(name: str, known: Iterable[str]) -> str:
    """The end of a message about a name that is not there: those that resemble it."""
    close = difflib.get_close_matches(name, list(known), 3, 0.6)
    return f"; it has {', '.join(close)}" if close else ""


def text(die: Any, attribute: str = "DW_AT_name") -> str:
    """A name; empty where there is none."""
    found = die.attributes.get(attribute)
    if found is None or not isinstance(found.value, bytes):
        return ""
    return found.value.decode("utf-8", "replace")


def number(die: Any, attribute: str, default: int) -> int:
    """A constant; `default` where there is none, or where it would have to be computed."""
    found = die.attributes.get(attribute)
    if found is None or isinstance(found.value, bool) or not isinstance(found.value, int):
        return default
    return int(found.value)


def flag(die: Any, attribute: str) -> bool:
    """Whether a flag is set."""
    found = die.attributes.get(attribute)
    return found is not None and bool(found.value)


def referred(die: Any, attribute: str) -> Any:
    """The entry that an attribute refers to, or None."""
    if attribute not in die.attributes:
        return None
    try:
        return die.get_DIE_from_attribute(attribute)
    except DebugInfoError:
        raise
    except Exception as error:
        raise DebugInfoError(
            f"{attribute} of the entry at {die.offset:#x} of .debug_info leads nowhere"
        ) from error


def origin(die: Any) -> Iterator[Any]:
    """An entry, then those that it completes or is an instance of. [DWARF 5, 2.13.2, 3.3.8.1]"""
    for _ in range(_MOST_HOPS):
        yield die
        onward = referred(die, "DW_AT_specification") or referred(die, "DW_AT_abstract_origin")
        if onward is None:
            return
        die = onward


def inherited(die: Any, attribute: str) -> Any:
    """The entry that has an attribute: this one, or one that it completes; None when none has."""
    return next((each for each in origin(die) if attribute in each.attributes), None)


def children(die: Any, count: Callable[[], None] = lambda: None) -> Iterator[Any]:
    """The entries inside an entry, but not those inside them.

    Goes through the file forwards only, whatever its references say, so that it comes to an end. `count` is
    called for each entry that is read on the way.
    """
    unit = die.cu
    end = unit.cu_offset + unit["unit_length"] + unit.structs.initial_length_field_size()
    offset, depth = die.offset + die.size, 0
    while die.has_children and offset < end:
        count()
        try:
            each = unit.get_DIE_from_refaddr(offset)
        except Exception as error:
            raise damaged(f".debug_info, inside the entry at {die.offset:#x},", error) from error
        offset += each.size
        if each.is_null():
            if depth == 0:
                return
            depth -= 1
            continue
        if depth == 0:
            yield each
        if each.has_children:
            sibling = number(each, "DW_AT_sibling", 0) + unit.cu_offset
            if offset <= sibling < end and each.attributes["DW_AT_sibling"].form != "DW_FORM_ref_addr":
                offset = sibling
            else:
                depth += 1
