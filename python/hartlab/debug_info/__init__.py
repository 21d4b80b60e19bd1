"""What a compiler has said about a guest's variables: their types, where they are, what their bytes mean.

Reads DWARF 2 to 5 through pyelftools and trusts no file. `load` opens it, `c_types` says what a type is, and
`values` gives bytes their meaning; `locations` and `scopes` are for a stopped function.
"""

from .c_types import (
    Aggregate,
    Alias,
    Array,
    CType,
    Enumeration,
    Function,
    Incomplete,
    Member,
    Number,
    PointerType,
)
from .dtypes import layout
from .loading import DebugInfo, Variable, load
from .locations import Frame, Place, evaluate, read_place
from .scopes import Local, Scope
from .values import EnumValue, Pointer, Record, Space, StructArray, decode, read

__all__ = [
    "Aggregate",
    "Alias",
    "Array",
    "CType",
    "DebugInfo",
    "EnumValue",
    "Enumeration",
    "Frame",
    "Function",
    "Incomplete",
    "Local",
    "Member",
    "Number",
    "Place",
    "Pointer",
    "PointerType",
    "Record",
    "Scope",
    "Space",
    "StructArray",
    "Variable",
    "decode",
    "evaluate",
    "layout",
    "load",
    "read",
    "read_place",
]
