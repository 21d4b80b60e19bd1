"""What makes two values of a grid, or two experiments, the same: text that is equal when they are.

A value is described in JSON. A function is described by its code and by what that code uses: functions of its
own module, variables and closures, as far as they can be described.
"""

from __future__ import annotations

import dis
import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from ..tlb import TlbGeometry
from ..toolchain.program import Program

_WANTED = (
    "a number, text, bool, None, bytes, an array, a TlbGeometry, a Program, or a list or dict of these; "
    "anything else is better made by the experiment, from a name"
)


def described(value: Any) -> Any:
    """Describe a value in what JSON can say. Raises TypeError when it cannot be described."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return described(value.item())
    if isinstance(value, bytes):
        return {"bytes": _digest(value)}
    if isinstance(value, Program):
        return {"program": value.name, "elf": _digest(value.elf)}
    if isinstance(value, TlbGeometry):
        return asdict(value)
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return {"array": _digest(value.tobytes()), "dtype": str(value.dtype), "shape": list(value.shape)}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: described(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [described(each) for each in value]
    raise TypeError(f"{value!r} is a {type(value).__name__}; it must be {_WANTED}")


def key(point: Mapping[str, Any]) -> str:
    """The text that identifies a point: its parameters by name, whatever their order."""
    return json.dumps(described(point), sort_keys=True, separators=(",", ":"))


def fingerprint(function: Callable[..., Any] | None) -> str:
    """The digest of all that `function` is made of; comments and the lines that it stands on do not count."""
    return _digest("\n".join(_parts(function, set())).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _parts(value: Any, seen: set[int]) -> Iterator[str]:
    if id(value) in seen:
        return
    if isinstance(value, functools.partial):
        yield "partial"
        for each in (value.func, *value.args, *sorted(value.keywords.items())):
            yield from _parts(each, seen)
    elif isinstance(value, FunctionType):
        seen.add(id(value))
        yield from _function(value, seen)
    else:
        yield _briefly(value)


def _function(function: FunctionType, seen: set[int]) -> Iterator[str]:
    yield from _code(function.__code__)
    for default in (*(function.__defaults__ or ()), *sorted((function.__kwdefaults__ or {}).items())):
        yield from _parts(default, seen)
    for cell in function.__closure__ or ():
        yield from _parts(cell.cell_contents, seen)
    for name in sorted(_globals_used(function.__code__)):
        if name in function.__globals__:
            used = function.__globals__[name]
            own = isinstance(used, FunctionType) and used.__module__ == function.__module__
            yield f"global {name}"
            yield from _parts(used, seen) if own else [_briefly(used)]


def _code(code: CodeType) -> Iterator[str]:
    yield f"{code.co_code.hex()} {code.co_names} {code.co_varnames} {code.co_freevars}"
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        elif isinstance(constant, frozenset):
            yield repr(sorted(constant, key=repr))
        else:
            yield repr(constant)


def _globals_used(code: CodeType) -> set[str]:
    names = {
        step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    return names.union(*(_globals_used(each) for each in code.co_consts if isinstance(each, CodeType)))


def _briefly(value: Any) -> str:
    """A value in a line; of one that cannot be described, only what it is called."""
    if isinstance(value, ModuleType):
        return value.__name__
    try:
        return json.dumps(described(value), sort_keys=True)
    except TypeError:
        named = value if hasattr(value, "__qualname__") else type(value)
        return f"{named.__module__}.{named.__qualname__}"
