"""System calls made from Python on a process's behalf, wherever the process is at that moment."""

from __future__ import annotations

import pytest

import hartlab as hl
from kernel.support import assert_no_errors, assert_sound, run_until_current, small, spin

PAGE = hl.PGSIZE
COUNT = hl.asm("here: addi s1, s1, 1; addi a0, a0, 2; addi a7, a7, 3; j here")


@pytest.fixture(params=["off", "on"])
def kernel(request: pytest.FixtureRequest) -> hl.Kernel:
    return small(asid=request.param, timer_interval=1000)


CALLS = {
    "getpid": lambda p: p.getpid(),
    "uptime": lambda p: p.uptime(),
    "sbrk": lambda p: p.sbrk(PAGE, hl.SBRK_EAGER),
    "shrink": lambda p: p.sbrk(-PAGE),
    "failing sbrk": lambda p: p.sbrk((1 << 31) - 1, hl.SBRK_EAGER),
    "fork": lambda p: p.fork(),
    "wait": lambda p: p.wait(),
    "open": lambda p: p.open("/nonesuch"),
    "write": lambda p: p.write(1, b"x"),
    "pipe": lambda p: p.pipe(),
    "unknown": lambda p: p.syscall(77),
    "load": lambda p: p.load(0, 8),
    "store": lambda p: p.store(0x2000, b"y"),
    "failing exec": lambda p: p.exec("/nonesuch"),
}


@pytest.mark.parametrize("where", ["never run", "on the hart", "preempted"])
@pytest.mark.parametrize("call", CALLS)
def test_program_does_not_notice(kernel: hl.Kernel, call: str, where: str) -> None:
    kernel.run()
    process = kernel.spawn(code=COUNT)
    if where != "never run":
        run_until_current(kernel, process)
        kernel.run(123)
    if where == "preempted":
        spin(kernel)
        while kernel.current_pid == process.pid:
            kernel.run(100)
    registers, pc, state, current = process.registers.as_dict(), process.pc, process.state, kernel.current_pid
    instructions = kernel.instructions
    CALLS[call](process)
    assert (process.registers.as_dict(), process.pc) == (registers, pc)
    assert (process.state, kernel.current_pid, kernel.instructions) == (state, current, instructions)
    assert_no_errors(kernel)
    counted = registers["s1"]
    kernel.run(5000)
    after = process.registers
    assert after.s1 > counted
    # The loop's counters go on together: none of them was disturbed, wherever in the loop it stands.
    assert abs((after.a0 - registers["a0"]) - 2 * (after.s1 - counted)) <= 2
    assert abs((after.a7 - registers["a7"]) - 3 * (after.s1 - counted)) <= 3


def test_child_of_a_driven_fork_goes_on_where_the_parent_would(kernel: hl.Kernel) -> None:
    process = kernel.spawn(code=COUNT)
    run_until_current(kernel, process)
    kernel.run(401)
    child = process.fork()
    assert isinstance(child, hl.Process)
    assert (child.registers.as_dict(), child.pc) == (process.registers.as_dict(), process.pc)
    kernel.run(20_000)
    for one in (process, child):
        registers = one.registers
        assert registers.s1 > 200
        assert abs(registers.a0 - 2 * registers.s1) <= 2


def test_driven_exec_begins_the_new_program(kernel: hl.Kernel) -> None:
    process = kernel.spawn(code=COUNT)
    run_until_current(kernel, process)
    kernel.run(77)
    assert process.exec("/init", ["init"]) == 1
    assert (process.pc, process.registers.a0) == (0, 1)
    assert process.registers.a1 == process.registers.sp
    assert kernel.run(50_000).reason in ("finished", "budget", "idle")
    assert_no_errors(kernel)


@pytest.mark.parametrize("where", ["never run", "on the hart"])
def test_call_that_would_block_is_withdrawn_and_leaves_no_trace(kernel: hl.Kernel, where: str) -> None:
    process = kernel.spawn(code=COUNT)
    process.fork()
    ends = process.pipe()
    if where == "on the hart":
        run_until_current(kernel, process)
    before, registers = kernel.snapshot(), process.registers.as_dict()
    blocking = [
        ("wait", lambda: process.wait()),
        ("sleep", lambda: process.sleep(5)),
        ("read", lambda: process.syscall("read", ends[0], 0x2000, 1)),
        ("read", lambda: process.syscall("read", 0, 0x2000, 1)),
    ]
    for name, call in blocking:
        with pytest.raises(hl.WouldBlock) as caught:
            call()
        assert (caught.value.pid, caught.value.call) == (process.pid, name)
        assert process.registers.as_dict() == registers
    changes = hl.diff(before, kernel)
    assert len(changes.free_list) == 0
    assert all(va >= hl.TRAPFRAME for va in changes.ptes["va"].tolist())  # accessed on the way in and out
    assert process.state == before.processes()["state"][1]
    assert_no_errors(kernel)


def test_sleeping_process_is_busy(kernel: hl.Kernel) -> None:
    process = kernel.spawn(code=hl.asm("li a0, 0x7fffffff; li a7, 13; ecall"))
    spin(kernel)
    kernel.run(3000)
    for call in (
        process.getpid,
        process.fork,
        process.exit,
        lambda: process.exec("/init"),
        lambda: process.sbrk(1),
    ):
        with pytest.raises(hl.ProcessBusy, match="sleep") as caught:
            call()
        assert (caught.value.pid, caught.value.call) == (process.pid, "sleep")
    assert process.load(0, 4) == hl.asm("lui a0, 0x80000")[:4] or len(process.load(0, 4)) == 4
    assert process.state == "SLEEPING"


@pytest.mark.parametrize("end", ["exit", "kill", "waited for"])
def test_process_that_is_gone_says_so(kernel: hl.Kernel, end: str) -> None:
    process = spin(kernel)
    if end == "kill":
        assert process.kill() == 0
    else:
        process.exit(9)
    if end == "waited for":
        assert kernel.process(1).wait() == process.pid
    for call in (process.getpid, process.fork, lambda: process.load(0, 1), lambda: process.store(0, b"x")):
        with pytest.raises(hl.ProcessGone, match=r"exited|no process"):
            call()
    assert process.exit_status == (-1 if end == "kill" else 9)
    assert_sound(kernel)


def test_killed_process_dies_on_its_way_into_a_call(kernel: hl.Kernel) -> None:
    process, killer = spin(kernel), spin(kernel)
    assert killer.kill(process.pid) == 0
    with pytest.raises(hl.ProcessGone, match="killed on its way"):
        process.sbrk(PAGE)
    assert process.exit_status == -1
    assert_sound(kernel)


def test_exit_of_the_process_on_the_hart_lets_the_others_run(kernel: hl.Kernel) -> None:
    process, other = kernel.spawn(code=COUNT), kernel.spawn(code=COUNT)
    run_until_current(kernel, process)
    process.exit(4)
    kernel.run(10_000)
    assert other.registers.s1 > 1000
    assert process.exit_status == 4


def test_driving_in_the_middle_of_a_trap_serves_the_trap_afterwards(kernel: hl.Kernel) -> None:
    process = kernel.spawn(code=hl.asm("li s1, 5; li a7, 11; ecall; mv s2, a0; here: j here"))
    run_until_current(kernel, process)
    assert kernel.run(until="syscall").pid == process.pid
    assert process.sbrk(PAGE, hl.SBRK_EAGER) == 3 * PAGE
    kernel.run(3000)
    assert (process.registers.s1, process.registers.s2) == (5, process.pid)


def test_every_call_on_a_closed_kernel_is_an_error() -> None:
    kernel = small()
    process = spin(kernel)
    kernel.close()
    for call in (
        process.getpid,
        kernel.run,
        kernel.audit,
        lambda: process.load(0, 1),
        lambda: kernel.call("kalloc"),
    ):
        with pytest.raises(RuntimeError, match="closed"):
            call()


@pytest.mark.parametrize("number", [0xDEAD_BEEF_FFFF_FFF0, (1 << 64) - 1])
def test_numbers_and_arguments_may_be_anything(kernel: hl.Kernel, number: int) -> None:
    process = spin(kernel)
    assert process.syscall(number % (1 << 64)) == -1
    for call in ("read", "write", "open", "fstat", "exec", "dup", "close", "kill", "pipe"):
        assert process.syscall(call, number, number, number) == -1
    assert_sound(kernel)


def test_sweep_reports_leaks_that_are_there() -> None:
    kernel = small()
    sweep = hl.sweep_failures(lambda k: [k.call("kalloc"), k.call("kalloc")], kernel)
    assert sweep.allocations == 2
    assert not sweep.clean
    assert sweep.table["lost_frames"].tolist() == [1, 1]
