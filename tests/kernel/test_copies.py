"""copyin, copyout and copyinstr: page by page, never through a page without U, never to one without W."""

from __future__ import annotations

import pytest

import hartlab as hl
from kernel.support import run_until_current, scratch_table, small, spin

R, W, U = hl.PTE_R, hl.PTE_W, hl.PTE_U
PAGE = hl.PGSIZE


@pytest.fixture
def kernel() -> hl.Kernel:
    return small()


@pytest.fixture
def root(kernel: hl.Kernel) -> int:
    """Pages: 0 and 1 R W U, 2 R U, 3 R W without U (a guard page), 4 absent, 5 R W U."""
    table = scratch_table(kernel)
    for page, flags in enumerate([R | W | U, R | W | U, R | U, R | W, 0, R | W | U]):
        if flags:
            frame = kernel.call("kalloc")
            kernel.memory.write(frame, bytes([0x41 + page]) * PAGE)
            kernel.call("mappages", table, page * PAGE, PAGE, frame, flags)
    return table


@pytest.fixture
def buffer(kernel: hl.Kernel) -> int:
    pages = [kernel.call("kalloc") for _ in range(8)]
    kernel.memory.write(min(pages), b"\xee" * (8 * PAGE))
    return min(pages)


# (address, length, result of copyin, result of copyout)
CASES = [
    (0, 0, 0, 0),
    (hl.MAXVA, 0, 0, 0),
    (0, 1, 0, 0),
    (10, 100, 0, 0),
    (PAGE - 1, 2, 0, 0),
    (0, 2 * PAGE, 0, 0),
    (2 * PAGE - 5, 10, 0, -1),
    (2 * PAGE, 1, 0, -1),
    (3 * PAGE - 1, 2, -1, -1),
    (3 * PAGE, 1, -1, -1),
    (4 * PAGE, 1, -1, -1),
    (5 * PAGE, PAGE, 0, 0),
    (6 * PAGE - 1, 2, -1, -1),
    (hl.TRAPFRAME, 8, -1, -1),
    (hl.MAXVA - 1, 2, -1, -1),
    (hl.MAXVA, 1, -1, -1),
    ((1 << 64) - 1, 1, -1, -1),
    (0, 1 << 62, -1, -1),
]


@pytest.mark.parametrize(("va", "length", "result", "_"), CASES)
def test_copyin(kernel: hl.Kernel, root: int, buffer: int, va: int, length: int, result: int, _: int) -> None:
    assert kernel.call("copyin", root, buffer, va, length) == result
    if result == 0:
        pages = bytes(0x41 + i // PAGE for i in range(va, va + length))
        assert kernel.memory.read(buffer, length) == pages
        assert kernel.memory[buffer + length] == 0xEE


@pytest.mark.parametrize(("va", "length", "_", "result"), CASES)
def test_copyout(
    kernel: hl.Kernel, root: int, buffer: int, va: int, length: int, _: int, result: int
) -> None:
    assert kernel.call("copyout", root, va, buffer, length) == result
    for i in (0, length // 2, length - 1) if result == 0 and length else ():
        page = kernel.call("walkaddr", root, va + i)
        assert kernel.memory[page + (va + i) % PAGE] == 0xEE
    readonly = kernel.call("walkaddr", root, 2 * PAGE)
    assert kernel.memory.read(readonly, PAGE) == b"C" * PAGE


def test_what_was_copied_before_a_failure_stays_copied(kernel: hl.Kernel, root: int, buffer: int) -> None:
    assert kernel.call("copyout", root, PAGE, buffer, 2 * PAGE) == -1
    page = kernel.call("walkaddr", root, PAGE)
    assert kernel.memory.read(page, PAGE) == b"\xee" * PAGE


@pytest.mark.parametrize(
    ("va", "text", "maximum", "result"),
    [
        (0, b"hello\0", 100, 0),
        (0, b"hello\0", 6, 0),
        (0, b"hello\0", 5, -1),
        (0, b"\0", 1, 0),
        (0, b"\0", 0, -1),
        (PAGE - 3, b"across\0", 100, 0),
        (3 * PAGE - 2, b"ab", 100, -1),
        (3 * PAGE - 2, b"a\0", 100, 0),
        (5 * PAGE, b"x" * PAGE, 1 << 40, -1),
        (3 * PAGE, b"", 10, -1),
        (4 * PAGE, b"", 10, -1),
        (hl.MAXVA, b"", 10, -1),
        ((1 << 64) - 8, b"", 10, -1),
    ],
)
def test_copyinstr(
    kernel: hl.Kernel, root: int, buffer: int, va: int, text: bytes, maximum: int, result: int
) -> None:
    for i, byte in enumerate(text):
        kernel.memory[kernel.call("walkaddr", root, va + i) + (va + i) % PAGE] = byte
    assert kernel.call("copyinstr", root, buffer, va, maximum) == result
    if result == 0:
        assert kernel.memory.read(buffer, len(text) + 1) == text + b"\xee"


# -- granted pages that are absent -------------------------


@pytest.fixture
def lazy(kernel: hl.Kernel) -> hl.Process:
    process = spin(kernel)
    process.sbrk(4 * PAGE, hl.SBRK_LAZY)
    run_until_current(kernel, process)
    return process


def test_copyin_and_copyout_put_absent_granted_pages_in_place(
    kernel: hl.Kernel, lazy: hl.Process, buffer: int
) -> None:
    root, heap = lazy.page_table.root, lazy.sz - 4 * PAGE
    assert kernel.call("copyin", root, buffer, heap + PAGE - 4, 8) == 0
    assert kernel.memory.read(buffer, 8) == bytes(8)
    assert kernel.call("copyout", root, heap + 2 * PAGE, buffer + PAGE, PAGE) == 0
    assert lazy.page_table.peek(heap + 2 * PAGE, PAGE) == b"\xee" * PAGE
    assert [heap + i * PAGE in lazy.page_table for i in range(4)] == [True, True, True, False]
    assert kernel.call("copyout", root, heap + 4 * PAGE - 1, buffer, 2) == -1


def test_copyinstr_does_not(kernel: hl.Kernel, lazy: hl.Process, buffer: int) -> None:
    root, heap = lazy.page_table.root, lazy.sz - 4 * PAGE
    assert kernel.call("copyinstr", root, buffer, heap, 10) == -1
    assert heap not in lazy.page_table


@pytest.mark.parametrize("function", ["copyin", "copyout"])
def test_copy_to_an_absent_page_without_memory_is_minus_1(
    kernel: hl.Kernel, lazy: hl.Process, buffer: int, function: str
) -> None:
    root, heap = lazy.page_table.root, lazy.sz - 4 * PAGE
    kernel.inject(fail_kalloc=1)
    args = (root, buffer, heap, 8) if function == "copyin" else (root, heap, buffer, 8)
    assert kernel.call(function, *args) == -1
    assert heap not in lazy.page_table
    assert kernel.call(function, *args) == 0


# -- vmfault -------------------------


def test_vmfault_maps_a_zeroed_page_with_w_r_u(kernel: hl.Kernel, lazy: hl.Process) -> None:
    heap = lazy.sz - 4 * PAGE
    pa = kernel.call("vmfault", lazy.page_table.root, heap + 123, True)
    assert lazy.page_table.translate(heap) == pa
    pte = lazy.page_table.pte(heap)
    assert pte is not None
    assert hl.PTE_FLAGS(pte) == R | W | U | hl.PTE_V
    assert not kernel.memory[pa : pa + PAGE].any()


@pytest.mark.parametrize("place", ["mapped", "guard", "at sz", "beyond", "trapframe", "maxva", "huge"])
@pytest.mark.parametrize("read", [True, False])
def test_vmfault_is_0_elsewhere(kernel: hl.Kernel, lazy: hl.Process, place: str, read: bool) -> None:
    va = {
        "mapped": 0,
        "guard": PAGE,
        "at sz": lazy.sz,
        "beyond": lazy.sz + PAGE,
        "trapframe": hl.TRAPFRAME,
        "maxva": hl.MAXVA,
        "huge": (1 << 64) - 1,
    }[place]
    free = kernel.free_pages
    assert kernel.call("vmfault", lazy.page_table.root, va, read) == 0
    assert kernel.free_pages == free


def test_vmfault_without_a_current_process_is_0(kernel: hl.Kernel) -> None:
    assert kernel.current_pid == 0
    assert kernel.call("vmfault", scratch_table(kernel), 0, True) == 0
