"""Going through what a kernel has done, event by event and both ways.

`recording` finds the events again on a clone and gives the state at each; `explorer` is the view of it
without a screen: a position, a selection, and a dict of what there is to see, which `viewing` puts together
from `moment`, `events`, `pages`, `code` and `variables`; `page` writes that as HTML, and `widget` makes it
something to click on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import arguments
from .explorer import Explorer

if TYPE_CHECKING:
    from ..kernel import Kernel

__all__ = ["Explorer", "explore"]


def explore(kernel: Kernel, *, capacity: int = 131_072, instructions: int = 1_000_000_000) -> Explorer:
    """Go through what a kernel has done, event by event and both ways.

    Nothing has to be recorded beforehand. What was run, and the system calls made from Python, are done
    again on a clone, which gives the same events; functions replaced in Python are called again. What Python
    changed otherwise (a store to `Kernel.memory`, a restore) lies between two events. Replacing a function
    ends the history: what came before is not seen.

    Parameters
    ----------
    kernel : Kernel
        It is neither changed nor run, and what it does later is not seen.
    capacity : int
        How many of the newest events to keep.
    instructions : int
        How far back to go at most: so many instructions are executed again, some 200 million a second.

    Returns
    -------
    Explorer
        Shows itself in a notebook; its methods are for scripts.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel(memory="4MiB")
    >>> proc = kernel.spawn(code=hl.asm("here: j here"))
    >>> old = proc.sbrk(hl.PGSIZE)
    >>> explorer = hl.explore(kernel)
    >>> explorer.view()["event"] is None  # the present
    True
    >>> explorer.step(-1) == len(explorer) - 1
    True
    """
    from ..kernel import Kernel

    arguments.instance("kernel", kernel, Kernel, "a Kernel; a Machine has no events")
    capacity = arguments.integer("capacity", capacity, 1, 1 << 24)
    return Explorer(kernel, capacity, arguments.integer("instructions", instructions, 0, 1 << 62))
