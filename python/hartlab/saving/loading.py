"""`hartlab.load`: a kernel or a machine from a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from .. import arguments
from ..errors import ElfError, SavedFileError
from ..kernel import Kernel
from ..machine import Machine
from .container import Contents, unpack
from .origin import code_hash

T = TypeVar("T")

_TLB_ENTRY = 44  # bytes of a file at least, for each entry


def load(
    path: str | os.PathLike[str],
    *,
    replace: Callable[[Kernel], Any] | str | None = None,
    max_memory: int | str = "1GiB",
) -> Kernel | Machine:
    """Make the kernel or the machine again that was saved in a file.

    It goes on exactly as the one that was saved would have. Breakpoints, watchpoints, traces and history are
    the observer's, and not in the file.

    Parameters
    ----------
    path : path
        What `Kernel.save`, `Machine.save` or the `save` of a snapshot has written.
    replace : callable or str, optional
        For a kernel with replaced functions, of which the file has only the names: called with the kernel,
        it replaces them again, by `Kernel.replace` or `Kernel.replace_c`. Variables of the same C code then
        hold what they held. ``"native"`` goes on with the engine's own functions instead.
    max_memory : int or str
        What of this computer's memory the file may ask for, as RAM and as disk.

    Returns
    -------
    Kernel or Machine
        What was saved.

    Raises
    ------
    SavedFileError
        When the file is not one that can be loaded: cut short, changed, of another version, or made up. The
        text says which.
    ValueError
        When functions were replaced and `replace` does not say by what.

    Examples
    --------
    >>> import hartlab as hl, pathlib, tempfile
    >>> machine = hl.Machine(memory="64KiB", code=hl.asm("li a0, 6; li a1, 7; mul a0, a0, a1"))
    >>> _ = machine.step(2)
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "half-way.hartlab"
    >>> machine.save(file)
    >>> again = hl.load(file)
    >>> again.run(1).reason, again.hart.x.a0
    ('budget', 42)
    """
    limit = arguments.byte_size("max_memory", max_memory, 1, 1 << 40)
    try:
        contents = unpack(Path(path).read_bytes(), limit)
        _check_memory(contents, limit)
        made = _believed(lambda: _make(contents, limit))
    except SavedFileError as error:
        raise SavedFileError(f"{os.fspath(path)!r} cannot be loaded: {error}") from error.__cause__
    if isinstance(made, Kernel):
        _replace_again(made, contents.facts.get("replaced", []), replace)
    elif replace is not None:
        raise ValueError("replace= is for a kernel, and the file is of a machine")
    return made


def _believed(make: Callable[[], T]) -> T:
    """Do what the file asks for; a mistake in it is the file's, and not the caller's."""
    try:
        return make()
    except SavedFileError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, ElfError) as error:
        raise SavedFileError(f"what it holds cannot be: {error}") from error


def _make(contents: Contents, limit: int) -> Kernel | Machine:
    facts = contents.facts
    config = {**facts["config"], "tlb": tuple(facts["config"]["tlb"])}
    if contents.kind == "kernel":
        arguments.byte_size("ram_size", config["ram_size"], 1 << 20, 1 << 30, 4096)
        arguments.integer("timer_interval", config["timer_interval"], 1, 1 << 48)
        return Kernel._from_saved(config, facts, contents.state)
    return Machine._from_saved(config, facts, contents.state, limit)


def _check_memory(contents: Contents, limit: int) -> None:
    """Refuse what would take more memory than the caller has allowed, before anything is made."""

    def sizes() -> tuple[int, int]:
        config = contents.facts["config"]
        sets, ways, *_ = config["tlb"]
        return int(config["ram_size"]), int(sets) * int(ways) * int(config.get("harts", 1))

    ram, entries = _believed(sizes)
    if ram > limit:
        raise SavedFileError(
            f"it is of a machine with {ram:,} bytes of RAM, and max_memory={limit:,} allows fewer"
        )
    if entries * _TLB_ENTRY > len(contents.state):
        raise SavedFileError("its TLB is larger than the file")


def _replace_again(kernel: Kernel, rows: Any, replace: Callable[[Kernel], Any] | str | None) -> None:
    names = _believed(lambda: sorted(str(name) for row in rows for name in row["functions"]))
    if isinstance(replace, str):
        arguments.choice("replace", replace, ("native",))
        return
    if replace is None:
        if names:
            raise ValueError(
                f"the kernel was saved with {', '.join(names)} replaced. Say replace=, a function that is "
                f"called with the kernel and replaces {'it' if len(names) == 1 else 'them'} again, or "
                f"replace='native'"
            )
        return
    replace(kernel)
    missing = sorted(set(names) - set(kernel.replaced))
    if missing:
        raise ValueError(f"replace= has not replaced {', '.join(missing)}, as the file says")
    _set_variables(kernel, rows)


def _set_variables(kernel: Kernel, rows: list[Mapping[str, Any]]) -> None:
    """Variables of C code that is the same as before hold what they held."""
    saved = {row["code"]: row["variables"] for row in rows if row["by"] == "C"}
    for code in kernel._units():
        variables = saved.get(code_hash(code))
        if isinstance(variables, bytes) and len(variables) == len(code._linked.data_bytes):
            kernel._engine.set_c_data(code._number, variables)
