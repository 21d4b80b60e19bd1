"""What must hold of a guest kernel's memory, and what does not, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..table import Table, as_table
from .census import FREE, LOST, OWNERS, USER, Census, Conflict, Finding
from .rows import dtype_of
from .sight import Sight

_PAGE = 4096
_LONG = 16  # frames of a stretch that gets one row
# By number, as the kernel model has them.
_KINDS = (
    "two_places",
    "lost_frame",
    "free_list",
    "free_junk",
    "free_count",
    "reference_count",
    "user_reaches",
    "broken_entry",
    "trapframe",
    "trampoline",
    "beyond_size",
    "process",
    "file",
    "area",
    "tlb_stale",
    "cut_short",
)
_WORDS = {
    "free": "free",
    "page_table": "a page of a page table",
    "user": "a user page",
    "trapframe": "a trapframe",
    "kernel_stack": "a kernel stack",
    "pipe": "a pipe",
    "buffer": "mapped by the kernel",
}
_FREE_WORDS = {
    "cycle": "comes back to {0:#x}, which is on it already: it was freed twice, or written to when free",
    "out_of_bounds": "leads to {0:#x}, which is no page that can be freed: a free page was written to",
    "misaligned": "leads to {0:#x}, which is not the address of a page: a free page was written to",
}


def audit(sight: Sight, census: Census, junk: bool, limit: int) -> Table:
    """Make the rows, errors before notes."""
    findings = [*_of_conflicts(census), *census.findings]
    if sight.busy:
        findings = [_half_done(each, sight) for each in findings]
    findings += [*_of_lists(census), *_lost(sight, census)]
    if junk:
        findings += _junk(sight, census)
    findings += _shared(census)
    findings.sort(key=lambda each: each.severity != "error")
    if len(findings) > limit:
        left = len(findings) - limit + 1
        rest = Finding("cut_short", "note", -1, 0, 0, f"and {left:,} more that limit= leaves out")
        findings = [*findings[: limit - 1], rest]
    kind = dtype_of("violations")
    longest = max((len(each.message) for each in findings), default=1)
    message = ("message", f"<U{max(longest, 200)}")
    columns = [message if name == "message" else (name, kind[name]) for name in kind.names or ()]
    rows = np.zeros(len(findings), np.dtype(columns))
    for row, each in zip(rows, findings, strict=True):
        row["kind"], row["code"], row["severity"] = each.kind, _KINDS.index(each.kind), each.severity
        row["pid"], row["pa"], row["va"], row["message"] = each.pid, each.pa, each.va, each.message
    return as_table(rows)


def _half_done(finding: Finding, sight: Sight) -> Finding:
    """What a process in the kernel may be about to put right."""
    pids = ", ".join(str(each.pid) for each in sight.busy)
    message = f"{finding.message} (half done, perhaps: pid {pids} is in the kernel)"
    return replace(finding, severity="note", message=message)


def _of_lists(census: Census) -> list[Finding]:
    found = []
    for each in census.lists:
        if each.bad:
            pages = f"after {len(each.pages):,} pages" if each.pages else "at its head"
            said = f"the free list {_FREE_WORDS[each.verdict].format(each.bad)} ({pages})"
            found.append(Finding("free_list", "error", -1, each.bad, 0, said))
    return found


def _of_conflicts(census: Census) -> list[Finding]:
    return [
        Finding(
            "two_places",
            "error",
            max(each.first_pid, each.second_pid),
            each.pa,
            each.second_va or each.first_va,
            f"frame {each.pa:#x} is {_claim(each, True)} and at the same time {_claim(each, False)}",
        )
        for each in census.conflicts
    ]


def _claim(conflict: Conflict, first: bool) -> str:
    owner, pid, va = (
        (conflict.first, conflict.first_pid, conflict.first_va)
        if first
        else (conflict.second, conflict.second_pid, conflict.second_va)
    )
    name = OWNERS[owner]
    whose = f" of pid {pid}" if pid > 0 else " of the kernel" if pid == 0 and name == "page_table" else ""
    where = f" at {va:#x}" if name == "user" else ""
    return f"{_WORDS.get(name, name)}{whose}{where}"


def _lost(sight: Sight, census: Census) -> list[Finding]:
    """Frames that nobody owns: a row for each, or for a long stretch of them."""
    lost = np.flatnonzero(census.frames["code"] == LOST)
    if not len(lost):
        return []
    breaks = np.flatnonzero(np.diff(lost) != 1) + 1
    found = []
    for stretch in np.split(lost, breaks):
        pages = [int(pa) for pa in census.frames["pa"][stretch]]
        if len(pages) > _LONG:
            said = (
                f"{len(pages):,} frames in a row, {pages[0]:#x} to {pages[-1]:#x}, belong to nobody: "
                f"neither free nor in use{_hint(sight, pages[0])}"
            )
            found.append(Finding("lost_frame", "error", -1, pages[0], 0, said))
            continue
        for pa in pages:
            said = f"frame {pa:#x} belongs to nobody: neither free nor in use{_hint(sight, pa)}"
            found.append(Finding("lost_frame", "error", -1, pa, 0, said))
    return found


def _hint(sight: Sight, pa: int) -> str:
    """What a lost page looks as though it had been."""
    words = sight.memory[pa : pa + _PAGE].view("<u8")
    rest = np.delete(words, sight.anatomy.next_offset // 8).view(np.uint8)  # but for what linked it
    if (rest == rest[0]).all() and (rest[0] != 0 or not words.any()):
        by = {0: "", 1: ", as kfree leaves pages", 5: ", as kalloc leaves pages"}.get(int(rest[0]), "")
        return f"; it is full of {int(rest[0]):#04x}{by}"
    valid = words[(words & np.uint64(1)) != 0]
    targets = (valid >> np.uint64(10)) << np.uint64(12)
    inside = (targets >= sight.memory.base) & (targets < sight.memory.end)
    if len(valid) and inside.all() and (words[(words & np.uint64(1)) == 0] == 0).all():
        return f"; it looks like a page of a page table, with {len(valid)} entries"
    return ""


def _junk(sight: Sight, census: Census) -> list[Finding]:
    """Free pages that were written to after kfree filled them: only where kfree fills pages at all."""
    free = np.flatnonzero(census.frames["code"] == FREE)
    if len(free) < 2:
        return []
    base = sight.memory.base
    changed: list[int] = []
    filled = 0
    skip = sight.anatomy.next_offset // 8
    pages = sight.memory.array.reshape(-1, _PAGE)
    pattern = np.uint64(0x0101_0101_0101_0101)
    for start in range(0, len(free), 4096):
        part = free[start : start + 4096]
        odd = _not_filled(pages, part, pattern, skip)
        filled += len(part) - int(odd.sum())
        changed += part[odd].tolist()
    if filled < len(changed):
        return []
    return [
        Finding("free_junk", "error", -1, pa, 0, _junk_words(pages[frame], pa))
        for frame, pa in ((frame, base + frame * _PAGE) for frame in changed[:1000])
    ]


def _not_filled(
    pages: NDArray[np.uint8], frames: NDArray[Any], pattern: np.uint64, skip: int
) -> NDArray[np.bool_]:
    first, last = int(frames[0]), int(frames[-1]) + 1
    if last - first == len(frames):  # a stretch: no copy
        words = pages[first:last].view("<u8")
    else:
        words = pages[frames].view("<u8")
    different = words != pattern
    different[:, skip] = False
    return different.any(axis=1)  # type: ignore[no-any-return]


def _junk_words(page: NDArray[np.uint8], pa: int) -> str:
    touched = np.flatnonzero(page[8:] != 1) + 8
    return (
        f"the free page {pa:#x} was written to after kfree: {len(touched):,} bytes from offset "
        f"{int(touched[0]):#x} on are not the 0x01 that it leaves"
    )


def _shared(census: Census) -> list[Finding]:
    """User pages that several mappings share, which is right with copy-on-write and wrong without."""
    shared = census.frames[(census.frames["code"] == USER) & (census.frames["mappings"] > 1)]
    if not len(shared):
        return []
    written = shared[shared["writable"]]
    first = written[0] if len(written) else shared[0]
    said = (
        f"{len(shared):,} user pages are mapped more than once, {len(written):,} of them writable: "
        "right for copy-on-write and shared memory, and else they will be freed twice"
    )
    return [Finding("reference_count", "note", int(first["pid"]), int(first["pa"]), int(first["va"]), said)]
