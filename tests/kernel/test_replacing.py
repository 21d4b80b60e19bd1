"""Kernel functions replaced by Python: who calls them, what they may do, and what their mistakes become."""

from __future__ import annotations

import contextlib
import linecache
import threading
import weakref
from typing import Any

import pytest

import hartlab as hl
from kernel.support import SPIN, assert_sound, exit_with, small, spin

PAGE = hl.PGSIZE


def test_a_replaced_function_is_called_by_the_kernel_s_other_functions() -> None:
    kernel = small()
    calls = []

    @kernel.replace("uvmcopy")
    def uvmcopy(k: Any, old: int, new: int, sz: int) -> int:
        calls.append((old, new, sz))
        return k.native.uvmcopy(old, new, sz)

    parent = spin(kernel)
    child = parent.fork()
    assert len(calls) == 1
    assert calls[0][0] == parent.page_table.root
    assert calls[0][1] == child.page_table.root
    assert_sound(kernel)


def test_call_goes_through_the_table() -> None:
    kernel = small()
    kernel.replace("walkaddr", lambda k, pagetable, va: pagetable + va)
    assert kernel.call("walkaddr", 0x1000, 0x234) == 0x1234
    kernel.restore_native("walkaddr")
    assert kernel.call("walkaddr", kernel.page_table.root, 0) == 0


def test_replaced_lists_what_is_replaced_and_with_restores() -> None:
    kernel = small()

    def one(k: Any, pa: int) -> None:
        k.native.kfree(pa)

    def two(k: Any, pa: int) -> None:
        k.native.kfree(pa)

    kernel.replace("kfree", one)
    with kernel.replace("kfree", two) as replaced:
        assert replaced.name == "kfree"
        assert dict(kernel.replaced) == {"kfree": two}
    assert dict(kernel.replaced) == {"kfree": one}
    kernel.restore_native()
    assert dict(kernel.replaced) == {}


def test_a_clone_shares_replacements_and_a_restore_keeps_them() -> None:
    kernel = small()
    before = kernel.snapshot()
    calls = []

    @kernel.replace("kalloc")
    def kalloc(k: Any) -> int:
        calls.append(1)
        return k.native.kalloc()

    twin = kernel.clone()
    assert twin.call("kalloc")
    assert calls == [1]
    kernel.restore(before)
    assert kernel.call("kalloc")
    assert calls == [1, 1]
    twin.restore_native("kalloc")
    assert twin.call("kalloc")
    assert calls == [1, 1]
    assert kernel.call("kalloc")
    assert calls == [1, 1, 1]


def test_a_clone_s_functions_work_on_the_clone() -> None:
    kernel = small()
    kernel.replace("kalloc", lambda k: k.native.kalloc())
    twin = kernel.clone()
    free = kernel.free_pages
    twin.call("kalloc")
    assert (kernel.free_pages, twin.free_pages) == (free, free - 1)


ERRORS: dict[str, tuple[Any, str]] = {
    "raises": (lambda k: 1 // 0, "ZeroDivisionError"),
    "returns None": (lambda k: None, "returned None"),
    "returns text": (lambda k: "0x1000", "returned '0x1000'"),
    "returns a float": (lambda k: 4096.0, "returned 4096.0"),
    "returns too much": (lambda k: 1 << 64, "from 0 to 2\\^64 - 1"),
    "returns less than nothing": (lambda k: -1, "from 0 to 2\\^64 - 1"),
    "takes no argument": (lambda: 0, "TypeError"),
    "calls with too few arguments": (lambda k: k.walk(0), "takes 3 arguments, and 1 were given"),
    "calls with text": (lambda k: k.walk("0", 0, 0), "argument 1 is '0'"),
    "calls with too large a number": (lambda k: k.kfree(1 << 64), "argument 1 is 18446744073709551616"),
    "calls what is not there": (lambda k: k.kmalloc(), "k has no 'kmalloc'"),
    "stores too large a number": (lambda k: k.store8(k.end, 256), "store8: 256 does not fit"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_goes_wrong_names_the_function_and_the_line(name: str) -> None:
    kernel = small()
    function, text = ERRORS[name]
    kernel.replace("kalloc", function)
    with pytest.raises(hl.SeamError, match=text) as caught:
        spin(kernel)
    assert caught.value.function == "kalloc"
    assert caught.value.file == __file__
    assert f"{__file__}:{caught.value.line}" in str(caught.value)
    assert isinstance(caught.value.__cause__, Exception)
    assert kernel.panicked


def unchanged(function: Any) -> Any:
    return function


@unchanged
@unchanged
def returns_in_two_places(k: Any) -> Any:
    if k.data.kmem.freelist:
        return "a page"
    return 0


@unchanged
def returns_in_one_place(k: Any) -> Any:
    k.native.kalloc()
    return "0x1000"


@unchanged
def forgets_to_return(k: Any) -> Any:
    page = k.native.kalloc()
    k.memset(page, 0, k.PGSIZE)


@pytest.mark.parametrize(
    ("function", "line"),
    [
        (returns_in_two_places, "def returns_in_two_places(k: Any) -> Any:"),
        (returns_in_one_place, 'return "0x1000"'),
        (forgets_to_return, "k.memset(page, 0, k.PGSIZE)"),
    ],
)
def test_a_wrong_result_is_at_the_return_or_at_the_def(function: Any, line: str) -> None:
    kernel = small()
    kernel.replace("kalloc", function)
    with pytest.raises(hl.SeamError, match="returned") as caught:
        kernel.call("kalloc")
    assert linecache.getline(__file__, caught.value.line).strip() == line
    assert line in str(caught.value)


def test_an_int_function_may_return_minus_one_and_no_more_than_an_int() -> None:
    kernel = small()
    kernel.replace("growproc", lambda k, n: -1)
    assert kernel.call("growproc", 1) == -1
    kernel.replace("growproc", lambda k, n: 1 << 31)
    with pytest.raises(hl.SeamError, match="an int from -2\\^31 to 2\\^31 - 1"):
        kernel.call("growproc", 1)


def test_the_machine_is_as_it_was_when_the_function_went_wrong() -> None:
    kernel = small()

    @kernel.replace("mappages")
    def mappages(k: Any, pagetable: int, va: int, size: int, pa: int, perm: int) -> int:
        k.native.mappages(pagetable, va, size, pa, perm)
        raise RuntimeError("after the mapping")

    root = kernel.call("uvmcreate")
    page = kernel.call("kalloc")
    with pytest.raises(hl.SeamError, match="after the mapping"):
        kernel.call("mappages", root, 0x5000, PAGE, page, hl.PTE_R | hl.PTE_U)
    assert kernel.call("walkaddr", root, 0x5000) == page
    with pytest.raises(hl.KernelPanic, match="frozen"):
        kernel.run()


def test_a_panic_in_a_replaced_function_keeps_its_name_and_gains_a_line() -> None:
    kernel = small()
    kernel.replace("uvmclear", lambda k, pagetable, va: k.panic("uvmclear: no"))
    with pytest.raises(hl.KernelPanic, match="uvmclear: no") as caught:
        kernel.call("uvmclear", 0, 0)
    assert not isinstance(caught.value, hl.SeamError)
    assert caught.value.function == "uvmclear"
    assert any(__file__ in note for note in caught.value.__notes__)


def test_a_wild_pointer_is_a_fault_of_the_kernel() -> None:
    kernel = small()
    kernel.replace("kalloc", lambda k: k.load64(0x1234_5678))
    with pytest.raises(hl.KernelPanic, match="0x12345678, which is not in RAM") as caught:
        kernel.call("kalloc")
    assert any(__file__ in note for note in caught.value.__notes__)


def test_a_panic_that_is_caught_freezes_the_kernel_all_the_same() -> None:
    kernel = small()

    @kernel.replace("uvmclear")
    def uvmclear(k: Any, pagetable: int, va: int) -> None:
        with contextlib.suppress(hl.KernelPanic):
            k.native.uvmclear(pagetable, va)

    with pytest.raises(hl.KernelPanic, match="frozen since it panicked: uvmclear"):
        kernel.call("uvmclear", kernel.call("uvmcreate"), 0x1000)


def test_recursion_without_end_is_a_diagnosis() -> None:
    kernel = small()
    kernel.replace("uvmdealloc", lambda k, pagetable, old, new: k.uvmdealloc(pagetable, old, new))
    with pytest.raises(hl.KernelPanic, match=r"nest deeper than 64.*uvmdealloc > uvmdealloc"):
        kernel.call("uvmdealloc", 0, 1, 0)
    assert kernel.panicked


def test_recursion_of_python_alone_is_a_diagnosis() -> None:
    kernel = small()

    def forever(k: Any) -> int:
        return forever(k)

    kernel.replace("kalloc", forever)
    with pytest.raises(hl.SeamError, match="RecursionError"):
        kernel.call("kalloc")


def test_a_loop_without_end_is_metered() -> None:
    kernel = small()
    kernel.spawn(code=hl.asm("li a0, 4096; li a1, 1; li a7, 12; ecall; j 0"))

    @kernel.replace("kalloc")
    def kalloc(k: Any) -> int:
        while True:
            k.load64(k.end)

    with pytest.raises(hl.KernelPanic, match="used up 1000 units of work"):
        kernel.run(max_work=1000)


def test_keyboard_interrupt_gets_through() -> None:
    kernel = small()

    @kernel.replace("kalloc")
    def kalloc(k: Any) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kernel.call("kalloc")
    assert kernel.panicked


FORBIDDEN: dict[str, Any] = {
    "run": lambda kernel, process, before: kernel.run(1),
    "step": lambda kernel, process, before: kernel.step(),
    "back": lambda kernel, process, before: kernel.back(1),
    "snapshot": lambda kernel, process, before: kernel.snapshot(),
    "restore": lambda kernel, process, before: kernel.restore(before),
    "clone": lambda kernel, process, before: kernel.clone(),
    "clone of a snapshot": lambda kernel, process, before: kernel.clone(before),
    "a system call": lambda kernel, process, before: process.sbrk(PAGE),
    "exec": lambda kernel, process, before: process.exec("/init"),
    "spawn": lambda kernel, process, before: kernel.spawn(code=SPIN),
    "spawn of a file": lambda kernel, process, before: kernel.spawn("/init"),
    "load": lambda kernel, process, before: process.load(0, 4),
    "store": lambda kernel, process, before: process.store(0, b"1234"),
    "boot": lambda kernel, process, before: kernel.boot(),
    "close": lambda kernel, process, before: kernel.close(),
    "replace": lambda kernel, process, before: kernel.replace("kfree", lambda k, pa: None),
    "restore_native": lambda kernel, process, before: kernel.restore_native("kalloc"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_a_call_excludes_is_refused_and_the_call_goes_on(what: str) -> None:
    kernel = small()
    process = spin(kernel)
    before = kernel.snapshot()
    refused = []

    @kernel.replace("kalloc")
    def kalloc(k: Any) -> int:
        with pytest.raises(RuntimeError, match=r"in the middle of a call of a replaced function .*kalloc"):
            FORBIDDEN[what](kernel, process, before)
        refused.append(what)
        return k.native.kalloc()

    process.fork()
    assert set(refused) == {what}
    assert_sound(kernel)


def test_inspection_works_in_a_call() -> None:
    kernel = small()
    process = spin(kernel)
    seen: list[Any] = []

    @kernel.replace("uvmcopy")
    def uvmcopy(k: Any, old: int, new: int, sz: int) -> int:
        seen.append((len(kernel.processes()), kernel.frames()["pa"][0], process.page_table.walk(0).pa))
        seen.append((kernel.memory.load(old, 8), repr(kernel), kernel.panicked, kernel.free_list()["pa"][0]))
        return k.native.uvmcopy(old, new, sz)

    process.fork()
    assert seen[0][:2] == (3, hl.KERNBASE)


def test_other_threads_are_kept_out_during_a_call() -> None:
    kernel = small()
    told = []

    def other() -> None:
        try:
            kernel.processes()
        except RuntimeError as error:
            told.append(str(error))

    @kernel.replace("kalloc")
    def kalloc(k: Any) -> int:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return k.native.kalloc()

    spin(kernel)
    assert told
    assert "is running" in told[0]


def test_stepping_back_performs_the_function_again() -> None:
    kernel = small()
    calls = []

    @kernel.replace("growproc")
    def growproc(k: Any, n: int) -> int:
        calls.append(n)
        return k.native.growproc(n)

    process = kernel.spawn(code=hl.asm("li a0, 4096; li a1, 1; li a7, 12; ecall; j 0"))
    kernel.run(1000)
    state = bytes(kernel.memory.read(hl.ETEXT, 16 * PAGE))
    size = kernel.processes()["sz"].tolist()
    kernel.step(2)
    count = len(calls)
    kernel.back(2)
    assert len(calls) > count >= 1
    assert kernel.processes()["sz"].tolist() == size
    assert bytes(kernel.memory.read(hl.ETEXT, 16 * PAGE)) == state
    assert process.sz > 0


def test_an_injected_failure_is_one_of_the_replaced_kalloc_s_calls() -> None:
    kernel = small()
    kernel.replace("kalloc", lambda k: k.native.kalloc())
    kernel.inject(fail_kalloc=3)
    assert [bool(kernel.call("kalloc")) for _ in range(5)] == [True, True, False, True, True]
    kernel.replace("kalloc", lambda k: k.end)
    kernel.inject(fail_kalloc=2)
    assert [bool(kernel.call("kalloc")) for _ in range(3)] == [True, False, True]


def test_structs_read_and_assign_fields() -> None:
    kernel = small()
    process = spin(kernel)
    seen: dict[str, Any] = {}

    @kernel.replace("kill")
    def kill(k: Any, pid: int) -> int:
        p = k.proc(k.data.address_of("proc", process.slot))
        seen.update(pid=p.pid, sz=p.sz, lock=p.lock.locked)
        seen.update(address=p.address_of("ofile", 0), files=p.ofile(0))
        p.killed = -1
        seen["killed"] = p.killed
        with pytest.raises(AttributeError, match="struct proc has no field 'size'"):
            p.size  # noqa: B018
        with pytest.raises(IndexError, match="ofile\\[16\\]"):
            p.ofile(16)
        return 0

    kernel.call("kill", process.pid)
    assert seen["pid"] == process.pid
    assert seen["sz"] == process.sz
    assert seen["killed"] == -1
    assert seen["files"] == kernel.memory.load(seen["address"], 8)
    assert seen["lock"] == 0


def test_a_callable_is_kept_alive_and_let_go() -> None:
    class Function:
        def __call__(self, k: Any) -> int:
            return k.native.kalloc()  # type: ignore[no-any-return]

    kernel = small()
    function = Function()
    gone = weakref.ref(function)
    kernel.replace("kalloc", function)
    del function
    assert kernel.call("kalloc")
    kernel.restore_native("kalloc")
    assert gone() is None


BAD_CALLS: dict[str, tuple[type[Exception], str, tuple[Any, ...]]] = {
    "no such function": (ValueError, "function='kmalloc' is none of kinit, freerange", ("kmalloc",)),
    "a function that sleeps": (ValueError, "'sleep' is none of", ("sleep", 1)),
    "a name that is no text": (TypeError, "must be a str", (7,)),
    "too few": (TypeError, r"int mappages\(.*takes 5 arguments, and 2 were given", ("mappages", 1, 2)),
    "no int": (TypeError, r"argument 2 is 1.5; it must be an int from 0 to", ("walkaddr", 0, 1.5)),
    "negative": (ValueError, r"argument 2 is -1; it must be an int from 0", ("walkaddr", 0, -1)),
    "no C int": (ValueError, r"argument 1 is 2147483648; it must be an int from -2", ("growproc", 1 << 31)),
}


@pytest.mark.parametrize("what", BAD_CALLS)
def test_a_bad_call_says_what_would_be_right(what: str) -> None:
    error, text, arguments = BAD_CALLS[what]
    with pytest.raises(error, match=text):
        small().call(*arguments)


def test_functions_lists_every_function_with_its_contract() -> None:
    table = hl.functions()
    assert set(table.dtype.names) == {"name", "signature", "contract", "failure", "file"}
    assert "uvmcopy" in table["name"]
    assert "pick_next" in table["name"]
    assert not {"sleep", "sched", "swtch", "scheduler", "wait"} & set(table["name"])
    assert all(text.endswith(".") for text in table["contract"])
    for name in ("kinit", "uvmcopy", "exec"):  # however long it is, all of it is shown
        assert f" {name}(" in repr(table)
        assert "<td" in table._repr_html_()
    assert repr(table).count("fails:") == len(table)


def test_replaced_functions_perform_while_processes_run() -> None:
    kernel = small()
    order = []

    @kernel.replace("pick_next")
    def pick_next(k: Any) -> int:
        """The process with the highest pid goes first."""
        ready = list(map(k.proc, (k.data.address_of("proc", i) for i in range(k.NPROC))))
        ready = [p for p in ready if p.state == k.RUNNABLE]
        best = max(ready, key=lambda p: p.pid, default=None)
        order.append(best.pid if best else 0)
        return best.address if best else 0

    first, second = kernel.spawn(code=exit_with(1)), kernel.spawn(code=exit_with(2))
    kernel.run()
    assert order.index(second.pid) < order.index(first.pid)
    assert (first.exit_status, second.exit_status) == (1, 2)


def test_choosing_what_is_no_process_is_the_kernel_s_panic() -> None:
    kernel = small()
    kernel.replace("pick_next", lambda k: 4096)
    with pytest.raises(hl.KernelPanic, match="no element of proc"):
        kernel.run()
