"""What of memory is shown: the areas of a process with their pages, and one frame with all who map it."""

from __future__ import annotations

from typing import Any

from .. import _engine
from ..constants import PGSIZE
from .moment import Moment

_MOST = 64  # pages of an area that are listed
_BYTES, _LINE = 64, 16  # of a frame that are shown


def areas(moment: Moment, pid: int, changed: set[int], selected: int | None) -> list[dict[str, Any]]:
    """The areas of a process, each with the pages that are mapped in it."""
    entries = moment.page_table(pid).entries()
    found = []
    for area in moment.state.areas(pid):
        start, end = int(area["start"]), int(area["end"])
        inside = entries[(entries["va"] >= start) & (entries["va"] < end)]
        # A window around the selected page, which may be far from the first.
        first = 0
        if selected is not None and start <= selected < end:
            position = int((inside["va"] <= selected).sum()) - 1
            first = max(0, position - _MOST // 2) if position >= _MOST else 0
        listed = inside[first : first + _MOST]
        found.append(
            {
                "kind": str(area["kind"]),
                "start": f"{start:#x}",
                "end": f"{end:#x}",
                "perms": str(area["perms"]),
                "present": int(area["present"]),
                "absent": int(area["absent"]),
                "before": first,
                "after": len(inside) - first - len(listed),
                "pages": [_page(moment, entry, changed, selected) for entry in listed],
            }
        )
    return found


def _page(moment: Moment, entry: Any, changed: set[int], selected: int | None) -> dict[str, Any]:
    va, pa, size = int(entry["va"]), int(entry["pa"]), int(entry["size"])
    frame = moment.frame(pa)
    return {
        "va": f"{va:#x}",
        "pa": f"{pa:#x}",
        "flags": str(_engine.flag_string(int(entry["pte"]))),
        "mappings": 0 if frame is None else int(frame["mappings"]),
        "changed": va in changed,
        "selected": selected is not None and va <= selected < va + size,
    }


def frame(moment: Moment, pid: int, va: int) -> dict[str, Any]:
    """The frame behind a page: whose it is, who maps it, what is in it, and how the MMU gets there."""
    page = va // PGSIZE * PGSIZE
    walk = moment.page_table(pid).walk(page)
    found: dict[str, Any] = {"va": f"{page:#x}", "pid": pid, "end": walk.end, "walk": _steps(walk.steps)}
    pa = moment.page_table(pid).translate(page)
    row = None if pa is None else moment.frame(pa)
    if pa is None or row is None:
        return found | {"pa": None}
    return found | {
        "pa": f"{pa:#x}",
        "owner": owner(str(row["owner"]), moment.mode),
        "references": int(row["reference_count"]),
        "mapped_by": mapped_by(moment, pa),
        "bytes": _dump(moment.state.read(pa, _BYTES)),
    }


def mapped_by(moment: Moment, pa: int) -> list[dict[str, Any]]:
    """Every page of every process behind which a frame is."""
    found = []
    for process in moment.processes:
        pid = int(process["pid"])
        entries = moment.page_table(pid).entries()
        for entry in entries[(entries["pa"] <= pa) & (pa < entries["pa"] + entries["size"])]:
            found.append(
                {
                    "pid": pid,
                    "name": str(process["name"]),
                    "va": f"{int(entry['va']):#x}",
                    "flags": str(_engine.flag_string(int(entry["pte"]))),
                }
            )
    return found


def table_of(moment: Moment, pte_address: int) -> int | None:
    """In whose page table an entry is: a pid, 0 for the kernel; None while no struct proc points to it."""
    row = moment.frame(pte_address)
    return int(row["pid"]) if row is not None and row["owner"] == "page_table" else None


def owner(name: str, mode: str) -> str:
    """What the census calls a frame. Between kalloc and mappages only a variable of the kernel knows it."""
    return "taken by kalloc, not mapped yet" if name == "lost" and mode != "U" else name.replace("_", " ")


def _steps(steps: Any) -> list[dict[str, Any]]:
    return [
        {
            "level": int(step["level"]),
            "index": int(step["index"]),
            "table": f"{int(step['table']):#x}",
            "pte": f"{int(step['pte']):#x}",
            "flags": str(_engine.flag_string(int(step["pte"]))),
        }
        for step in steps
    ]


def _dump(data: bytes) -> list[str]:
    return [data[at : at + _LINE].hex(" ", 4) for at in range(0, len(data), _LINE)]
