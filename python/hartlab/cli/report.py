"""What ``--trace`` and ``--stats`` print, on stderr."""

from __future__ import annotations

import sys

from hartlab import words
from hartlab.kernel import Kernel
from hartlab.table import Table

_SYSCALL_ARGUMENTS = {
    **dict.fromkeys(("fork", "getpid", "uptime"), 0),
    **dict.fromkeys(("exit", "wait", "pipe", "kill", "dup", "sleep", "close", "myalloc", "myfree"), 1),
    **dict.fromkeys(("exec", "fstat", "sbrk", "open"), 2),
    **dict.fromkeys(("read", "write"), 3),
}


def trace(events: Table) -> None:
    """List system calls, faults and the ends of processes."""
    if events.dropped:
        print(f"... {events.dropped:,} earlier events", file=sys.stderr)
    for event in events:
        kind, what = str(event["kind"]), str(event["what"])
        where = f"[{event['time']:>12,}] pid {event['pid']:<3}"
        if kind == "syscall":
            count = _SYSCALL_ARGUMENTS.get(what, 6)
            listed = ", ".join(_number(int(event[f"a{i}"])) for i in range(count))
            print(f"{where} {what}({listed}) = {_number(int(event['result']))}", file=sys.stderr)
        elif kind == "fault":
            outcome = "repaired" if event["result"] else "kills it"
            print(f"{where} {what} at {event['va']:#x}, pc {event['value']:#x}: {outcome}", file=sys.stderr)


def stats(kernel: Kernel, seconds: float) -> None:
    """Say what the run cost."""
    counts = kernel.hart.tlb.counts
    rate = kernel.instructions / seconds / 1e6 if seconds else 0.0
    lines = [
        f"{words.plural(kernel.instructions, 'instruction')} in {seconds:.3f} s ({rate:.0f} MIPS)",
        f"{words.plural(kernel.ticks, 'timer tick')}, {words.plural(kernel.free_pages, 'free page')} left",
        f"TLB: {100 * counts.hit_rate:.2f}% hits, {words.plural(sum(counts.misses.values()), 'miss')}, "
        f"{words.plural(counts.evictions, 'eviction')}, {words.plural(counts.flushes, 'flush')}",
    ]
    print("\n".join(lines), file=sys.stderr)


def _number(value: int) -> str:
    signed = value - (1 << 64) if value >> 63 else value
    return str(signed) if abs(signed) < 4096 else hex(value)
