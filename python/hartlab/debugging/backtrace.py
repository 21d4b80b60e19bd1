"""Which function was called by which: the stack of a hart that has stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from .. import words
from ..debug_info import Frame, Place, Scope
from ..debug_info.values import short
from ..errors import DebugInfoError
from ..hart import Hart
from ..registers import F_NAMES, X_NAMES
from ..showing import listing
from .images import Images
from .unwinding import Caller, Registers, UnwindError, caller_at_entry, caller_by_frame_pointer

if TYPE_CHECKING:
    from ..debug_info.lines import SourceLine


class StackFrame:
    """A function that has been called and has not returned; an inlined one, too.

    Attributes
    ----------
    number : int
        0 for where the hart is.
    pc : int
        The instruction that is next in it.
    function : str
        Its name; empty when no symbol is known.
    file, line : str, int
        Where it is in the source; ``""`` and 0 when that is not known.
    inlined : bool
        Whether its code lies in that of the frame behind it, with which it shares registers and stack.

    Examples
    --------
    >>> import hartlab as hl
    >>> [frame] = hl.Machine(code=hl.asm("nop")).backtrace()
    >>> frame, frame.locals, frame.registers["sp"]
    (#0  0x80000000 in ??, {}, 0)
    """

    def __init__(
        self, number: int, pc: int, function: str, line: SourceLine | None, inlined: bool, context: _Context
    ) -> None:
        self.number = number
        self.pc = pc
        self.function = function
        self.file, self.line = line or ("", 0)
        self.inlined = inlined
        self._context = context
        self._shown = self._described()

    @property
    def cfa(self) -> int | None:
        """The canonical frame address: sp before the call; None for the last frame."""
        return self._context.cfa

    @property
    def registers(self) -> dict[str, int | None]:
        """Registers by name, as the function has them; None for what has been lost on the way."""
        names = (*X_NAMES, *F_NAMES)
        return {name: self._context.registers.get(number) for number, name in enumerate(names)} | {"zero": 0}

    @property
    def locals(self) -> dict[str, Any]:
        """Parameters and variables that are visible here, by name, as `Machine.symbols` gives values.

        What has no value is a `Place` that says why: optimised away, or where there is no memory. Of several
        with one name it is the innermost. Empty without debug information.

        Raises
        ------
        RuntimeError
            When the hart has gone on since: the frame is not there any more.
        """
        return {name: value for name, value, _ in self._variables(parameters=None)}

    @property
    def arguments(self) -> dict[str, Any]:
        """Those of `locals` that are parameters."""
        return {name: value for name, value, _ in self._variables(parameters=True)}

    def _variables(self, parameters: bool | None) -> list[tuple[str, Any, str]]:
        scope, context = self._context.scope, self._context
        if scope is None:
            return []
        found: dict[str, tuple[str, Any, str]] = {}
        frame = Frame(context.lookup, context.registers.get, context.space.read, lambda: context.cfa)
        for local in scope.locals():
            if local.function != self.function or local.name in found:
                continue
            if parameters is not None and local.parameter != parameters:
                continue
            try:
                value = scope.value(local, frame, context.space)
            except (LookupError, DebugInfoError) as error:
                value = Place("gone", why=str(error.args[0] if error.args else error))
            shown = f"<{value}>" if isinstance(value, Place) else short(value, local.type)
            found[local.name] = local.name, value, shown
        return list(found.values())

    def _described(self) -> str:
        given = ", ".join(f"{name}={shown}" for name, _, shown in self._variables(parameters=True))
        where = f" at {self.file}:{self.line}" if self.line else ""
        inlined = " (inlined)" if self.inlined else ""
        name = f"{self.function}({given})" if self._context.scope else self.function or "??"
        return f"#{self.number:<2} {self.pc:#x} in {name}{where}{inlined}"

    def __repr__(self) -> str:
        return self._shown


class Backtrace(Sequence[StackFrame]):
    """The frames of a hart, from where it is to where the trace ends.

    Attributes
    ----------
    why : str
        Why it ends there.

    Examples
    --------
    A function that keeps a frame pointer, in code of which nothing else is known:

    >>> import hartlab as hl
    >>> code = "li sp, 0x80008000; jal f; f: addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); addi s0, sp, 16"
    >>> machine = hl.Machine(code=hl.asm(code + "; j .", origin=hl.KERNBASE))
    >>> stop = machine.run(20)
    >>> machine.backtrace()
    #0  0x80000020 in ??
    #1  0x80000010 in ??
    (the trace ends: nothing is said of its stack frame, and s0 points to none)
    """

    def __init__(self, frames: list[StackFrame], why: str) -> None:
        self._frames = frames
        self.why = why

    @overload
    def __getitem__(self, key: int) -> StackFrame: ...
    @overload
    def __getitem__(self, key: slice) -> list[StackFrame]: ...
    def __getitem__(self, key: int | slice) -> StackFrame | list[StackFrame]:
        return self._frames[key]

    def __len__(self) -> int:
        return len(self._frames)

    def __repr__(self) -> str:
        return "\n".join([*map(repr, self._frames), f"({self.why})"])

    def _repr_html_(self) -> str:
        return listing(repr(self))


class HartMemory:
    """Memory as a hart sees it now."""

    def __init__(self, hart: Hart, images: Images) -> None:
        self._hart = hart
        self._images = images
        self._moment = self._now()

    def _now(self) -> tuple[int, int]:
        return self._hart.instructions, self._hart.pc

    def read(self, address: int, size: int) -> bytes:
        """Return bytes; LookupError where there is no memory."""
        if self._now() != self._moment:
            raise RuntimeError("the hart has gone on since this backtrace; ask for another one")
        data = self._hart.peek(address % (1 << 64), size)
        if data is None:
            raise LookupError(f"the hart sees no memory at {address:#x}")
        return data

    def name_at(self, address: int) -> str | None:
        """Say what is at an address."""
        return self._images.symbol_at(address)


class _Context:
    """What the inlined functions of one place on the stack share."""

    def __init__(
        self, pc: int, innermost: bool, registers: Registers, space: HartMemory, images: Images
    ) -> None:
        self.pc = pc
        self.lookup = pc if innermost else pc - 1  # of a caller, inside its call
        self.registers = registers
        self.space = space
        self.cfa: int | None = None
        self.image = images.at(self.lookup)
        self.scope: Scope | None = None
        if self.image is not None:
            try:
                scope = Scope(self.image.info, self.lookup)
                self.scope = scope if scope.functions else None
            except DebugInfoError:
                self.image = None


def trace(hart: Hart, images: Images, limit: int) -> Backtrace:
    """Walk the stack of a hart, as far as it can be followed."""
    space = HartMemory(hart, images)
    registers: Registers = dict(enumerate([*hart._engine.x(), *hart._engine.f()]))
    vectors = [hart.csrs[name] & ~3 for name in ("stvec", "mtvec")]
    frames: list[StackFrame] = []
    pc, sp = hart.pc, 0
    while len(frames) < limit:
        context = _Context(pc, not frames, registers, space, images)
        try:
            caller = None if _is_vector(context.lookup, vectors, images) else _caller(context, images)
        except UnwindError as error:
            frames += _frames(len(frames), context, images)
            return Backtrace(frames, f"the trace ends: {error}")
        context.cfa = caller.cfa if caller else None
        frames += _frames(len(frames), context, images)
        if caller is None:
            return Backtrace(frames, _trap_words(hart, images))
        why = _why_not(context, caller, sp, hart)
        if why:
            return Backtrace(frames, f"the trace ends: {why}")
        pc, sp, registers = caller.pc, caller.cfa, caller.registers
    return Backtrace(frames[:limit], f"{limit} frames are shown; there are more")


def _caller(context: _Context, images: Images) -> Caller:
    if context.image is not None and context.image.frames is not None:
        found = context.image.frames.caller(context.pc, context.lookup, context.registers, context.space.read)
        if found is not None:
            return found
    if images.begins(context.lookup):
        return caller_at_entry(context.registers)
    return caller_by_frame_pointer(context.registers, context.space.read)


def _why_not(context: _Context, caller: Caller, sp: int, hart: Hart) -> str:
    """Why what was found is no caller; empty when it may be one."""
    if caller.pc == context.pc and context.image is not None and context.scope is None:
        return (
            "assembly that seems to have called itself was called by nobody"  # what s0 points to is left over
        )
    if caller.pc == 0:
        return "the return address is 0: nobody has called it"
    if caller.cfa < sp or caller.pc & 1:
        return f"{caller.pc:#x}, with its frame at {caller.cfa:#x}, can be no caller"
    table = None if hart.privilege == "M" else hart.page_table
    if table is not None:
        if table.walk(caller.pc, "fetch", privilege=hart.privilege).pa is None:
            return f"{caller.pc:#x}, where it would return to, is no code for {hart.privilege}-mode"
    elif hart.peek(caller.pc, 2) is None:
        return f"{caller.pc:#x}, where it would return to, is no memory"
    return ""


def _is_vector(address: int, vectors: list[int], images: Images) -> bool:
    """Whether an address lies in the code that traps come to."""
    start = images.start_of(address)
    return any(vector and (start == vector or address == vector) for vector in vectors)


def _trap_words(hart: Hart, images: Images) -> str:
    """What is known of the trap that has come to the vector where the trace ends."""
    letter = "m" if hart.privilege == "M" else "s"
    epc, cause = hart.csrs[f"{letter}epc"], hart.csrs[f"{letter}cause"]
    name = images.symbol_at(epc)
    return (
        f"traps come here; the last one: {words.cause(cause)}, "
        f"{letter}epc {epc:#x}{f' <{name}>' if name else ''}"
    )


def _frames(first: int, context: _Context, images: Images) -> Iterator[StackFrame]:
    """Yield a frame for each function at a place: the inlined ones, then that whose code it is."""
    line = None if context.image is None else context.image.line(context.lookup)
    if context.scope is None:
        name = (images.symbol_at(context.lookup) or "").partition("+")[0]
        yield StackFrame(first, context.pc, name, line, False, context)
        return
    for index, (name, entry) in enumerate(zip(context.scope.functions, context.scope.entries, strict=True)):
        inlined = entry.tag == "DW_TAG_inlined_subroutine"
        yield StackFrame(first + index, context.pc, name, line, inlined, context)
        if inlined:
            line = context.image.call_site(entry) if context.image else None
