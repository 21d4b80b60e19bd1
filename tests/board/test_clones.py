"""Clones and restores of machines in any order: memory and disk are as they were, and cost what differs."""

from __future__ import annotations

import random
import time

import pytest

import hartlab as hl

from .firmware import at_prompt, command

_PAGES = 96
_PAGE = 4096


def _contents(machine: hl.Machine) -> tuple[bytes, bytes]:
    assert machine.disk is not None
    return machine.memory.read(hl.KERNBASE, _PAGES * _PAGE), machine.disk.read(0, machine.disk.size)


def _scribble(machine: hl.Machine, rng: random.Random) -> None:
    """Change pages at random: single ones, and runs of them such as are given back to the host."""
    first, count = rng.randrange(_PAGES), rng.choice([1, 1, 3, 20, 60])
    for page in range(first, min(first + count, _PAGES)):
        machine.memory.write(
            hl.KERNBASE + page * _PAGE + rng.randrange(4000), bytes([rng.choice([0, 1, 255])])
        )
    assert machine.disk is not None
    machine.disk.write(rng.randrange(machine.disk.size - 9000), rng.randbytes(rng.choice([1, 9000])))


@pytest.mark.parametrize("seed", range(6))
def test_clones_and_restores_in_any_order_hold_what_was_saved(seed: int) -> None:
    rng = random.Random(seed)
    machines = [hl.Machine(_PAGES * _PAGE, code=hl.asm("nop"), disk=bytes(30 * _PAGE))]
    saved: list[tuple[hl.MachineSnapshot, tuple[bytes, bytes]]] = []
    for _ in range(120):
        machine = rng.choice(machines)
        what = rng.randrange(5)
        if what <= 1:
            _scribble(machine, rng)
        elif what == 2:
            saved.append((machine.snapshot(), _contents(machine)))
        elif what == 3 and saved:
            snapshot, contents = rng.choice(saved)
            machine.restore(snapshot)
            assert _contents(machine) == contents
        elif what == 4:
            snapshot, contents = (
                rng.choice(saved) if saved and rng.random() < 0.7 else (None, _contents(machine))
            )
            for _ in range(rng.choice([1, 3])):  # from the second on, all of the state is in one piece
                clone = machine.clone(snapshot)
                assert _contents(clone) == contents
            machines = [*machines[-3:], clone]
    for snapshot, contents in saved:
        assert _contents(machines[0].clone(snapshot)) == contents


def test_a_clone_of_a_booted_board_costs_no_copy_of_what_it_has_written() -> None:
    machine = at_prompt(disk=bytes(16 << 20))
    snapshot = machine.snapshot()
    clones = [machine.clone(snapshot) for _ in range(3)]
    start = time.perf_counter()
    clones += [machine.clone(snapshot) for _ in range(50)]
    # Some 0.05 ms each; what booting has written, a thousand pages, would be 5 ms.
    assert (time.perf_counter() - start) / 50 < 0.002
    assert {command(each, "version") for each in clones} == {command(machine, "version")}


def test_a_state_of_another_number_of_harts_or_size_is_refused() -> None:
    one, two = hl.Machine("64KiB"), hl.Machine("64KiB", harts=2)
    for machine, other in ((one, two), (two, one)):
        for use in (machine.restore, machine.clone):
            with pytest.raises(ValueError, match="another number of harts"):
                use(other.snapshot())
    with pytest.raises(ValueError, match="another size of RAM"):
        one.clone(hl.Machine("128KiB").snapshot())
