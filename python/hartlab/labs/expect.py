"""What a check expects of the machine. Each function returns when it is so, and fails the check otherwise.

A failure says what was found, what should be, and what to look at: keywords such as ``va=``, ``pte=``,
``pa=`` and ``pid=`` are shown beside the message.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _engine, words
from ..errors import KernelPanic, PageFault, SeamError
from ..kernel import Kernel
from ..process import Process
from ..sweep_failures import sweep_failures
from .likeness import PERMISSIONS, pages

_SHOWN = 3  # violations
_WORK = 200_000  # of the kernel, in a run: a fault that is never repaired ends soon


class CheckFailed(Exception):  # noqa: N818 - a name of the domain
    """Something is not as a check expects it.

    Attributes
    ----------
    message : str
        What was found, and what should be.
    look : dict
        Where to look: addresses and identifiers by name.
    """

    def __init__(self, message: str, **look: int | str) -> None:
        super().__init__(message)
        self.message = message
        self.look = look


def that(condition: object, message: str, **look: int | str) -> None:
    """Expect a condition.

    Parameters
    ----------
    condition : object
        What should be true.
    message : str
        What is wrong when it is not.
    **look : int or str
        What to look at.

    Raises
    ------
    CheckFailed
        When it is not true.
    """
    if not condition:
        raise CheckFailed(message, **look)


def equal(what: str, found: Any, wanted: Any, why: str = "", **look: int | str) -> None:
    """Expect a value.

    Parameters
    ----------
    what : str
        What it is the value of.
    found, wanted : object
        What is there, and what should be.
    why : str
        The reason, for the message.
    **look : int or str
        What to look at.

    Raises
    ------
    CheckFailed
        When they differ.
    """
    if found != wanted:
        reason = f": {why}" if why else ""
        raise CheckFailed(f"{what} is {_shown(found)} and should be {_shown(wanted)}{reason}", **look)


def permissions(what: str, entry: Any, wanted: int, why: str = "", **look: int | str) -> None:
    """Expect the bits V, R, W, X and U of a page-table entry.

    Parameters
    ----------
    what : str
        What kind of page it is.
    entry : void
        A row of `hartlab.PageTable.entries`.
    wanted : int
        The bits that should be set.
    why : str
        The reason, for the message.
    **look : int or str
        What to look at, beside the entry.

    Raises
    ------
    CheckFailed
        When others are.
    """
    found = int(entry["flags"]) & PERMISSIONS
    if found != wanted & PERMISSIONS:
        shown, should = (_engine.flag_string(bits)[:5] for bits in (found, wanted & PERMISSIONS))
        reason = f": {why}" if why else ""
        where = {"va": int(entry["va"]), "pte": int(entry["pte"])}
        raise CheckFailed(f"{what} is mapped {shown} and should be {should}{reason}", **where, **look)


def sound(kernel: Kernel) -> None:
    """Expect that the audit finds no error.

    Parameters
    ----------
    kernel : Kernel
        The kernel to be audited.

    Raises
    ------
    CheckFailed
        When it does, with the first ones.
    """
    report = kernel.audit()
    errors = report[report["severity"] == "error"]
    if not len(errors):
        return
    lines = [f"the audit finds {row['kind']}: {row['message']}" for row in errors[:_SHOWN]]
    if len(errors) > _SHOWN:
        lines.append(f"and {words.plural(len(errors) - _SHOWN, 'more violation')}")
    look = {name: int(errors[0][name]) for name in ("pid", "va", "pa") if errors[0][name] > 0}
    raise CheckFailed("\n".join(lines), **look)


def no_stale_use(kernel: Kernel) -> None:
    """Expect that no access has gone through only because a fence is missing.

    Parameters
    ----------
    kernel : Kernel
        A kernel whose ``hart.stale_check`` was on.

    Raises
    ------
    CheckFailed
        When one has, with the first one and who changed the page-table entry that it went by.
    """
    uses = kernel.hart.stale_uses()
    if not len(uses):
        return
    use = uses[0]
    who = f", since {use['writer']} changed it" if use["writer"] else ""
    raise CheckFailed(
        f"a {use['access']} goes by a translation that the page table no longer has{who} without a fence: "
        f"the TLB says {_engine.flag_string(int(use['tlb_pte']))} to {int(use['tlb_pa']):#x}, "
        f"and a walk ends with {use['verdict']}",
        pid=int(use["pid"]),
        va=int(use["va"]),
        pc=int(use["pc"]),
        pte=int(use["table_pte"]),
    )


def panic(text: str, act: Callable[[], Any], **look: int | str) -> None:
    """Expect that the kernel panics. It is frozen afterwards.

    Parameters
    ----------
    text : str
        As panic is given it.
    act : callable
        What should make it panic.
    **look : int or str
        What to look at.

    Raises
    ------
    CheckFailed
        When it does not, or panics otherwise.
    """
    try:
        result = act()
    except SeamError:
        raise  # a mistake, and no panic that anybody meant
    except KernelPanic as caught:
        equal("the panic", caught.text, text, "", **look)
        return
    raise CheckFailed(f"there is no panic {text!r}, but the result {_shown(result)}", **look)


def survives_failures(kernel: Kernel, act: Callable[[Kernel], Any], *, result: object = -1) -> None:
    """Expect that an action undoes what it has done, whichever of its allocations fails.

    Parameters
    ----------
    kernel : Kernel
        Where each run begins, on a clone.
    act : callable
        Takes a kernel and does something with it.
    result : object
        What it should return when an allocation fails.

    Raises
    ------
    CheckFailed
        When a failure loses frames, breaks an invariant, makes the kernel panic, or is not reported.
    """
    for row in sweep_failures(act, kernel).table:
        when = f"when allocation {row['fail_kalloc']} fails, "
        if row["outcome"] == "panic":
            raise CheckFailed(f"{when}the kernel panics: {row['result']}")
        if row["lost_frames"]:
            lost = int(row["lost_frames"])
            if lost < 0:
                raise CheckFailed(f"{when}the free list gets {words.plural(-lost, 'frame')} too many")
            raise CheckFailed(f"{when}{words.plural(lost, 'frame')} got lost: neither free nor anybody's")
        if row["violations"]:
            raise CheckFailed(f"{when}the audit finds {words.plural(int(row['violations']), 'violation')}")
        if row["result"] != repr(result):
            raise CheckFailed(f"{when}the result is {row['result']} and should be {result!r}")


def agrees(kernel: Kernel, native: Kernel, act: Callable[[Kernel], Any], why: str = "") -> None:
    """Expect that an action comes to the same as on a kernel with the engine's own functions.

    Compared are its result, the number of free pages, and every process's pages: which are mapped, with which
    flags, and what is in them. Which frame a page has is left open.

    Parameters
    ----------
    kernel, native : Kernel
        Both in the same state.
    act : callable
        Takes a kernel and does something with it.
    why : str
        What the action is, for the message.

    Raises
    ------
    CheckFailed
        At the first difference.
    """
    wanted = act(native)
    found = act(kernel)
    equal("the result", found, wanted, why)
    equal("the number of free pages", kernel.free_pages, native.free_pages, why)
    pids = [int(pid) for pid in native.processes()["pid"]]
    equal("the list of processes", [int(pid) for pid in kernel.processes()["pid"]], pids, why)
    for pid in pids:
        mine, model = (pages(each.process(pid).page_table, each) for each in (kernel, native))
        for va in sorted(mine.keys() | model.keys()):
            what = f"what pid {pid} has at {va:#x}"
            equal(what, mine.get(va, "nothing"), model.get(va, "nothing"), why, pid=pid, va=va)


def finishes(kernel: Kernel, max_instructions: int) -> None:
    """Expect that every process runs to its end.

    Parameters
    ----------
    kernel : Kernel
        The kernel to run.
    max_instructions : int
        The budget.

    Raises
    ------
    CheckFailed
        When something is left to do; it says what the processes are at.
    """
    result = kernel.run(max_instructions, max_work=_WORK)
    if result.reason != "finished":
        raise CheckFailed(f"the programs do not come to their end: {result}", pid=result.pid)


def exit_status(process: Process, wanted: int, meaning: str = "") -> None:
    """Expect that a process has exited with a status.

    Parameters
    ----------
    process : Process
        The process.
    wanted : int
        Its status.
    meaning : str
        What another status means.

    Raises
    ------
    CheckFailed
        When it has not, with the reason if the kernel killed it.
    """
    found = process.exit_status
    if found == wanted:
        return
    pid = process.pid
    if found is None:
        raise CheckFailed(f"pid {pid} has not exited: it is {process.state}", pid=pid)
    killed = f" (killed: {process.killed_by})" if process.killed_by else ""
    why = f": {meaning}" if meaning else ""
    raise CheckFailed(f"pid {pid} exits with status {found}{killed} and should with {wanted}{why}", pid=pid)


def stores(process: Process, va: int, data: bytes) -> None:
    """Expect that a process may store somewhere, and finds it there afterwards.

    Parameters
    ----------
    process : Process
        The process.
    va : int
        Virtual address.
    data : bytes
        What it stores.

    Raises
    ------
    CheckFailed
        When the store would kill it, or something else is there.
    """
    try:
        process.store(va, data)
        found = process.load(va, len(data))
    except PageFault as fault:
        raise CheckFailed(f"pid {process.pid}: {fault}", pid=process.pid, va=va) from fault
    equal(f"what pid {process.pid} finds at {va:#x}", found, data, "it has just stored that", va=va)


def loads(process: Process, va: int, wanted: bytes, why: str = "") -> None:
    """Expect what a process finds in its memory.

    Parameters
    ----------
    process : Process
        The process.
    va : int
        Virtual address.
    wanted : bytes
        What should be there.
    why : str
        The reason, for the message.

    Raises
    ------
    CheckFailed
        When the load would kill it, or something else is there.
    """
    try:
        found = process.load(va, len(wanted))
    except PageFault as fault:
        raise CheckFailed(f"pid {process.pid}: {fault}", pid=process.pid, va=va) from fault
    equal(f"what pid {process.pid} finds at {va:#x}", found, wanted, why, pid=process.pid, va=va)


def _shown(value: Any) -> str:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:57]}..."
    number = int(value)
    return hex(number) if number > 4095 else str(number)
