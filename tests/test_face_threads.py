"""Running without the GIL: one caller at a time, stop() from elsewhere, Ctrl-C; and closed kernels."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import hartlab as hl
from compilers import needs_compiler

FOREVER = hl.asm("loop: addi t0, t0, 1; j loop")
LONG = 1 << 50


@pytest.fixture
def control_c() -> Iterator[None]:
    """Ctrl-C raises, also where a shell started the tests in the background with the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def endless_kernel() -> hl.Kernel:
    kernel = hl.Kernel(memory="4MiB")
    kernel.spawn(code=FOREVER)
    return kernel


def endless_machine() -> hl.Machine:
    return hl.Machine(memory="64KiB", code=FOREVER)


@contextmanager
def running(target: hl.Kernel | hl.Machine) -> Iterator[list[hl.RunResult]]:
    results: list[hl.RunResult] = []
    thread = threading.Thread(target=lambda: results.append(target.run(LONG)))
    thread.start()
    deadline = time.monotonic() + 10
    while not target._engine.running and time.monotonic() < deadline:
        time.sleep(0.001)
    try:
        yield results
    finally:
        target.stop()
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.parametrize("make", [endless_kernel, endless_machine])
def test_stop_from_another_thread(make: Callable[[], Any]) -> None:
    target = make()
    with running(target) as results:
        pass
    assert results[0].reason == "interrupted"
    assert target.run(1000).reason == "budget"  # it goes on


@pytest.mark.parametrize("make", [endless_kernel, endless_machine])
def test_a_stop_while_nothing_runs_is_forgotten(make: Callable[[], Any]) -> None:
    target = make()
    target.stop()
    assert target.run(1000).reason == "budget"


@pytest.mark.parametrize(
    "use",
    [
        lambda k: k.run(1),
        lambda k: k.step(),
        lambda k: k.snapshot(),
        lambda k: k.processes(),
        lambda k: k.frames(),
        lambda k: k.audit(),
        lambda k: k.spawn(code=FOREVER),
        lambda k: k.process(1),
        lambda k: k.page_table.entries(),
        lambda k: k.hart.pc,
        lambda k: k.hart.x[0],
        lambda k: k.memory.write(k.memory.base, b"x"),
        lambda k: k.inject(fail_kalloc=1),
        lambda k: k.back(),
        lambda k: k.close(),
    ],
)
def test_nothing_else_may_use_a_running_kernel(use: Callable[[hl.Kernel], Any]) -> None:
    kernel = endless_kernel()
    with running(kernel), pytest.raises(RuntimeError, match="is running"):
        use(kernel)
    assert kernel.run(100).reason == "budget"


def test_a_running_kernel_can_still_be_shown() -> None:
    kernel = endless_kernel()
    with running(kernel):
        assert "running" in repr(kernel)
        assert kernel.memory.array.size == 4 << 20


@pytest.mark.usefixtures("control_c")
@pytest.mark.parametrize("make", [endless_kernel, endless_machine])
def test_control_c_raises_soon_and_leaves_the_machine_whole(make: Callable[[], Any]) -> None:
    target = make()
    sent: list[float] = []

    def interrupt() -> None:
        time.sleep(0.1)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        target.run(LONG)
    late = time.monotonic() - sent[0]
    assert late < 1.0  # 50 ms are promised; a busy machine may add its own
    if isinstance(target, hl.Kernel):
        assert not (target.audit()["severity"] == "error").any()
    assert target.run(1000).instructions == 1000


@pytest.mark.usefixtures("control_c")
def test_control_c_during_a_system_call_made_from_python() -> None:
    kernel = hl.Kernel(memory="1GiB")
    proc = kernel.spawn(code=FOREVER)
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()

    def grow_and_shrink() -> None:
        for _ in range(10_000):
            assert proc.sbrk(900 << 20) > 0
            assert proc.sbrk(-(900 << 20)) > 0

    with pytest.raises(KeyboardInterrupt):
        grow_and_shrink()
    timer.join()
    assert proc.getpid() == proc.pid  # it goes on
    assert not (kernel.audit(junk=False)["severity"] == "error").any()


# Each fence is a trap: a second and more passes before any budget has run out.
SLOW_C = "int growproc(int n) {\n  for (;;)\n    sfence_vma();\n}\n"


@needs_compiler
@pytest.mark.parametrize("how", ["run", "call", "system call"])
def test_control_c_within_one_call_of_c_code(how: str) -> None:
    kernel = hl.Kernel(memory="4MiB")
    kernel.replace_c(SLOW_C, max_instructions=LONG)
    proc = kernel.spawn(code=hl.asm("li a0, 4096; li a1, 1; li a7, 12; ecall; j 0"))
    before = kernel.snapshot()
    ways: dict[str, Callable[[], object]] = {
        "run": lambda: kernel.run(LONG),
        "call": lambda: kernel.call("growproc", 1),
        "system call": lambda: proc.sbrk(4096),
    }
    # As Ctrl-C does, the alarm reaches a thread that holds the interpreter all the time.
    before_alarm = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    started = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            ways[how]()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before_alarm)
    assert time.monotonic() - started < 1.1
    assert kernel.panicked  # half a function cannot be undone
    with pytest.raises(hl.KernelPanic, match="seam: interrupted"):
        kernel.run()
    kernel.restore(before)
    kernel.restore_native()
    assert kernel.run(1000).instructions == 1000


@needs_compiler
def test_stop_within_one_call_of_c_code() -> None:
    kernel = hl.Kernel(memory="4MiB")
    kernel.replace_c(SLOW_C, max_instructions=LONG)
    kernel.spawn(code=hl.asm("li a0, 4096; li a1, 1; li a7, 12; ecall; j 0"))
    timer = threading.Timer(0.1, kernel.stop)
    timer.start()
    with pytest.raises(hl.Interrupted):
        kernel.run(LONG)
    timer.join()
    assert kernel.panicked


@needs_compiler
def test_c_that_fails_when_a_function_it_called_was_interrupted_is_made_again() -> None:
    kernel = hl.Kernel(memory="48MiB")
    kernel.replace_c(
        "int growproc(int n) {\n  struct proc *p = myproc();\n"
        "  uint64 sz = uvmalloc(p->pagetable, p->sz, p->sz + n, PTE_W);\n"
        "  return sz ? (p->sz = sz, 0) : -1;\n}\n"
    )
    proc = kernel.spawn(code=FOREVER)
    free = kernel.free_pages
    kernel._engine.claim()
    kernel._engine.stop()  # noticed by uvmalloc, which undoes what it did
    with pytest.raises(hl.Interrupted):
        proc.sbrk(3000 * hl.PGSIZE)
    kernel._engine.release_claim()
    assert not kernel.panicked
    assert kernel.free_pages == free
    assert proc.sbrk(3000 * hl.PGSIZE) > 0


def test_a_closed_kernel_raises_everywhere() -> None:
    kernel = hl.Kernel(memory="4MiB")
    proc, table, hart = kernel.spawn(code=FOREVER), kernel.page_table, kernel.hart
    snapshot = kernel.snapshot()
    kernel.close()
    kernel.close()
    assert kernel.closed
    for use in (
        lambda: kernel.run(),
        lambda: kernel.snapshot(),
        lambda: kernel.restore(snapshot),
        lambda: kernel.processes(),
        lambda: kernel.clone(),
        lambda: proc.sbrk(1),
        lambda: proc.sz,
        lambda: proc.registers,
        lambda: table.entries(),
        lambda: hart.pc,
        lambda: hart.x[1],
        lambda: hart.tlb(),
        lambda: kernel.memory.write(kernel.memory.base, b"x"),
        lambda: kernel.console.text,
    ):
        with pytest.raises(RuntimeError, match="has been closed"):
            use()
    assert "closed" in repr(kernel)
    assert "closed" in repr(proc)
    assert len(snapshot.processes()) == 2  # a value of its own


def test_a_with_block_closes() -> None:
    with hl.Kernel(memory="4MiB") as kernel:
        assert not kernel.closed
    assert kernel.closed
    with hl.Machine(memory="64KiB") as machine:
        assert not machine.closed
    assert machine.closed


def test_a_process_keeps_its_kernel_alive() -> None:
    proc = hl.Kernel(memory="4MiB").spawn(code=FOREVER)
    assert proc.sbrk(0) == proc.sz


def test_two_kernels_run_side_by_side() -> None:
    kernels = [endless_kernel() for _ in range(4)]
    threads = [threading.Thread(target=k.run, args=(2_000_000,)) for k in kernels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({k.instructions for k in kernels}) == 1
    assert kernels[0].hart.x["t0"] == kernels[3].hart.x["t0"]
