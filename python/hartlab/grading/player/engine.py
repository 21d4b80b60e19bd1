"""The engine as a player has it: every use of ``k`` is a question to the referee."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ...errors import KernelPanic

# What is a value of the engine's, and not a function of it.
VALUES = (
    "end",
    "phystop",
    "policies",
    "why",
    "time",
    "timer_interval",
    "retired",
    "kernel_satp",
    "seam_chain",
)
_PASSED = (type(None), bool, int, str, bytes)


class Engine:
    """Stands where `hartlab.seam.SeamKernel` has its engine; `ask` sends a message and gives the answer."""

    __slots__ = ("_ask",)

    def __init__(self, ask: Callable[[list[Any]], Any]) -> None:
        object.__setattr__(self, "_ask", ask)

    def __getattr__(self, name: str) -> Any:
        if name in VALUES:
            return self._ask(["value", name])

        def use(*arguments: Any, **named: Any) -> Any:
            passed = {key: _passed(value) for key, value in named.items()}
            return self._ask(["use", name, [_passed(value) for value in arguments], passed])

        return use

    def __setattr__(self, name: str, value: Any) -> None:
        self._ask(["assign", name, _passed(value)])


def _passed(value: Any) -> Any:
    if type(value) in _PASSED:
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    return operator.index(value)  # a handle is its address


def raised(kind: str, text: str, fields: dict[str, Any]) -> Exception:
    """What the engine raised, over there."""
    if kind == "KernelPanic":
        return KernelPanic(text, **fields)
    known = {
        each.__name__: each for each in (TypeError, ValueError, AttributeError, IndexError, OverflowError)
    }
    return known.get(kind, RuntimeError)(text)
