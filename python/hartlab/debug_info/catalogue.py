"""The names at the outermost level of each compilation unit, found by one pass over the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import DebugInfoError
from .entries import children, damaged, flag, inherited, similar, text
from .type_names import spelling

_PREFIXES = {
    "DW_TAG_structure_type": "struct ",
    "DW_TAG_class_type": "struct ",
    "DW_TAG_union_type": "union ",
    "DW_TAG_enumeration_type": "enum ",
    "DW_TAG_typedef": "",
    "DW_TAG_base_type": "",
}
_MOST_ENTRIES = 1_000_000
_DEEPEST = 16


class Catalogue:
    """Entries by name.

    Attributes
    ----------
    types : dict
        ``"struct proc"``, ``"uint64"`` ...: complete ones before declarations.
    variables, functions : dict
        For each name, its entries: one a file that has one of its own.
    units : list
        The compilation units.
    version : int
        The highest version of DWARF among them.
    """

    def __init__(self, dwarf: Any) -> None:
        self.types: dict[str, Any] = {}
        self.variables: dict[str, list[Any]] = {}
        self.functions: dict[str, list[Any]] = {}
        self._left = _MOST_ENTRIES
        try:
            self.units = [*dwarf.iter_CUs()]
            tops = [unit.get_top_DIE() for unit in self.units]
            self.version = max((int(unit["version"]) for unit in self.units), default=0)
        except Exception as error:
            raise damaged(".debug_info", error) from error
        for top in tops:
            self._take(top, "", 0)

    def _take(self, die: Any, namespace: str, depth: int) -> None:
        for each in children(die, self._count):
            tag = each.tag
            if tag in _PREFIXES:
                self._take_type(each, _PREFIXES[tag], namespace)
            elif tag == "DW_TAG_variable":
                self._take_named(self.variables, each, namespace, "DW_AT_location")
            elif tag == "DW_TAG_subprogram":
                self._take_named(self.functions, each, namespace, "DW_AT_low_pc", "DW_AT_ranges")
            elif tag == "DW_TAG_namespace" and depth < _DEEPEST:
                self._take(each, f"{namespace}{text(each)}::", depth + 1)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise DebugInfoError(f"more than {_MOST_ENTRIES:,} entries of debug information")

    def _take_type(self, die: Any, prefix: str, namespace: str) -> None:
        name = text(die)
        if not name:
            return
        key = namespace + (prefix + name if prefix else spelling(name))
        known = self.types.get(key)
        if known is None or (flag(known, "DW_AT_declaration") and not flag(die, "DW_AT_declaration")):
            self.types[key] = die

    def _take_named(self, into: dict[str, list[Any]], die: Any, namespace: str, *needed: str) -> None:
        """Note what is defined here; a mere declaration is not."""
        named = inherited(die, "DW_AT_name")
        if named is not None and any(each in die.attributes for each in needed):
            into.setdefault(namespace + text(named), []).append(die)

    def complete(self, tag: str, name: str) -> Any:
        """The entry of a struct that is only declared where it is used, or None."""
        found = self.types.get(_PREFIXES.get(tag, "") + name)
        return None if found is None or flag(found, "DW_AT_declaration") else found

    def variable(self, name: str) -> Any:
        """The entry of a variable, which may be named with its file or function: ``"trap.c::ticks"``."""
        found = self.variables.get(name, [])
        if not found and "::" in name:
            scope, _, plain = name.rpartition("::")
            found = [die for die in self.variables.get(plain, []) if _file(die) == scope]
            found = found or [die for each in self.functions.get(scope, []) for die in _statics(each, plain)]
        if len(found) > 1:
            shared = [die for die in found if _is_external(die)]
            found = shared[:1] or found
        if len(found) > 1:
            several = ", ".join(f'"{_file(die)}::{name}"' for die in found)
            raise KeyError(f"several files have a variable {name!r} of their own: {several}")
        if not found:
            raise KeyError(f"the kernel has no variable {name!r}{similar(name, self.variables)}")
        return found[0]

    def spellings(self, name: str) -> Iterator[str]:
        """The names under which `variable` finds each variable of one name."""
        dies = self.variables[name]
        if len(dies) == 1 or any(_is_external(die) for die in dies):
            yield name
        else:
            yield from (f"{_file(die)}::{name}" for die in dies)


def _file(die: Any) -> str:
    return text(die.cu.get_top_DIE()).rpartition("/")[2]


def _is_external(die: Any) -> bool:
    found = inherited(die, "DW_AT_external")
    return found is not None and flag(found, "DW_AT_external")


def _statics(function: Any, name: str, depth: int = 0) -> Iterator[Any]:
    """Variables of a function that keep their value, in whichever of its blocks."""
    for each in children(function):
        if each.tag == "DW_TAG_variable" and "DW_AT_location" in each.attributes:
            named = inherited(each, "DW_AT_name")
            if named is not None and text(named) == name:
                yield each
        elif each.tag == "DW_TAG_lexical_block" and depth < _DEEPEST:
            yield from _statics(each, name, depth + 1)
