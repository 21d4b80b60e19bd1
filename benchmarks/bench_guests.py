"""Guest programs in S-mode under Sv39, on hartlab and its peers: raw speed, and what operating systems do.

Each result is compared between all of them, and hartlab's count of instructions with QEMU's under -icount.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import guests
import simulators
from figure import Figure, alternate
from guests import Guest
from simulators import Run

REPEAT = int(os.environ.get("HARTLAB_BENCH_REPEAT", "3"))
SLOW = "one instruction at a time"
SHARE_OF_SLOW = 20  # it gets so much less to do

# Targets: of QEMU's speed on average, by technique turned off; microseconds; and shares of QEMU's time.
MEAN = {"": 0.5, "memory loops off": 0.45}
LEAST = 0.25
MICROSECONDS = {"ecall": 0.1, "flush": 0.3}
SHARE = {"chase": 1.0, "syscall": 0.1, "boot": 0.25}
# QEMU counts an ecall as retired; it is not [priv 3.3.1]. So many in each round, and so many at the end.
ECALLS = {"ecall": (1, 0), "syscall": (1, 1)}


def figures() -> Iterator[Figure]:
    for compiler in guests.compilers():
        measured = []
        for guest in guests.SPEED:
            measured.append(measure(guest, compiler))
            yield from speed(measured[-1])
        yield from means(measured)
        for guest in guests.SYSTEM:
            yield from duration(measure(guest, compiler))


@dataclass
class Measured:
    """One guest on all simulators: CPU seconds of a round, and instructions of a round."""

    guest: Guest
    compiler: str
    instructions: float
    seconds: dict[
        str, list[float]
    ]  # by simulator; "" is hartlab, and hartlab without a technique by its words

    def named(self, technique: str = "") -> str:
        return f"{self.guest.title} ({', '.join(filter(None, [self.compiler, technique]))})"

    def own(self) -> list[str]:
        return [name for name in self.seconds if name not in ("QEMU", "Unicorn")]

    def mips(self, simulator: str) -> list[float]:
        return [self.instructions / s / 1e6 for s in self.seconds.get(simulator, [])]


def measure(guest: Guest, compiler: str) -> Measured:
    image = guests.image(guest.name, compiler)
    contenders: dict[str, tuple[Callable[[bytes], Run], int]] = {"": (simulators.on_hartlab, guest.rounds)}
    for words, options in simulators.techniques().items():
        if words == SLOW and guest in guests.SYSTEM:
            continue
        rounds = -(-guest.rounds // SHARE_OF_SLOW) if words == SLOW else guest.rounds
        contenders[words] = partial(simulators.on_hartlab, options=options), rounds
    if guest.floating and simulators.have_integer_only_build():
        contenders[simulators.INTEGER_ONLY] = simulators.on_integer_only_build, guest.rounds
    if simulators.have_qemu():
        contenders["QEMU"] = simulators.on_qemu, guest.rounds
    if simulators.have_unicorn() and guest.unicorn:
        contenders["Unicorn"] = simulators.on_unicorn, guest.rounds

    results: dict[int, set[int]] = {}

    def once(run: Callable[[bytes], Run], rounds: int) -> float:
        done = run(guests.with_rounds(image, rounds))
        nothing = run(guests.with_rounds(image, 0))
        results.setdefault(rounds, set()).add(done.result)
        return (done.seconds - nothing.seconds) / rounds

    samples = alternate([partial(once, *contender) for contender in contenders.values()], REPEAT)
    for rounds, values in results.items():
        if len(values) != 1 or values == {guests.WRONG}:
            raise RuntimeError(
                f"{guest.name} ({compiler}, {rounds} rounds): results {[hex(v) for v in values]}"
            )
    instructions = counted(guest, image)
    return Measured(guest, compiler, instructions / guest.rounds, dict(zip(contenders, samples, strict=True)))


def counted(guest: Guest, image: bytes) -> int:
    """Instructions that the work takes, by hartlab, and the same by QEMU where it is there."""
    work = guests.with_rounds(image, guest.rounds)
    mine = simulators.on_hartlab(work).instructions
    if simulators.have_qemu():
        a_round, at_the_end = ECALLS.get(guest.name, (0, 0))
        theirs = simulators.on_qemu(work, count=True).instructions - a_round * guest.rounds - at_the_end
        if mine != theirs:
            raise RuntimeError(f"{guest.name}: {mine} instructions on hartlab, {theirs} on QEMU")
    return mine


def speed(one: Measured) -> Iterator[Figure]:
    """Instructions a second: beside QEMU with each technique on and off, and beside Unicorn."""
    how = f"{one.instructions * one.guest.rounds / 1e6:.0f} M instructions"
    for technique in one.own():
        figure = Figure(one.named(technique), "MIPS", one.mips(technique), one.mips("QEMU"), "QEMU", how=how)
        yield figure.beside_peer(f"{LEAST:g} of QEMU", least=LEAST) if technique in MEAN else figure
    if "Unicorn" in one.seconds:
        figure = Figure(one.named(), "MIPS", one.mips(""), one.mips("Unicorn"), "Unicorn", how=how)
        yield figure.beside_peer("above Unicorn", least=1.0)


def means(measured: list[Measured]) -> Iterator[Figure]:
    for technique in measured[0].own():
        figures = [Figure("", "", one.mips(technique), one.mips("QEMU")) for one in measured]
        ratios = [figure.ratio for figure in figures if figure.ratio]
        if not ratios:
            continue
        name = ", ".join(filter(None, [measured[0].compiler, technique]))
        figure = Figure(f"geometric mean of these ({name})", "of QEMU", [statistics.geometric_mean(ratios)])
        if technique in MEAN:
            figure.target, figure.met = f"{MEAN[technique]:g} of QEMU", figure.median >= MEAN[technique]
        yield figure


def duration(one: Measured) -> Iterator[Figure]:
    """Time of one operation."""
    guest = one.guest
    scale = {"ns": 1e9, "us": 1e6, "ms": 1e3}[guest.unit] / guest.per_round
    samples = {name: [s * scale for s in seconds] for name, seconds in one.seconds.items()}
    how = f"{one.instructions / guest.per_round:.0f} instructions each"
    for technique in one.own():
        figure = Figure(
            one.named(technique), guest.unit, samples[technique], samples.get("QEMU", []), "QEMU", how=how
        )
        if technique == "" and guest.name in MICROSECONDS:
            figure.at_most(MICROSECONDS[guest.name])
        elif technique == "":
            figure.beside_peer(f"{SHARE[guest.name]:g} of QEMU's time", most=SHARE[guest.name])
        yield figure
    if "Unicorn" in samples:
        yield Figure(one.named(), guest.unit, samples[""], samples["Unicorn"], "Unicorn", how=how)
