"""Who forked whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import words
from ..inspection import KernelTables
from . import palette, sources
from .lettering import listed, power, printable
from .picture import Picture
from .sources import Array

if TYPE_CHECKING:
    from .canvas import Canvas

_EVENTS = ("time", "kind", "what", "pid", "value", "result")
_PROCESSES = ("pid", "parent", "name", "state")
_MOST = 150  # processes in a picture
_LARGE = (76.0, 40.0, 10.0)  # width, height and room between, when there is room for names
_SMALL = (24.0, 18.0, 3.0)
_WIDE, _STEP = 700.0, 30.0


@dataclass
class Node:
    """A process that is or was."""

    pid: int
    parent: int = 0
    name: str = ""
    state: str = ""  # as the process table has it, or "exited", or "" when all that is known is the fork
    status: int | None = None
    forked: int | None = None  # instructions retired then
    children: list[Node] = field(default_factory=list)
    x: float = 0.0
    depth: int = 0

    @property
    def says(self) -> str:
        """Its state in a word or two."""
        return f"exit {self.status}" if self.status is not None else self.state.lower()


def fork_tree(x: Any) -> Picture:
    """Draw the tree of processes, those that are and those that were.

    Parameters
    ----------
    x : Kernel, Snapshot, Tracing or Table
        A kernel shows its processes, those that have ended too, with the times of the forks that were traced.
        A trace by itself, or a table of its events, shows what it has alone. A table may also be one of
        processes.

    Returns
    -------
    Picture
        Its `data`: processes (pid, parent, name, state, status, forked: the time of the fork, -1 when it is
        not known), parents before their children.

    Raises
    ------
    TypeError
        When x has neither processes nor events.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> proc = kernel.spawn(code=hl.asm("here: j here"), name="sh")
    >>> child, other = proc.fork(), proc.fork()
    >>> hl.pictures.fork_tree(kernel)
    1 initcode, runnable
    └─ 2 sh, runnable
       ├─ 3 sh, runnable
       └─ 4 sh, runnable
    """
    nodes = _nodes(x)
    roots = _linked(nodes)
    order = [node for root in roots for node in _walk(root)]
    left_out = len(nodes) - len(order)

    def draw(canvas: Canvas) -> tuple[float, float]:
        return _draw(canvas, order, left_out)

    return Picture(
        draw,
        title="The fork tree",
        alt=_alt(order, left_out),
        text="\n".join(_lines(roots) + ([f"... {power(left_out)} more"] if left_out else []))
        or "no processes",
        data={"processes": _array(order)},
    )


def _nodes(x: Any) -> dict[int, Node]:
    nodes: dict[int, Node] = {}
    events: Any = None
    if isinstance(x, np.ndarray):
        if "kind" in (x.dtype.names or ()):
            events = sources.rows("x", x, "trace", _EVENTS)
        else:
            _add_processes(nodes, sources.rows("x", x, "processes", _PROCESSES))
    elif isinstance(x, KernelTables):
        for row in x.exits():
            status = int(row["status"])
            nodes[int(row["pid"])] = Node(
                int(row["pid"]), int(row["parent"]), str(row["name"]), "exited", status
            )
        _add_processes(nodes, sources.rows("x", x, "processes", _PROCESSES))
        events = np.asarray(x.trace()) if hasattr(x, "trace") else None
    elif callable(getattr(x, "table", None)):
        events = sources.rows("x", x, "table", _EVENTS)
    else:
        raise TypeError(f"x={x!r} must be a Kernel, a Snapshot, a trace, or a table of processes or events")
    if events is not None:
        _add_events(nodes, events)
    return nodes


def _add_processes(nodes: dict[int, Node], table: Array) -> None:
    for row in table:
        pid = int(row["pid"])
        status = (
            int(row["xstate"]) if row["state"] == "ZOMBIE" and "xstate" in (table.dtype.names or ()) else None
        )
        nodes[pid] = Node(pid, int(row["parent"]), printable(row["name"], 16), str(row["state"]), status)


def _add_events(nodes: dict[int, Node], events: Array) -> None:
    forks = (events["kind"] == "syscall") & (events["what"] == "fork")
    for event in events[forks | (events["kind"] == "process_exit")]:
        pid = int(event["pid"])
        if event["kind"] == "process_exit":
            node = nodes.setdefault(pid, Node(pid))
            node.status, node.state = int(np.int64(event["value"])), node.state or "exited"
            continue
        child = int(np.int64(event["result"]))
        if child > 0:
            node = nodes.setdefault(child, Node(child))
            node.forked, node.parent = int(event["time"]), pid
            nodes.setdefault(pid, Node(pid))


def _linked(nodes: dict[int, Node]) -> list[Node]:
    """Give each its children; the roots. Parents that a corrupted table makes a circle of have none."""
    roots = []
    for pid in sorted(nodes)[:_MOST]:
        node, seen = nodes[pid], {pid}
        above = nodes.get(node.parent)
        while above is not None and above.pid not in seen:
            seen.add(above.pid)
            above = nodes.get(above.parent)
        parent = nodes.get(node.parent)
        if parent is None or above is not None or parent.pid == pid:
            roots.append(node)
        else:
            parent.children.append(node)
    return roots


def _walk(root: Node) -> list[Node]:
    found, left = [], [root]
    while left:
        node = left.pop()
        found.append(node)
        for child in reversed(node.children):
            child.depth = node.depth + 1
            left.append(child)
    return found


def _array(order: list[Node]) -> Array:
    kinds = [
        ("pid", "i4"),
        ("parent", "i4"),
        ("name", "U16"),
        ("state", "U8"),
        ("status", "i4"),
        ("forked", "i8"),
    ]
    made = [
        (n.pid, n.parent, n.name, n.state, n.status or 0, -1 if n.forked is None else n.forked) for n in order
    ]
    return np.array(made, dtype=kinds)


def _alt(order: list[Node], left_out: int) -> str:
    if not order:
        return "A fork tree without processes."
    parts = [f"A fork tree of {words.plural(len(order) + left_out, 'process')}."]
    for node in order:
        if node.children and len(parts) < 9:
            names = [str(child.pid) for child in node.children]
            says = f" ({node.says})" if node.says else ""
            parts.append(f"{node.pid} {node.name}".strip() + f"{says} forked {listed(names)}.")
    return " ".join(parts)


def _lines(roots: list[Node]) -> list[str]:
    lines: list[str] = []
    left = [(root, "", "") for root in reversed(roots)]
    while left:
        node, before, ahead = left.pop()
        said = f"{node.pid} {node.name}".strip()
        when = f" (forked at {power(node.forked)})" if node.forked is not None else ""
        lines.append(f"{before}{said}{f', {node.says}' if node.says else ''}{when}")
        for number, child in reversed(list(enumerate(node.children))):
            last = number == len(node.children) - 1
            left.append((child, f"{ahead}{'└─ ' if last else '├─ '}", f"{ahead}{'   ' if last else '│  '}"))
    return lines


# -- drawing -------------------------------------------------------------------------------------------------


def _draw(canvas: Canvas, order: list[Node], left_out: int) -> tuple[float, float]:
    leaves = sum(not node.children for node in order)
    large = leaves * (_LARGE[0] + _LARGE[2]) <= _WIDE
    width, height, between = _LARGE if large else _SMALL
    leaf = 0.0
    # Leaves from left to right first, and then each parent above the middle of its children.
    for node in order:
        if not node.children:
            node.x, leaf = leaf + width / 2, leaf + width + between
    for node in reversed(order):
        if node.children:
            node.x = (node.children[0].x + node.children[-1].x) / 2
    step = height + _STEP
    for node in order:
        for child in node.children:
            start, end = (node.x, node.depth * step + height), (child.x, child.depth * step)
            canvas.line([start, end], "soft", arrow=True, mark=f"fork {node.pid} {child.pid}")
            if large and child.forked is not None:
                x, y = (start[0] + end[0]) / 2 + 4, (start[1] + end[1]) / 2
                canvas.text(x, y, f"at {power(child.forked)}", size=7, colour="soft")
    for node in order:
        _draw_node(canvas, node, node.depth * step, width, height, large)
    bottom = (max((node.depth for node in order), default=0) + 1) * step - _STEP
    if not order:
        canvas.text(0, 8, "no processes", colour="soft")
        bottom = 16
    if left_out:
        bottom += 16
        canvas.text(0, bottom - 6, f"… and {power(left_out)} more processes", size=8, colour="soft")
    return max(leaf - between, 160.0), bottom


def _draw_node(canvas: Canvas, node: Node, y: float, width: float, height: float, large: bool) -> None:
    ended = node.status is not None
    running = node.state == "RUNNING"
    fill = palette.SKY if running else "wash"
    colour = palette.BLACK if running else "ink"
    tip = f"pid {node.pid} {node.name}, {node.says or 'state unknown'}"
    if node.forked is not None:
        tip += f", forked after {power(node.forked)} instructions"
    canvas.box(
        node.x - width / 2,
        y,
        width,
        height,
        None if ended else fill,
        edge="ink" if running else "soft",
        line=1.4 if running else 0.8,
        dashed=ended,
        rounded=4,
        mark=f"process {node.pid}",
        tip=tip,
    )
    if not large:
        canvas.text(node.x, y + height / 2, node.pid, size=8, anchor="center", colour=colour)
        return
    canvas.text(node.x, y + 9, f"pid {node.pid}", bold=True, anchor="center", colour=colour)
    canvas.text(node.x, y + 21, node.name, size=8, anchor="center", colour=colour, mono=True, limit=14)
    canvas.text(node.x, y + 32, node.says, size=8, anchor="center", colour=colour, mark=f"state {node.pid}")
