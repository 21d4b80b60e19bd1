"""Kernels for the fuzzers: small, in every configuration, and what must hold of them."""

from __future__ import annotations

import random
from typing import Any

from _harness import Case

import hartlab as hl

INTERESTING = [
    0, 1, 2, 7, 8, 63, 64, 511, 512, 4095, 4096, 4097, 0x1FFF, 0x2000, 0x7FFF, 0x8000, 0xFFFF, 1 << 16,
    1 << 21, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, hl.TRAMPOLINE, hl.TRAPFRAME, hl.TRAPFRAME - 1,
    hl.MAXVA - 1, hl.MAXVA, hl.KERNBASE, hl.ETEXT, hl.UART0, hl.CLINT, hl.PLIC, (1 << 39) - 1, 1 << 39,
    (1 << 56) - 1, 1 << 56, (1 << 63) - 1, 1 << 63, (1 << 64) - 4096, (1 << 64) - 8, (1 << 64) - 1,
]  # fmt: skip

DEAD = (hl.ProcessGone, hl.ProcessBusy, hl.WouldBlock)
CHOICES = {
    str(row["policy"]): str(row["choices"]).split(", ")
    for row in hl.policies()
    if row["policy"] != "stack_pages"
}


def number(rng: random.Random, bits: int = 64) -> int:
    """A number that is likely to be near where something changes."""
    kind = rng.randrange(6)
    if kind == 0:
        value = rng.getrandbits(bits)
    elif kind == 1:
        value = rng.getrandbits(rng.randrange(1, bits + 1))
    elif kind == 2:
        value = 1 << rng.randrange(bits)
    elif kind == 3:
        value = rng.randrange(64)
    else:
        value = rng.choice(INTERESTING)
    return (value + rng.choice([0, 0, 0, 1, -1, 8, -8, 4096, -4096])) % (1 << bits)


def options(rng: random.Random, orderly: bool = True) -> dict[str, Any]:
    """Arguments of Kernel: each policy, geometry and clock. Orderly ones do not panic by design."""
    chosen: dict[str, Any] = {"xv6": rng.choice(["2025", "2025", "2020"])}
    for name, choices in CHOICES.items():
        if rng.random() < 0.3:
            chosen[name] = rng.choice(choices)
    if orderly and chosen.get("sbrk", "eager" if chosen["xv6"] == "2020" else "call") != "eager":
        chosen |= {
            "uvmcopy": "skip",
            "uvmunmap": "skip",
        }  # the older forms panic at a page that is not there yet
    if rng.random() < 0.3:
        chosen["stack_pages"] = rng.choice([1, 2, 5, 40])
    if rng.random() < 0.5:
        ways = rng.choice([1, 2, 4, 7, 256])
        sets, replacement = 1 << rng.randrange(8), rng.choice(["lru", "fifo", "random"])
        chosen["tlb"] = {
            "sets": sets,
            "ways": ways,
            "replacement": replacement,
            "seed": rng.getrandbits(32),
        }
    chosen["hardware_ad"] = rng.random() < 0.7
    chosen["timer_interval"] = rng.choice([1, 3, 100, 1000, 100_000])
    chosen["instructions_per_tick"] = rng.choice([1, 1, 3, 1000])
    return chosen


def small_kernel(case: Case, orderly: bool = True) -> hl.Kernel:
    rng = case.rng
    memory = rng.choice(["1MiB", "1MiB", "1200KiB", "2MiB", "8MiB"])
    chosen = options(rng, orderly)
    case.note(f"Kernel({memory!r}, **{chosen})")
    return hl.Kernel(memory, **chosen)


def sound(case: Case, kernel: hl.Kernel, where: object = "") -> None:
    """The audit finds no violation."""
    case.note("audit", where)
    report = kernel.audit()
    errors = report[report["severity"] == "error"]
    case.check(len(errors) == 0, "\n".join(str(message) for message in errors["message"][:5]))


def look(case: Case, kernel: hl.Kernel | hl.Snapshot) -> None:
    """Everything that only looks."""
    rng = case.rng
    for name in rng.sample(LOOKS, 4):
        case.note(name)
        LOOKS_BY_NAME[name](kernel)
    for pid in list(kernel.processes()["pid"])[:3]:
        try:
            case.note("areas and page table of pid", pid)
            kernel.areas(int(pid))
            table = kernel.process(int(pid)).page_table if isinstance(kernel, hl.Kernel) else None
            if table is not None:
                len(table), repr(table), table.walk(number(rng), rng.choice(["fetch", "load", "store"]))
        except (hl.ProcessGone, IndexError, ValueError):
            case.counts["gone"] += 1


LOOKS_BY_NAME: dict[str, Any] = {
    "processes": lambda k: k.processes(unused=True),
    "frames": lambda k: k.frames(),
    "free_list": lambda k: k.free_list(),
    "open_files": lambda k: k.open_files(),
    "pipes": lambda k: k.pipes(),
    "contexts": lambda k: k.contexts(),
    "audit": lambda k: k.audit(),
    "page_table": lambda k: k.page_table.entries(tables=True),
    "repr": lambda k: (repr(k), k._repr_html_()) if isinstance(k, hl.Kernel) else repr(k),
    "registers": lambda k: (
        (k.hart.registers(), repr(k.hart), k.hart.tlb()) if isinstance(k, hl.Kernel) else k.registers()
    ),
}
LOOKS = list(LOOKS_BY_NAME)
