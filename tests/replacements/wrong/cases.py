"""Wrong kernel functions in Python, as students write them, and what each is diagnosed by.

Each is put in place of the right one, and something is done that shows it. `diagnose` says who noticed, and
in which words.

===========  ==========================================================================
``seam``     `SeamError`: an exception or a result that C could not have, at its line
``panic``    `KernelPanic`: the kernel itself, or the bounds on replaced functions
``audit``    `Kernel.audit`: something that must hold of memory does not
``tlb``      the same, of a translation that should have been fenced
``result``   a system call returns something else than with the right function
``diff``     `hl.diff` with a kernel that has the right function
===========  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import hartlab as hl
from replacements.workloads import outcome

PAGE = hl.PGSIZE
Provocation = Callable[[hl.Kernel, hl.Process], Any]

# Reads and writes the first page behind its stack, over and over.
BUSY = hl.asm("""
    li s0, 0x3000
again:
    ld t0, 0(s0)
    addi t0, t0, 1
    sd t0, 0(s0)
    j again
""")


LOADED, STORED = len(BUSY) - 12, len(BUSY) - 4  # pc behind its ld, and behind its sd

# Waits for a child, which does nothing.
PARENT = hl.asm("""
    li a7, 1; ecall
    beqz a0, child
    li a0, 0; li a7, 3; ecall
child:
    j child
""")


class Wrong(NamedTuple):
    """A wrong function, what shows it, and the diagnosis that is expected."""

    title: str
    name: str
    function: Callable[..., Any]
    provoke: Provocation
    by: str
    words: str  # a regular expression
    options: dict[str, str]


class Diagnosis(NamedTuple):
    """Who noticed, and in which words."""

    by: str
    words: str
    error: Exception | None = None


WRONG: dict[str, Wrong] = {}


def wrong(name: str, provoke: Provocation, by: str, words: str, **options: str) -> Any:
    """Add the decorated function to the list; its docstring's first line is its title."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        title = (function.__doc__ or "").partition(".")[0]
        assert title not in WRONG
        WRONG[title] = Wrong(title, name, function, provoke, by, words, options)
        return function

    return add


def prepare(each: Wrong) -> tuple[hl.Kernel, hl.Kernel]:
    """Two equal kernels in which pid 2 runs BUSY; the second has the wrong function."""
    native = hl.Kernel(memory="2MiB", timer_interval=500, **each.options)  # type: ignore[arg-type]
    process = native.spawn(code=BUSY, name="busy")
    process.sbrk(4 * PAGE)
    process.store(3 * PAGE, bytes(range(256)) * 48)
    native.run(2000)
    step_to(native, process, STORED)
    replaced = native.clone()
    replaced.replace(each.name, each.function)
    return native, replaced


def step_to(kernel: hl.Kernel, p: hl.Process, pc: int) -> None:
    while kernel.current_pid != p.pid or kernel.hart.pc != pc:
        kernel.run(1)


def diagnose(each: Wrong) -> Diagnosis:
    """Provoke the wrong function, and say who noticed first."""
    native, replaced = prepare(each)
    expected = each.provoke(native, native.process(2))
    assert not len(native.audit()), "the right function is accused"
    try:
        result = each.provoke(replaced, replaced.process(2))
    except hl.SeamError as error:
        return Diagnosis("seam", str(error), error)
    except hl.KernelPanic as panic:
        return Diagnosis("panic", str(panic), panic)
    report = replaced.audit()
    stale = report[report["kind"] == "tlb_stale"]
    others = report[report["kind"] != "tlb_stale"]
    if len(others):
        return Diagnosis("audit", "; ".join(f"{row['kind']}: {row['message']}" for row in others))
    if len(stale):
        return Diagnosis("tlb", "; ".join(str(message) for message in stale["message"]))
    if result != expected:
        return Diagnosis("result", f"{result} instead of {expected}")
    if words := hl.diff(native, replaced).words:
        return Diagnosis("diff", "; ".join(words))
    return Diagnosis("nobody", "")


# -- what shows them -------------------------


def grow(kernel: hl.Kernel, p: hl.Process) -> Any:
    return p.sbrk(2 * PAGE)


def shrink(kernel: hl.Kernel, p: hl.Process) -> Any:
    return p.sbrk(-PAGE - 100)


def shrink_much(kernel: hl.Kernel, p: hl.Process) -> Any:
    return p.sbrk(-4 * PAGE)


def fork(kernel: hl.Kernel, p: hl.Process) -> Any:
    return outcome(p.fork)


def end(kernel: hl.Kernel, p: hl.Process) -> Any:
    """A child that ends, and is waited for."""
    child = p.fork()
    if isinstance(child, hl.Process):
        child.exit(1)
    return outcome(p.wait)


def lazily(kernel: hl.Kernel, p: hl.Process) -> Any:
    top = p.sbrk(2 * PAGE, hl.SBRK_LAZY)
    return outcome(p.load, top + 8, 8), outcome(p.load, p.sz + PAGE, 8)


def share(kernel: hl.Kernel, p: hl.Process) -> Any:
    """A child that writes to what it shares with its parent."""
    child = p.fork()
    assert isinstance(child, hl.Process)
    child.store(2 * PAGE, b"the child's")
    return p.load(2 * PAGE, 8)


def receive_shared(kernel: hl.Kernel, p: hl.Process) -> Any:
    """After a fork, the kernel writes to a page that the process has just read."""
    ends = p.pipe()
    assert isinstance(ends, tuple)
    p.write(ends[1], b"news")
    p.fork()
    step_to(kernel, p, LOADED)
    return p.syscall("read", ends[0], 3 * PAGE, 4)


def run(kernel: hl.Kernel, p: hl.Process) -> Any:
    return kernel.run(3000).reason


def fork_in_little_work(kernel: hl.Kernel, p: hl.Process) -> Any:
    """A program forks, in a run whose kernel may do little work."""
    kernel.spawn(code=PARENT, name="parent")
    return kernel.run(3000, max_work=100_000).reason


def receive(kernel: hl.Kernel, p: hl.Process) -> Any:
    """The kernel writes to user memory: across pages, and where it must not."""
    ends = p.pipe()
    assert isinstance(ends, tuple)
    p.write(ends[1], b"0123456789")
    inside = p.syscall("read", ends[0], 3 * PAGE - 4, 6)
    return inside, p.syscall("fstat", 1, 4 * PAGE - 10), outcome(p.syscall, "read", ends[0], hl.TRAPFRAME, 4)


def print_page(kernel: hl.Kernel, p: hl.Process) -> Any:
    """The kernel reads user memory: across pages, and where it must not."""
    inside = p.syscall("write", 1, 3 * PAGE - 4, 8)
    return inside, kernel.console.text, outcome(p.syscall, "write", 1, hl.TRAPFRAME, 4)


def areas(kernel: hl.Kernel, p: hl.Process) -> Any:
    first, second = p.myalloc(2 * PAGE), p.myalloc(PAGE)
    return first, second, p.myfree(first), p.myalloc(PAGE)


def asleep(kernel: hl.Kernel) -> hl.Process:
    """A process that sleeps in wait."""
    process = kernel.spawn(code=PARENT, name="parent")
    while process.state != "SLEEPING":
        kernel.run(500)
    return process


def kill_sleeper(kernel: hl.Kernel, p: hl.Process) -> Any:
    return p.kill(asleep(kernel).pid)


def end_for_sleeper(kernel: hl.Kernel, p: hl.Process) -> Any:
    """The child ends that somebody waits for."""
    parent = asleep(kernel)
    kernel.process(parent.pid + 1).exit(0)


def failing(call: Provocation, *, allocation: int) -> Provocation:
    """The same, while that allocation fails."""

    def attempt(kernel: hl.Kernel, p: hl.Process) -> Any:
        kernel.inject(fail_kalloc=allocation)
        result = call(kernel, p)
        kernel.inject(fail_kalloc=0)
        return result

    return attempt
