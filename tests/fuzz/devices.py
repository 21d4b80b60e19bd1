"""Fuzzes the devices' registers: reads and writes of every size, in their windows and around them.

An access is answered or is an access fault with its address. The same accesses on a clone, or after a
restore, find the same and end in the same state.
"""

from __future__ import annotations

from typing import Any

from _boards import BASE, Probe, board, options, place, same, value
from _harness import Case, main

Step = tuple[str, Any]
POINTERS = [BASE + 0x1000 * page for page in range(16)]


def step(case: Case) -> Step:
    rng, pick = case.rng, case.rng.random()
    if pick < 0.04:
        return "type", rng.randbytes(rng.choice([1, 3, 20, 300]))
    if pick < 0.07:
        return "run", rng.choice([1, 10, 500, 20_000])
    if pick < 0.08:
        return "reset", None
    name, pa = place(rng)
    size = rng.choice([4, 4, 4, 1, 2, 8])
    stored = value(rng, POINTERS) % (1 << 8 * size) if rng.random() < 0.6 else None
    return name, (pa, size, stored)


def perform(case: Case, probe: Probe, step: Step) -> object:
    kind, what = step
    machine = probe.machine
    if kind == "type":
        machine.console.send(what)
    elif kind == "run":
        probe.hart.pc = BASE
        result = machine.run(what)
        return result.reason, result.instructions, result.exit_code
    elif kind == "reset":
        machine.reset()
    else:
        return probe.do(*what)
    return None


def run_case(case: Case) -> None:
    rng = case.rng
    chosen = options(rng)
    case.note(chosen | {"disk": len(chosen["disk"] or b"")})
    machine = board(chosen)
    probe = Probe(case, machine)
    snapshot, since, results = machine.snapshot(), list[Step](), list[object]()
    for _ in range(rng.choice([20, 150, 600])):
        now = step(case)
        case.note(*now)
        since.append(now)
        results.append(perform(case, probe, now))
        case.counts[now[0]] += 1
        if rng.random() < 0.01:
            case.note("the same on a clone")
            twin = machine.clone(snapshot)
            other = Probe(case, twin)
            case.check([perform(case, other, s) for s in since] == results, "a clone finds something else")
            same(case, machine, twin, "a clone")
            case.note("after a restore")
            twin.restore(snapshot)
            case.check([perform(case, other, s) for s in since] == results, "after a restore it is different")
            same(case, machine, twin, "after a restore")
            snapshot, since, results = machine.snapshot(), [], []
    case.note("looks")
    repr(machine), repr(machine.console), machine.hart.csrs["mip"]


if __name__ == "__main__":
    main("devices", run_case)
