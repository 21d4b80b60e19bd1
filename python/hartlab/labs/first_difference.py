"""The first call of a solution's functions in a check that does not come to what the engine's own comes to.

The check runs with the engine's own functions. At each call of one that the solution has, the call is made
twice in that very state, on kernels of their own: by the engine's own, and by the solution's. They may use
other frames; what is mapped, and what is in it, has to be the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..compare import Side
from ..errors import KernelPanic
from ..functions import declarations
from ..kernel import Kernel
from .likeness import STALE, Fact, facts
from .metering import OutOfLinesError

_MOST = 500  # calls that are looked at
_SHOWN = 3  # differences


@dataclass(frozen=True, repr=False)
class FirstDifference:
    """A call that differs.

    Attributes
    ----------
    function : str
        What was called.
    arguments : tuple of int
        With what.
    number : int
        Which of the check's calls of the solution's functions it is, from 1.
    words : tuple of str
        What differs, for people.
    kernel : Kernel
        As the call found it, with the engine's own functions.
    fail_kalloc : int
        Which allocation from there on fails, as `Kernel.inject` takes it; or 0.
    """

    function: str
    arguments: tuple[int, ...]
    number: int
    words: tuple[str, ...]
    kernel: Kernel
    fail_kalloc: int

    @property
    def call(self) -> str:
        """The call as C writes it."""
        arguments = ", ".join(hex(each) if abs(each) > 4095 else str(each) for each in self.arguments)
        return f"{self.function}({arguments})"

    @property
    def text(self) -> str:
        """The call, and below it what differs."""
        failing = f", when allocation {self.fail_kalloc} from there fails" if self.fail_kalloc else ""
        return "\n  ".join([f"call {self.number}, {self.call}{failing}:", *self.words])

    def __repr__(self) -> str:
        head, _, rest = self.text.partition("\n")
        return f"<The first difference is in {head.rstrip(':')}>\n{rest}"

    @property
    def python(self) -> str:
        """The call as Python makes it, on a kernel with that name."""
        failing = f"kernel.inject(fail_kalloc={self.fail_kalloc}); " if self.fail_kalloc else ""
        arguments = "".join(f", {each:#x}" for each in self.arguments)
        return f'{failing}kernel.call("{self.function}"{arguments})'


class _FoundError(Exception):
    """Ends the check."""


class Watched:
    """A kernel for a check to run on, which finds the first call that differs.

    Parameters
    ----------
    solution : Kernel
        With the solution's functions in place.

    Attributes
    ----------
    kernel : Kernel
        For the check.
    found : FirstDifference or None
        What there was to be found. A call that differs in nothing but what the TLB still has counts only
        where no other differs.
    """

    def __init__(self, solution: Kernel) -> None:
        self._solution = solution
        self._sides: dict[str, Side] = {}
        self._calls = 0
        self._wrong: FirstDifference | None = None
        self._only_tlb: FirstDifference | None = None
        self.kernel = _with_native(solution)
        for name in solution.replaced:
            self.kernel.replace(name, self._watching(name))

    @property
    def found(self) -> FirstDifference | None:
        return self._wrong or self._only_tlb

    def _watching(self, name: str) -> Callable[..., Any]:
        def at_entry(k: Any, *given: int) -> Any:
            if self._wrong is None and self._calls < _MOST:
                self._calls += 1
                self._look(name, k._engine, given)
            if self._wrong is not None:
                raise _FoundError
            return getattr(k.native, name)(*given)

        return at_entry

    def _look(self, name: str, engine: Any, given: tuple[int, ...]) -> None:
        saved, failing = engine.capture_at_entry(), engine.kalloc_failure_in
        native, mine = self._side(""), self._side(name)
        ends = [_end(side, saved, failing, name, given) for side in (native, mine)]

        def found(words: list[str]) -> FirstDifference:
            before = _with_native(self._solution)
            before._engine.restore(saved)
            return FirstDifference(name, given, self._calls, tuple(words), before, failing)

        if words := _differences(name, given, native, mine, ends):
            self._wrong = found(words)
        elif self._only_tlb is None and (words := _tlb_differences(native.kernel, mine.kernel)):
            self._only_tlb = found(words)

    def _side(self, name: str) -> Side:
        """Where one function alone is the solution's; none, without a name."""
        if name not in self._sides:
            twin = self._solution.clone()
            for each in twin.replaced:
                if each != name:
                    twin.restore_native(each)
            self._sides[name] = Side(twin)
        return self._sides[name]


def _end(side: Side, *call: Any) -> str:
    try:
        return side.call(*call)
    except OutOfLinesError as error:
        return f"no end: {error}"


def _with_native(kernel: Kernel) -> Kernel:
    twin = kernel.clone()
    twin.restore_native()
    return twin


def _differences(name: str, given: tuple[int, ...], native: Side, mine: Side, ends: list[str]) -> list[str]:
    """What differs in words; none when the two come to the same."""
    same_memory = native.error is None and mine.error is None and _equal_memory(native, mine)
    if ends[0] != ends[1] and not (not same_memory and _both_frames(native, mine)):
        detail = str(mine.error).splitlines()[1:] if mine.error else []
        return [f"it comes to {ends[1]}, the engine's own to {ends[0]}", *detail]
    if native.error is not None or mine.error is not None:
        return []
    if same_memory and not _tlb_differences(native.kernel, mine.kernel):
        return []
    tables = _tables(name, given)
    wanted, found = (_facts(side.kernel, tables) for side in (native, mine))
    lines = []
    for what in {**wanted, **found}:
        one, other = found.get(what, "nothing"), wanted.get(what, "nothing")
        if one != other and not (what == STALE and one < other):
            lines.append(f"{what} is {_shown(one)}, after the engine's own {_shown(other)}")
    return _first(lines)


def _tlb_differences(native: Kernel, mine: Kernel) -> list[str]:
    """Which translations one has forgotten, and the other has not."""
    wanted, found = _translations(native), _translations(mine)
    lines = [f"the TLB has lost {each}, which it has after the engine's own" for each in wanted - found]
    lines += [f"the TLB has {each} still, which is gone after the engine's own" for each in found - wanted]
    return _first(sorted(lines))


def _translations(kernel: Kernel) -> set[str]:
    entries = kernel.hart.tlb()
    return {f"{row['va']:#x} of asid {row['asid']}" for row in entries[entries["valid"]]}


def _first(lines: list[str]) -> list[str]:
    return lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], f"and {len(lines) - _SHOWN} more"]


def _facts(kernel: Kernel, tables: Mapping[str, int]) -> dict[str, Any]:
    """What can be said of it, up to where its data are corrupt."""
    held: list[Fact] = []
    with suppress(ValueError, KeyError, LookupError, KernelPanic, RuntimeError):
        for fact in facts(kernel, tables):
            held.append(fact)
    return dict(held)


def _equal_memory(native: Side, mine: Side) -> bool:
    return np.array_equal(native.memory(), mine.memory())


def _both_frames(native: Side, mine: Side) -> bool:
    """Whether both results are addresses of RAM: which frame it is is left open."""
    memory = native.kernel.memory
    return all(
        isinstance(side.result, int) and memory.base <= side.result < memory.end for side in (native, mine)
    )


def _tables(name: str, given: tuple[int, ...]) -> dict[str, int]:
    """The arguments that are page tables, by name."""
    parameters = declarations()[name].partition("(")[2].split(",")
    found = {}
    for parameter, value in zip(parameters, given, strict=False):
        if match := re.match(r"\s*pagetable_t (\w+)", parameter):
            found[match[1]] = value
    return found


def _shown(value: Any) -> str:
    number = isinstance(value, int) and not isinstance(value, bool) and value > 4095
    return hex(value) if number else str(value)
