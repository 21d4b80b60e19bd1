"""A replacement beside the engine's own function, at every call of a workload."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from . import words
from .arguments import integer
from .diff import Diff, diff
from .errors import KernelPanic, SeamError
from .functions import declarations, known
from .structs import SIZES, layouts
from .table import Table, as_table

if TYPE_CHECKING:
    from .kernel import Kernel

_DTYPE = np.dtype(
    [
        ("call", "<u8"),
        ("arguments", "U80"),
        ("native", "U80"),
        ("mine", "U80"),
        ("same", "?"),
        ("what", "U16"),
    ]
)


class Comparison:
    """What `compare` found: whether the two functions did the same, and if not, the first difference.

    Attributes
    ----------
    function : str
        Which function was compared.
    table : Table
        A row a call: its number from 1, the arguments, what the engine's own function and the replacement
        returned (or how they ended), whether all was the same, and what was not: ``"result"``,
        ``"page tables"``, ``"free list"`` or ``"memory"``.
    words : list of str
        The first difference for people; empty when there is none.
    native, mine : Kernel or None
        Kernels in the state after the first call that differs, of the engine's own function and of the
        replacement: to look at and to diff. None when nothing differs.
    diff : Diff or None
        What is different in ``mine``, seen from ``native``.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel(memory="2MiB")
    >>> proc = kernel.spawn(code=hl.asm("loop: j loop"))
    >>> def uvmfree(k, pagetable, sz):
    ...     k.freewalk(pagetable)                   # forgets to unmap first
    >>> found = hl.compare(kernel, "uvmfree", uvmfree, lambda k: k.process(proc.pid).kill() or k.run(1000))
    >>> found.same
    False
    >>> print(found.table["what"][-1])
    result
    """

    def __init__(self, function: str) -> None:
        self.function = function
        self.words: list[str] = []
        self.native: Kernel | None = None
        self.mine: Kernel | None = None
        self.diff: Diff | None = None
        self._rows: list[tuple[int, str, str, str, bool, str]] = []

    @property
    def table(self) -> Table:
        """A row for each call that was compared."""
        return as_table(np.array(self._rows, dtype=_DTYPE))

    @property
    def same(self) -> bool:
        """Whether every call did the same."""
        return not self.words

    def __bool__(self) -> bool:
        return self.same

    def __repr__(self) -> str:
        calls = words.plural(len(self._rows), "call")
        if self.same:
            return f"<Comparison of {self.function}: {calls}, all the same>"
        head = f"<Comparison of {self.function}: call {len(self._rows)} differs>"
        return "\n".join([head, *(f"  {line}" for line in self.words)])

    def _repr_html_(self) -> str:
        head, *lines = repr(self).splitlines()
        listed = "".join(f"<li>{escape(line.strip())}</li>" for line in lines)
        html = f"<b>{escape(head.strip('<>'))}</b><ul>{listed}</ul>{self.table._repr_html_()}"
        if self.diff is not None:
            seen = self.diff._repr_html_()
            html += f"<details><summary>mine, seen from native</summary>{seen}</details>"
        return html


class _Found(Exception):  # noqa: N818 - ends the workload
    """The first difference."""


class Side:
    """A kernel on which one of the two is called."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.error: KernelPanic | None = None
        self.result: int | None = None

    def call(self, saved: Any, failing: int, function: str, arguments: tuple[int, ...]) -> str:
        """Make the call in that state; what came of it."""
        self.kernel._engine.restore(saved)
        self.kernel._engine.kalloc_failure_in = failing
        self.error = self.result = None
        try:
            self.result = self.kernel.call(function, *arguments)
        except KernelPanic as error:
            self.error = error
            kind = "SeamError" if isinstance(error, SeamError) else "panic"
            return f"{kind}: {error.text.removeprefix('seam: ')}"
        return "nothing" if self.result is None else _shown(self.result)

    def memory(self) -> np.ndarray[Any, Any]:
        """RAM, without how often each lock has been taken: that is how, and not what."""
        ram = self.kernel.memory.array.copy()
        if self.error is not None:
            return ram
        base = self.kernel.memory.base
        for address in _lock_counts():
            ram[address - base : address - base + 8] = 0
        return ram


def _lock_counts() -> list[int]:
    """Where the kernel's own locks and those of processes count."""
    from . import _engine

    start = _engine.constants()["KERNEL_DATA"]
    fields = layouts()["kernel_data"].fields
    counter = layouts()["spinlock"].fields["acquired"].offset
    locks = [field.offset for field in fields.values() if field.type == "spinlock"]
    locks.append(fields["kmem"].offset + layouts()["kmem"].fields["lock"].offset)
    locks += [fields["proc"].offset + layouts()["proc"].size * slot for slot in range(fields["proc"].length)]
    return [start + lock + counter for lock in locks]


def compare(
    kernel: Kernel,
    function: str,
    mine: Callable[..., Any] | str,
    workload: Callable[[Kernel], Any] | None = None,
    *,
    limit: int = 1000,
) -> Comparison:
    """Hold a replacement against the engine's own function, up to the first call that differs.

    The workload runs on a clone of the kernel with the engine's own function. At each call of it, two more
    clones are brought into the same state; one calls the engine's own, the other the replacement. Results and
    panics, page tables, the free list and all memory must then be equal, to the byte; how often locks were
    taken may differ.

    Parameters
    ----------
    kernel : Kernel
        Where the workload begins. It is left alone.
    function : str
        Which function.
    mine : callable or str
        The replacement: Python as `Kernel.replace` takes it, or C source as `Kernel.replace_c` does.
    workload : callable, optional
        Takes a kernel and does something with it; by default it runs it.
    limit : int
        Calls that are compared at most; the rest of the workload is not looked at.

    Returns
    -------
    Comparison
        True when nothing differs.

    Raises
    ------
    CompileError
        When the C source is refused.
    ValueError
        When there is no such function, or the C source does not define it.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel(memory="2MiB")
    >>> compare(kernel, "kalloc", lambda k: 0, lambda k: k.call("kalloc")).words[0]
    'kalloc() differs in its result'
    """
    name = known(function)
    most = integer("limit", limit, 1)
    base, native, other = kernel.clone(), Side(kernel.clone()), Side(kernel.clone())
    native.kernel.restore_native(name)
    if callable(mine):
        other.kernel.replace(name, mine)
    elif name not in other.kernel.replace_c(mine).functions:
        raise ValueError(f"mine: the source does not define {declarations()[name]}")
    found = Comparison(name)

    def at_entry(k: Any, *given: int) -> Any:
        if not found.same:  # a workload that goes on whatever happens
            raise _Found
        if len(found._rows) < most:
            saved = base._engine.capture_at_entry()
            _hold(found, native, other, saved, base._engine.kalloc_failure_in, given)
            if not found.same:
                raise _Found
        return getattr(k.native, name)(*given)

    base.replace(name, at_entry)
    try:
        (workload or (lambda k: k.run()))(base)
    except KernelPanic as error:
        if found.same and not isinstance(error.__cause__, _Found):
            _check_workload(error, found)
    return found


def _check_workload(error: KernelPanic, found: Comparison) -> None:
    """A panic of the workload's own is no difference if both sides panicked, or it came from elsewhere."""
    if isinstance(error, SeamError) and error.function == found.function:
        raise error


def _hold(
    found: Comparison, native: Side, mine: Side, saved: Any, failing: int, given: tuple[int, ...]
) -> None:
    """Make the call on both sides; note a difference."""
    ends = [side.call(saved, failing, found.function, given) for side in (native, mine)]
    arguments = f"{found.function}({', '.join(map(_shown, given))})"
    what = _what_differs(native, mine, ends)
    found._rows.append((len(found._rows) + 1, arguments, *ends, not what, what))  # type: ignore[arg-type]
    if not what:
        return
    found.native, found.mine = native.kernel, mine.kernel
    found.diff = diff(native.kernel, mine.kernel)
    lines = [f"{arguments} differs in {'its ' if what == 'result' else 'the '}{what}"]
    lines.append(f"native: {ends[0]}; mine: {ends[1]}")
    if mine.error is not None:
        lines += str(mine.error).splitlines()
        lines += getattr(mine.error, "__notes__", [])
    if mine.error is None and native.error is None:
        lines += found.diff.words
        if what in ("memory", "free list"):
            lines.append(_first_byte(native, mine))
        fewer = native.kernel.free_pages - mine.kernel.free_pages
        if fewer:
            number = words.plural(abs(fewer), "free page")
            lines.append(f"mine leaves {number} {'fewer' if fewer > 0 else 'more'} than native")
    found.words = lines


def _what_differs(native: Side, mine: Side, ends: list[str]) -> str:
    if ends[0] != ends[1]:
        return "result"
    if native.error is not None or np.array_equal(native.memory(), mine.memory()):
        return ""
    changes = diff(native.kernel, mine.kernel)
    if len(changes.ptes):
        return "page tables"
    return "free list" if len(changes.free_list) else "memory"


def _first_byte(native: Side, mine: Side) -> str:
    """The first word of memory that differs, and what it is."""
    ours, theirs = native.memory().view(np.uint64), mine.memory().view(np.uint64)
    index = int(np.flatnonzero(ours != theirs)[0])
    address = native.kernel.memory.base + 8 * index
    numbers = f"{int(ours[index]):#x} in native, {int(theirs[index]):#x} in mine"
    from . import _engine

    data = _engine.constants()["KERNEL_DATA"]
    if 0 <= address - data < layouts()["kernel_data"].size:
        return f"{_field('kernel_data', address - data).removeprefix('.')}, at {address:#x}, is {numbers}"
    where = f"the word at {address:#x}, in frame {address & ~4095:#x}, is {numbers}"
    one, two = int(ours[index]), int(theirs[index])
    if (one | two) & 1 and one >> 54 == two >> 54 == 0 and (one >> 10 == two >> 10 or not one or not two):
        return f"{where}: as a PTE, {_engine.flag_string(one)} and {_engine.flag_string(two)}"
    return where


def _field(struct: str, offset: int) -> str:
    """The path of the field that covers a byte: ".proc[3].lock.locked"."""
    fields = layouts()[struct].fields
    name, field = max(
        ((name, field) for name, field in fields.items() if field.offset <= offset),
        key=lambda item: item[1].offset,
    )
    inner = layouts().get(field.type)
    size = inner.size if inner else SIZES[field.type]
    index = (offset - field.offset) // size
    element = f".{name}[{index}]" if field.length else f".{name}"
    return element + (_field(field.type, (offset - field.offset) % size) if inner else "")


def _shown(number: int) -> str:
    return hex(number) if abs(number) > 4095 else str(number)
