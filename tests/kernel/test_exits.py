"""kernel.exits(): how processes ended, those that are gone included."""

from __future__ import annotations

import hartlab as hl


def test_each_end_is_a_row_with_parent_status_and_time() -> None:
    kernel = hl.Kernel()
    parent = kernel.spawn(code=hl.asm("here: j here"), name="parent")
    child = parent.fork()
    child.exit(7)
    assert parent.wait() == child.pid
    parent.exit(3)
    exits = kernel.exits()
    assert exits["pid"].tolist() == [child.pid, parent.pid]
    assert exits["parent"].tolist() == [parent.pid, 1]
    assert exits["status"].tolist() == [7, 3]
    assert exits["name"].tolist() == ["parent", "parent"]
    assert not exits["by_fault"].any()


def test_the_fault_that_killed_it_is_told() -> None:
    kernel = hl.Kernel()
    process = kernel.spawn(code=hl.asm("li t0, 0x1000\nsd zero, 0(t0)"))
    kernel.run()
    (row,) = kernel.exits()
    assert (row["pid"], row["status"], row["by_fault"]) == (process.pid, -1, True)
    assert (row["cause"], row["scause"], row["stval"]) == ("store page fault", 15, 0x1000)
    assert row["time"] <= kernel.instructions


def test_a_snapshot_knows_the_ends_before_it() -> None:
    kernel = hl.Kernel()
    process = kernel.spawn(code=hl.asm("here: j here"))
    before = kernel.snapshot()
    process.exit(1)
    after = kernel.snapshot()
    assert (len(before.exits()), len(after.exits())) == (0, 1)
    kernel.restore(before)
    assert len(kernel.exits()) == 0
