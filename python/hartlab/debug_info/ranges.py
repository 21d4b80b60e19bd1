"""The addresses that the code of a function or block has, which may lie apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .entries import damaged


def base_address(unit: Any) -> int:
    """The address to which the offsets of a unit's lists are added. [DWARF 5, 3.1.1]"""
    low = unit.get_top_DIE().attributes.get("DW_AT_low_pc")
    return int(low.value) if low is not None else 0


def ranges(dwarf: Any, die: Any) -> list[tuple[int, int]]:
    """The addresses of an entry's code: from each first one to before the second. [DWARF 5, 2.17]"""
    low, high = die.attributes.get("DW_AT_low_pc"), die.attributes.get("DW_AT_high_pc")
    if low is not None and high is not None:
        start = int(low.value)
        end = int(high.value) if high.form == "DW_FORM_addr" else start + int(high.value)
        return [(start, end)]
    listed = die.attributes.get("DW_AT_ranges")
    if listed is None:
        return []
    try:
        return [*_listed(dwarf, die, listed)]
    except Exception as error:
        raise damaged(f"the list of addresses of the entry at {die.offset:#x}", error) from error


def _listed(dwarf: Any, die: Any, attribute: Any) -> Iterator[tuple[int, int]]:
    lists = dwarf.range_lists()
    if lists is None:
        return
    base = base_address(die.cu)
    for entry in lists.get_range_list_at_offset(attribute.value, cu=die.cu):
        if type(entry).__name__ == "BaseAddressEntry":
            base = int(entry.base_address)
        else:
            start = 0 if getattr(entry, "is_absolute", False) else base
            yield start + int(entry.begin_offset), start + int(entry.end_offset)
