"""Handles of processes, and system calls made through them."""

from __future__ import annotations

import pytest

import hartlab as hl

EXIT_3 = hl.asm("li a0, 3; li a7, 2; ecall")
FORK_BRANCH = hl.asm(
    """
    li a7, 1
    ecall              # fork
    bnez a0, parent
    li a0, 9
    li a7, 2
    ecall              # the child: exit(9)
parent:
    j parent
    """
)


@pytest.fixture
def kernel() -> hl.Kernel:
    return hl.Kernel(memory="8MiB")


def test_a_spawned_process_is_a_child_of_init(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3, name="three")
    assert (proc.name, proc.state, proc.pc, proc.alive) == ("three", "RUNNABLE", 0, True)
    assert proc.parent == kernel.process(1)
    assert kernel.process(1).children == [proc]
    assert kernel.process(1).parent is None
    assert proc.exit_status is None
    assert proc.killed_by is None


def test_run_says_why_it_ended_and_the_handle_keeps_the_status(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3)
    result = kernel.run()
    assert result.reason == "finished"
    assert result.instructions > 3
    assert result.traps
    assert proc.exit_status == 3
    assert not proc.alive
    with pytest.raises(hl.ProcessGone, match="exited with status 3") as caught:
        _ = proc.sz
    assert caught.value.pid == proc.pid
    for use in (
        lambda: proc.sbrk(1),
        lambda: proc.load(0, 1),
        lambda: proc.registers.a0,
        lambda: proc.areas(),
    ):
        with pytest.raises(hl.ProcessGone):
            use()


def test_a_killed_process_says_what_killed_it(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=hl.asm("li a0, 0x9000; sd a0, 0(a0)"), name="wild")
    kernel.run()
    assert proc.exit_status == -1
    assert "store page fault" in str(proc.killed_by)
    assert "0x9000" in str(proc.killed_by)
    assert "usertrap" in kernel.console.text


def test_sbrk_eager_lazy_and_back(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3)
    old, pages = proc.sz, len(proc.page_table)
    assert proc.sbrk(2 * hl.PGSIZE) == old
    assert len(proc.page_table) == pages + 2
    assert proc.sbrk(4 * hl.PGSIZE, hl.SBRK_LAZY) == old + 2 * hl.PGSIZE
    assert len(proc.page_table) == pages + 2
    proc.store(old + 3 * hl.PGSIZE, b"x")
    assert len(proc.page_table) == pages + 3
    assert proc.sbrk(-6 * hl.PGSIZE) == old + 6 * hl.PGSIZE
    assert (proc.sz, len(proc.page_table)) == (old, pages)
    assert proc.sbrk((1 << 31) - 1) == -1
    assert kernel.why


def test_registers_are_put_back_after_a_driven_call(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3)
    proc.registers["a0"] = 123
    proc.registers.a7 = 456
    assert proc.registers[17] == 456
    with pytest.raises(AttributeError, match="no register 'a9'; there are zero, ra"):
        proc.registers.a9 = 1
    before = proc.registers.as_dict()
    assert proc.getpid() == proc.pid
    assert proc.uptime() >= 0
    assert proc.registers.as_dict() == before


def test_fork_continues_the_program_in_the_child(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3)
    child = proc.fork()
    assert isinstance(child, hl.Process)
    assert child.parent == proc
    assert child.registers.as_dict() == proc.registers.as_dict()
    with pytest.raises(hl.WouldBlock, match="wait would put pid"):
        proc.wait()
    child.exit(5)
    assert child.exit_status == 5
    assert child.state == "ZOMBIE"
    assert proc.wait() == child.pid
    assert proc.wait() == -1


def test_the_childs_own_fork_result_is_zero(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=FORK_BRANCH)
    result = kernel.run(until="exit")
    assert result.reason == "exit"
    assert result.pid != proc.pid
    assert kernel.process(result.pid).exit_status == 9
    assert proc.wait() == result.pid


def test_wait_copies_the_status_out(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3)
    child = proc.fork()
    assert isinstance(child, hl.Process)
    child.exit(77)
    stack = proc.sz - 64
    assert proc.wait(stack) == child.pid
    assert proc.load_int(stack, 4) == 77


def test_kill_by_pid_and_of_itself(kernel: hl.Kernel) -> None:
    one, two = kernel.spawn(code=FORK_BRANCH), kernel.spawn(code=FORK_BRANCH)
    assert one.kill(two.pid) == 0
    assert two.killed
    assert one.kill(9999) == -1
    assert one.kill() == 0
    assert one.exit_status == -1


def test_files_and_pipes_through_borrowed_stack(kernel: hl.Kernel) -> None:
    kernel.files["/motd"] = b"hello, world"
    proc = kernel.spawn(code=EXIT_3)
    stack = proc.load(proc.sz - 256, 256)
    fd = proc.open("/motd")
    assert isinstance(fd, int)
    assert fd >= 3
    assert proc.read(fd, 5) == b"hello"
    assert proc.read(fd, 100) == b", world"
    assert proc.read(fd, 100) == b""
    stat = proc.fstat(fd)
    assert isinstance(stat, dict)
    assert stat["size"] == 12
    other = proc.dup(fd)
    assert proc.close(fd) == 0
    assert proc.close(other) == 0
    assert proc.close(fd) == -1
    assert proc.open("/nonesuch") == -1
    ends = proc.pipe()
    assert isinstance(ends, tuple)
    assert proc.write(ends[1], b"through the pipe") == 16
    assert proc.read(ends[0], 7) == b"through"
    assert len(kernel.pipes()) == 1
    assert proc.write(1, b"on the console\n") == 15
    assert kernel.console.text == "on the console\n"
    assert proc.load(proc.sz - 256, 256) == stack
    assert set(proc.files()["fd"]) >= {0, 1, 2, ends[0], ends[1]}


def test_a_blocking_read_is_withdrawn(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3)
    ends = proc.pipe()
    assert isinstance(ends, tuple)
    with pytest.raises(hl.WouldBlock) as caught:
        proc.read(ends[0], 1)
    assert (caught.value.pid, caught.value.call) == (proc.pid, "read")
    with pytest.raises(hl.WouldBlock):
        proc.sleep(3)
    assert proc.state == "RUNNABLE"
    kernel.run()
    assert proc.exit_status == 3


def test_a_write_that_fills_the_pipe_says_how_much_it_wrote(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3)
    ends = proc.pipe()
    assert isinstance(ends, tuple)
    with pytest.raises(hl.WouldBlock, match="after 512 bytes") as caught:
        proc.write(ends[1], bytes(600))
    assert caught.value.characters_written == 512
    assert proc.read(ends[0], 600) == bytes(512)
    with pytest.raises(hl.WouldBlock) as caught:
        proc.sleep(3)
    assert caught.value.characters_written == 0


def test_a_process_in_a_call_of_its_own_is_busy(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=hl.asm("li a0, 0; addi a1, sp, -8; li a2, 1; li a7, 5; ecall"))
    assert kernel.run().reason == "idle"
    assert proc.state == "SLEEPING"
    assert proc.waits_in == "read"
    with pytest.raises(hl.ProcessBusy, match="read") as caught:
        proc.getpid()
    assert caught.value.call == "read"


def test_load_and_store_go_through_the_mmu(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3)
    guard = int(proc.areas()["start"][proc.areas()["kind"] == "guard"][0])
    with pytest.raises(hl.PageFault) as caught:
        proc.load(guard, 1)
    assert (caught.value.cause, caught.value.address, caught.value.access) == (13, guard, "load")
    with pytest.raises(hl.PageFault, match="store page fault"):
        proc.store(hl.TRAPFRAME, b"x")
    va = proc.sz - 8
    proc.store_int(va, -2)
    assert proc.load_int(va) == (1 << 64) - 2
    pa = proc.page_table.translate(va)
    assert pa is not None
    assert kernel.memory.load(pa) == (1 << 64) - 2
    pte = proc.page_table.pte(va)
    assert pte is not None
    assert pte & (hl.PTE_A | hl.PTE_D) == hl.PTE_A | hl.PTE_D
    assert proc.alive


def test_exec_replaces_the_program_or_changes_nothing(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3)
    before = proc.page_table.root
    assert proc.exec("/nonesuch") == -1
    assert "nonesuch" in kernel.why
    assert proc.exec(b"no elf") == -1
    assert proc.page_table.root == before
    assert proc.exec("/init", ["init", "two", "three"]) == 3
    assert proc.page_table.root != before
    assert proc.name == "init"


def test_a_handle_knows_its_process_from_a_later_one_with_its_pid(kernel: hl.Kernel) -> None:
    start = kernel.snapshot()
    first = kernel.spawn(code=EXIT_3)
    kernel.restore(start)
    assert not first.alive
    with pytest.raises(hl.ProcessGone, match="not in this state"):
        _ = first.sz
    kernel.run(10)
    second = kernel.spawn(code=EXIT_3)
    assert second.pid == first.pid
    assert first != second
    with pytest.raises(hl.ProcessGone):
        first.sbrk(1)
    assert second.sbrk(0) == second.sz


def test_trapframe_and_registers_agree(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3)
    proc.registers["s3"] = 0xABC
    assert proc.trapframe["s3"] == 0xABC
    assert len(proc.trapframe) == 36
    pa = proc.page_table.translate(hl.TRAPFRAME)
    assert pa is not None
    assert 0xABC in kernel.memory.view(pa, 36)


def test_console_input_reaches_a_reader(kernel: hl.Kernel) -> None:
    code = hl.asm(
        """
        li a0, 0
        addi a1, sp, -64
        li a2, 64
        li a7, 5
        ecall            # read(0, sp - 64, 64)
        li a7, 2
        ecall            # exit(number of bytes)
        """
    )
    proc = kernel.spawn(code=code)
    result = kernel.run()
    assert result.reason == "idle"
    assert proc.waits_in == "read"
    kernel.console.send("four\n")
    assert kernel.run().reason == "finished"
    assert proc.exit_status == 5


def test_console_read_gives_what_is_new_also_after_a_restore(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3)
    proc.write(1, b"one\n")
    assert kernel.console.read() == "one\n"
    assert kernel.console.read() == ""
    before = kernel.snapshot()
    proc.write(1, b"two, which is longer\n")
    assert kernel.console.read() == "two, which is longer\n"
    kernel.restore(before)
    assert kernel.console.read() == ""
    proc.write(1, b"three\n")
    twin = kernel.clone()
    assert kernel.console.read() == "three\n"
    assert twin.console.read() == ""
    assert twin.console.text == kernel.console.text == "one\nthree\n"


def test_a_panic_is_an_exception_and_the_kernel_is_frozen(kernel: hl.Kernel) -> None:
    before = kernel.snapshot()
    with pytest.raises(hl.KernelPanic, match="kfree") as caught:
        kernel.call("kfree", hl.KERNBASE + 1)
    panic = caught.value
    assert (panic.text, panic.function, panic.address) == ("kfree", "kfree", hl.KERNBASE + 1)
    assert kernel.panicked
    with pytest.raises(hl.KernelPanic):
        kernel.run()
    assert "panic" in repr(kernel)
    assert len(kernel.processes()) == 1
    kernel.restore(before)
    assert not kernel.panicked
    assert kernel.run().reason == "finished"


def test_sweep_of_fork_finds_no_lost_frame(kernel: hl.Kernel) -> None:
    proc = kernel.spawn(code=EXIT_3)
    pid = proc.pid
    sweep = hl.sweep_failures(lambda k: k.process(pid).fork(), kernel)
    assert sweep.clean
    assert sweep.allocations == len(sweep.table) >= 5
    assert set(sweep.table["result"]) == {"-1"}
    assert "clean" in repr(sweep)
