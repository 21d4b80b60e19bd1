"""hl.xv6 on a kernel that runs: the teaching kernel, in system calls, in the scheduler, among zombies."""

from __future__ import annotations

import collections
import random

import numpy as np
import pytest
from tests.board.teaching import booted

import hartlab as hl


@pytest.fixture(scope="module", params=[("zig", 1), ("gcc", 3)], ids=["zig, 1 hart", "gcc, 3 harts"])
def at_prompt(request: pytest.FixtureRequest) -> hl.Machine:
    compiler, harts = request.param
    return booted(compiler, harts=harts)


def test_at_the_prompt_all_is_accounted_for(at_prompt: hl.Machine) -> None:
    guest = hl.xv6(at_prompt.clone())
    assert guest.audit().tolist() == []
    assert guest.processes()["name"].tolist() == ["sh"]
    assert guest.process(1).page_table.peek(0, 4) is not None
    counts = collections.Counter(guest.frames()["owner"].tolist())
    assert counts["lost"] == 0
    assert counts["free"] == guest.free_pages > 3000
    assert guest.missing == [str(part) for part in guest._anatomy.missing if part.what == "open files"]


def test_at_any_moment_what_looks_wrong_is_half_done(at_prompt: hl.Machine) -> None:
    machine = at_prompt.clone()
    guest, chance = hl.xv6(machine), random.Random(7)
    seen: collections.Counter[str] = collections.Counter()
    for command in ("forks\n", "ls\n", "crash\n"):
        machine.console.send(command)
        for _ in range(8):
            machine.run(chance.randrange(1, 60_000))
            rows = guest.audit()
            assert not (rows["severity"] == "error").any(), rows
            seen.update(guest.processes()["state"].tolist())
    assert {"SLEEPING", "RUNNING"} <= {*seen}
    assert seen["ZOMBIE"] or seen["RUNNABLE"] or seen["USED"]


def test_a_page_that_a_system_call_forgets_is_found(at_prompt: hl.Machine) -> None:
    machine = at_prompt.clone()
    page = int(machine.symbols["kmem.freelist"])
    machine.memory.write(machine.symbols.address("kmem.freelist"), machine.memory.read(page, 8))
    (row,) = hl.xv6(machine).audit()
    assert (row["kind"], int(row["pa"])) == ("lost_frame", page)
    machine.shell("ls")
    assert page in hl.xv6(machine).audit()["pa"].tolist()


def test_a_command_gives_back_what_it_took(at_prompt: hl.Machine) -> None:
    machine = at_prompt.clone()
    guest = hl.xv6(machine)
    before = guest.free_pages
    with machine.tracing():
        machine.shell("ls")
    assert guest.free_pages == before
    traps = machine.trace()
    assert {"ecall from U-mode"} <= {*traps["what"].tolist()}
    assert np.unique(traps["satp"]).size >= 2


def test_the_tlb_and_the_page_table_of_a_process_agree(at_prompt: hl.Machine) -> None:
    machine = at_prompt.clone()
    machine.console.send("spin\n")
    for _ in range(200):
        machine.run(20_000)
        if machine.hart.privilege == "U":
            break
    guest = hl.xv6(machine)
    running = guest.processes()
    running = running[running["hart"] == 0]
    if not len(running):
        pytest.skip("hart 0 has not got the process")
    table = guest.process(int(running["pid"][0])).page_table
    assert machine.page_table().root == table.root
    assert machine.hart.pc in table
