"""allocproc, fork, exit, wait, kill, sleep, wakeup, the scheduler, spawn."""

from __future__ import annotations

import pytest

import hartlab as hl
from kernel import layout
from kernel.support import (
    EDITIONS,
    SPIN,
    assert_no_errors,
    assert_sound,
    exit_with,
    mapped,
    owned,
    small,
    spin,
)

FORKS = ("copy", "cow")


@pytest.fixture(params=[(xv6, fork) for xv6 in EDITIONS for fork in FORKS], ids="-".join)
def kernel(request: pytest.FixtureRequest) -> hl.Kernel:
    return small(xv6=request.param[0], fork=request.param[1])


def forked(process: hl.Process) -> hl.Process:
    child = process.fork()
    assert isinstance(child, hl.Process), child
    return child


# -- allocproc, freeproc -------------------------


def test_allocproc_takes_the_first_free_slot_and_the_next_pid(kernel: hl.Kernel) -> None:
    one, two = spin(kernel), spin(kernel)
    assert [(p.slot, p.pid) for p in (one, two)] == [(1, 2), (2, 3)]
    one.exit()
    kernel.process(1).wait()
    three = spin(kernel)
    assert (three.slot, three.pid) == (1, 4)


def test_allocproc_prepares_context_and_kernel_stack(kernel: hl.Kernel) -> None:
    p = kernel.call("allocproc")
    assert p == layout.proc_address(1)
    proc = layout.data(kernel).proc[1]
    assert (proc.state, proc.pid, proc.sz, proc.lock.locked) == (1, 2, 0, 1)
    assert proc.context.sp == hl.KSTACK(1) + hl.PGSIZE
    assert hl.KERNBASE <= proc.context.ra < hl.ETEXT
    assert list(proc.context.s) == [0] * 12
    kernel.call("freeproc", p)
    proc = layout.data(kernel).proc[1]
    zero = ("state", "pid", "parent", "sz", "pagetable", "trapframe", "chan", "killed", "xstate")
    assert [getattr(proc, field) for field in zero] == [0] * 9
    assert proc.name == b""


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_allocproc_without_memory_is_0_and_keeps_nothing(kernel: hl.Kernel, failing: int) -> None:
    free = kernel.free_pages
    kernel.inject(fail_kalloc=failing)
    assert kernel.call("allocproc") == 0
    assert kernel.free_pages == free
    assert len(kernel.processes()) == 1
    assert_sound(kernel)


def test_allocpid_counts_and_begins_anew_after_the_largest() -> None:
    kernel = small()
    assert [kernel.call("allocpid") for _ in range(3)] == [2, 3, 4]
    layout.poke(kernel, "nextpid", value=(1 << 31) - 1)
    assert [kernel.call("allocpid") for _ in range(2)] == [(1 << 31) - 1, 1]


def test_65th_process_finds_no_slot() -> None:
    kernel = hl.Kernel(memory="8MiB")
    processes = [spin(kernel) for _ in range(63)]
    assert [p.slot for p in processes] == list(range(1, 64))
    free = kernel.free_pages
    assert processes[0].fork() == -1
    assert "proc[]" in kernel.why
    with pytest.raises(RuntimeError, match="all 64 slots"):
        spin(kernel)
    assert kernel.free_pages == free
    assert_sound(kernel)


# -- fork -------------------------


def test_child_is_a_copy_that_sees_0(kernel: hl.Kernel) -> None:
    code = hl.asm("li s1, 77; li a7, 1; ecall; mv s2, a0; here: j here")
    parent = kernel.spawn(code=code, name="a name that is too long")
    kernel.run(10_000)
    (child,) = parent.children
    assert (parent.registers.s1, parent.registers.s2) == (77, child.pid)
    assert (child.registers.s1, child.registers.s2) == (77, 0)
    assert (child.name, child.sz, child.parent) == (parent.name, parent.sz, parent)
    assert parent.name == "a name that is too long"[:15]
    assert child.page_table.peek(0, len(code)) == code
    assert [row["fd"] for row in child.files()] == [0, 1, 2]
    assert_no_errors(kernel)


def test_parent_and_child_write_to_pages_of_their_own(kernel: hl.Kernel) -> None:
    parent = spin(kernel)
    parent.sbrk(2 * hl.PGSIZE)
    heap = parent.sz - 2 * hl.PGSIZE
    parent.store(heap, b"before")
    child = forked(parent)
    assert child.load(heap, 6) == b"before"
    child.store(heap, b"child!")
    parent.store(heap + hl.PGSIZE, b"parent")
    assert (parent.load(heap, 6), child.load(heap, 6)) == (b"before", b"child!")
    assert (parent.load(heap + hl.PGSIZE, 6), child.load(heap + hl.PGSIZE, 6)) == (b"parent", bytes(6))
    assert_sound(kernel)


def test_fork_shares_open_files_and_their_offset(kernel: hl.Kernel) -> None:
    kernel.files["/text"] = b"abcdefgh"
    parent = spin(kernel)
    fd = parent.open("/text")
    assert isinstance(fd, int)
    child = forked(parent)
    assert (parent.read(fd, 3), child.read(fd, 3), parent.read(fd, 9)) == (b"abc", b"def", b"gh")
    assert parent.files()["ref"][fd] == 2
    child.exit()
    parent.wait()
    assert parent.files()["ref"][fd] == 1


def test_every_failing_allocation_of_fork_loses_nothing(kernel: hl.Kernel) -> None:
    parent = spin(kernel)
    parent.sbrk(3 * hl.PGSIZE)
    pid = parent.pid
    sweep = hl.sweep_failures(lambda k: k.process(pid).fork(), kernel)
    assert sweep.clean, sweep
    assert set(sweep.table["result"]) == {"-1"}
    # Trapframe, root and two tables; two tables for low addresses; a frame for each page that is not shared.
    pages = 6 if kernel.policies["fork"] == "copy" else 0
    assert sweep.allocations == 1 + 3 + 2 + pages


# -- exit and wait -------------------------


def test_exit_makes_a_zombie_that_wait_frees(kernel: hl.Kernel) -> None:
    free = kernel.free_pages
    parent = spin(kernel)
    without_child = kernel.free_pages
    child = forked(parent)
    child.exit(-7)
    assert (child.state, child.exit_status, child.alive) == ("ZOMBIE", -7, False)
    assert layout.data(kernel).proc[child.slot].xstate == -7
    assert kernel.free_pages < without_child
    status = parent.sz - 16
    assert parent.wait(status) == child.pid
    assert parent.load(status, 4) == (-7).to_bytes(4, "little", signed=True)
    assert kernel.free_pages == without_child
    parent.exit()
    assert kernel.process(1).wait() == parent.pid
    assert kernel.free_pages == free
    assert_sound(kernel)


@pytest.mark.parametrize(("given", "kept"), [(0, 0), (255, 255), (-1, -1), ((1 << 31) - 1, (1 << 31) - 1)])
def test_status_is_an_int(kernel: hl.Kernel, given: int, kept: int) -> None:
    process = spin(kernel)
    process.exit(given)
    assert process.exit_status == kept


def test_exit_status_is_cut_to_32_bits() -> None:
    kernel = small()
    process = kernel.spawn(code=hl.asm("li a0, 0x100000003; li a7, 2; ecall"))
    kernel.run()
    assert process.exit_status == 3


def test_wait_takes_zombies_in_the_order_of_slots_and_says_minus_1_without_children(
    kernel: hl.Kernel,
) -> None:
    parent = spin(kernel)
    children = [forked(parent) for _ in range(3)]
    for child in reversed(children):
        child.exit(child.pid)
    assert [parent.wait() for _ in range(4)] == [*(child.pid for child in children), -1]


@pytest.mark.parametrize("where", ["text", "guard", "beyond", "kernel", "maxva"])
def test_wait_that_cannot_write_the_status_leaves_the_zombie(kernel: hl.Kernel, where: str) -> None:
    parent = spin(kernel)
    child = forked(parent)
    child.exit(3)
    va = {"text": 0, "guard": hl.PGSIZE, "beyond": parent.sz, "kernel": hl.KERNBASE, "maxva": (1 << 64) - 2}[
        where
    ]
    result = parent.wait(va)
    if where == "text":  # which spawn(code=) makes writable; address 0 is "nowhere" to wait
        assert result == child.pid
        return
    assert result == -1
    assert child.state == "ZOMBIE"
    assert parent.wait() == child.pid


def test_orphans_go_to_init_which_waits_for_them(kernel: hl.Kernel) -> None:
    grandparent = spin(kernel)
    parent = forked(grandparent)
    living, dead = forked(parent), forked(parent)
    dead.exit(5)
    parent.exit(6)
    assert living.parent == dead.parent == kernel.process(1)
    assert grandparent.wait() == parent.pid
    kernel.run(5_000_000)
    assert not dead.alive
    with pytest.raises(hl.ProcessGone):
        _ = dead.state
    assert dead.exit_status == 5
    assert living.alive


def test_init_that_exits_is_a_panic(kernel: hl.Kernel) -> None:
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.process(1).exit(0)
    assert (caught.value.text, caught.value.function) == ("init exiting", "exit")


def test_init_that_is_killed_panics_when_it_runs(kernel: hl.Kernel) -> None:
    assert kernel.call("kill", 1) == 0
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.run()
    assert caught.value.text == "init exiting"


# -- kill -------------------------


def test_killed_process_exits_with_minus_1_at_its_next_trap(kernel: hl.Kernel) -> None:
    process = spin(kernel)
    assert kernel.call("kill", process.pid) == 0
    assert process.killed
    kernel.run(1_000_000)
    assert process.exit_status == -1
    assert process.killed_by is None


@pytest.mark.parametrize("pid", [0, -1, 99, (1 << 31) - 1])
def test_kill_of_nobody_is_minus_1(kernel: hl.Kernel, pid: int) -> None:
    assert kernel.call("kill", pid) == -1
    assert spin(kernel).kill(pid) == -1


@pytest.mark.parametrize("call", ["sleep", "read"])
def test_sleeping_process_is_woken_by_kill_and_dies(kernel: hl.Kernel, call: str) -> None:
    arguments = {
        "sleep": "li a0, 0x7fffffff; li a7, 13",
        "read": "li a0, 0; addi a1, sp, -64; li a2, 4; li a7, 5",
    }[call]
    sleeper = kernel.spawn(code=hl.asm(f"{arguments}; ecall; here: j here"))
    bystander = spin(kernel)  # while somebody runs, time does not jump
    kernel.run(2000)
    assert (sleeper.state, sleeper.waits_in) == ("SLEEPING", call)
    assert kernel.call("kill", sleeper.pid) == 0
    assert (sleeper.state, sleeper.killed) == ("RUNNABLE", True)
    bystander.exit()
    assert kernel.run().reason == "finished"
    assert sleeper.exit_status == -1
    assert_no_errors(kernel)


def test_parent_killed_in_wait_leaves_its_child_to_init(kernel: hl.Kernel) -> None:
    source = "li a7, 1; ecall; beqz a0, child; li a0, 0; li a7, 3; ecall; child: j child"
    parent = kernel.spawn(code=hl.asm(source))
    kernel.run(200_000)
    assert (parent.state, parent.waits_in) == ("SLEEPING", "wait")
    (child,) = parent.children
    kernel.call("kill", parent.pid)
    kernel.run(1_000_000)
    assert parent.exit_status == -1
    assert child.parent == kernel.process(1)


# -- sleep and wakeup -------------------------


@pytest.mark.parametrize("ticks", [0, 1, 2, 10, 1000])
def test_sleep_lasts_as_many_ticks_and_returns_0(kernel: hl.Kernel, ticks: int) -> None:
    source = f"""
        li a7, 14
        ecall            # uptime
        mv s1, a0
        li a0, {ticks}
        li a7, 13
        ecall            # sleep
        mv s2, a0
        li a7, 14
        ecall            # uptime
        sub s3, a0, s1
        li a7, 2
        ecall            # exit
    """
    process = kernel.spawn(code=hl.asm(source))
    result = kernel.run(until="exit")
    while result.pid != process.pid:
        result = kernel.run(until="exit")
    registers = process.registers
    assert registers.s2 == 0
    assert ticks <= registers.s3 <= ticks + 1


def test_sleep_of_a_negative_number_returns_at_once(kernel: hl.Kernel) -> None:
    assert spin(kernel).syscall("sleep", -5) == 0


def test_uptime_counts_timer_interrupts() -> None:
    kernel = small(timer_interval=1000)
    process = spin(kernel)
    before = process.uptime()
    kernel.run(50_000)
    assert process.uptime() - before == pytest.approx(50, abs=2)
    assert kernel.ticks == process.uptime()


def test_time_jumps_when_everybody_sleeps() -> None:
    kernel = small()
    process = kernel.spawn(code=hl.asm("li a0, 5000; li a7, 13; ecall; li a7, 2; ecall"))
    result = kernel.run()
    assert process.exit_status == 0
    assert kernel.ticks >= 5000
    assert result.instructions < 10_000


def test_restarted_call_is_one_trap_and_one_event() -> None:
    kernel = small()
    with kernel.tracing():
        kernel.spawn(code=hl.asm("li a0, 3; li a7, 13; ecall; li a7, 2; ecall"))
        kernel.run()
    calls = kernel.trace()
    calls = calls[(calls["kind"] == "syscall") & (calls["pid"] == 2)]
    assert list(calls["what"]) == ["sleep", "exit"]
    assert calls["result"][0] == 0


def test_wakeup_wakes_who_sleeps_on_that_channel(kernel: hl.Kernel) -> None:
    code = hl.asm("li a0, 0; addi a1, sp, -64; li a2, 4; li a7, 5; ecall; here: j here")
    one, two = (
        kernel.spawn(code=code),
        kernel.spawn(code=hl.asm("li a0, 0x7fffffff; li a7, 13; ecall; here: j here")),
    )
    spin(kernel)
    kernel.run(1000)
    assert one.chan != two.chan
    kernel.call("wakeup", one.chan)
    assert (one.state, two.state) == ("RUNNABLE", "SLEEPING")
    kernel.run(250_000)
    assert one.state == "SLEEPING"  # its condition does not hold: the call sleeps again


# -- scheduling -------------------------


def test_timer_preempts_and_everybody_gets_the_same_share() -> None:
    kernel = small(timer_interval=1000)
    counter = hl.asm("here: addi s1, s1, 1; j here")
    processes = [kernel.spawn(code=counter) for _ in range(4)]
    kernel.run(400_000)
    counts = [p.registers.s1 for p in processes]
    assert max(counts) - min(counts) <= 1000
    assert min(counts) > 40_000


def test_context_switches_are_round_robin() -> None:
    kernel = small(timer_interval=500)
    pids = [spin(kernel).pid for _ in range(3)]
    kernel.run(3000)
    with kernel.tracing():
        kernel.run(6000)
    events = kernel.trace()
    order = events[events["kind"] == "context_switch"]["pid"].tolist()
    order = [pid for pid in order if pid in pids]
    start = pids.index(order[0])
    assert order == [pids[(start + i) % 3] for i in range(len(order))]
    assert len(order) >= 9


def test_scheduler_refuses_a_slot_that_is_no_process() -> None:
    kernel = small()
    process = spin(kernel)
    kernel.run(1000)
    layout.poke(kernel, "proc", process.slot, "state", value=99)
    assert kernel.processes()["code"].tolist().count(99) == 1
    result = kernel.run(1000)
    assert result.reason in {"finished", "idle", "budget"}


def test_procdump_lists_processes_on_the_console(kernel: hl.Kernel) -> None:
    spin(kernel, "looper")
    kernel.call("procdump")
    lines = kernel.console.text.splitlines()
    assert "pid: 1, state: runble, name: initcode" in lines
    assert "pid: 2, state: runble, name: looper" in lines
    kernel.console.send("\x10")
    assert kernel.console.text.count("name: looper") == 2


def test_context_of_a_process_that_switched_away_is_filled_in(kernel: hl.Kernel) -> None:
    fresh = spin(kernel)
    sleeper = kernel.spawn(code=hl.asm("li a0, 0x7fffffff; li a7, 13; ecall"))
    first = {int(row["pid"]): int(row["ra"]) for row in kernel.contexts()}
    kernel.run(150_000)
    assert sleeper.state == "SLEEPING"
    contexts = {int(row["pid"]): row for row in kernel.contexts()}
    assert first[fresh.pid] == first[sleeper.pid]  # forkret
    assert hl.KERNBASE <= contexts[sleeper.pid]["ra"] < hl.ETEXT
    assert contexts[sleeper.pid]["ra"] != first[sleeper.pid]
    stack = hl.KSTACK(sleeper.slot)
    assert stack < contexts[sleeper.pid]["sp"] <= stack + hl.PGSIZE


# -- spawn -------------------------


def test_spawned_process_is_a_child_of_init_with_cleared_registers(kernel: hl.Kernel) -> None:
    process = spin(kernel, "new")
    assert process.parent == kernel.process(1)
    frame = process.trapframe
    assert {name for name, value in frame.items() if value} <= {"sp"}
    assert frame["sp"] == process.sz
    kinds = [(row["kind"], row["start"]) for row in process.areas()][:3]
    assert [start for _, start in kinds] == [0, hl.PGSIZE, 2 * hl.PGSIZE]
    assert kinds[1][0] == "guard"


def test_spawn_of_code_longer_than_a_page(kernel: hl.Kernel) -> None:
    code = SPIN + bytes(range(256)) * 40
    process = kernel.spawn(code=code)
    assert process.page_table.peek(0, len(code)) == code
    assert process.sz == hl.PGROUNDUP(len(code)) + 2 * hl.PGSIZE


def test_every_failing_allocation_of_spawn_is_an_error_and_loses_nothing(kernel: hl.Kernel) -> None:
    sweep = hl.sweep_failures(lambda k: k.spawn(code=SPIN), kernel)
    assert sweep.clean, sweep
    assert all(result.startswith("MemoryError") for result in sweep.table["result"])
    assert sweep.allocations == 1 + 3 + 1 + 2 + 2


def test_ten_generations_leave_no_frame_behind(kernel: hl.Kernel) -> None:
    kernel.run()
    free, tables = kernel.free_pages, owned(kernel)["page_table"]
    for _ in range(10):
        kernel.spawn(code=exit_with(0))
        parent = spin(kernel)
        child = forked(parent)
        forked(child).exit(1)
        child.exit(2)
        parent.exit(3)
        assert kernel.run().reason == "finished"
    assert (kernel.free_pages, owned(kernel)["page_table"]) == (free, tables)
    assert_no_errors(kernel)
    assert len(mapped(kernel, kernel.process(1).page_table.root)) > 3
