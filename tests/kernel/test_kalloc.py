"""kinit, freerange, kalloc and kfree."""

from __future__ import annotations

import random

import pytest

import hartlab as hl
from kernel.layout import address, peek, poke
from kernel.support import assert_sound, small
from oracles.allocator import Allocator


@pytest.fixture
def kernel() -> hl.Kernel:
    return small(boot="kinit")


def free_list(kernel: hl.Kernel) -> list[int]:
    return kernel.free_list()["pa"].tolist()


def test_kinit_gives_every_whole_page_from_end_to_phystop(kernel: hl.Kernel) -> None:
    assert kernel.end % hl.PGSIZE == 0
    assert kernel.phystop == hl.KERNBASE + kernel.memory.size
    assert free_list(kernel) == Allocator(kernel.end, kernel.phystop).free_list()
    assert kernel.free_pages == (kernel.phystop - kernel.end) // hl.PGSIZE
    assert_sound(kernel)


def test_page_freed_last_is_allocated_first(kernel: hl.Kernel) -> None:
    a, b, c = (kernel.call("kalloc") for _ in range(3))
    assert (a, b, c) == (kernel.phystop - 4096, kernel.phystop - 8192, kernel.phystop - 12288)
    for page in (b, a, c):
        kernel.call("kfree", page)
    assert [kernel.call("kalloc") for _ in range(3)] == [c, a, b]


@pytest.mark.parametrize("seed", range(5))
def test_random_sequence_of_kalloc_and_kfree_agrees_with_the_oracle(kernel: hl.Kernel, seed: int) -> None:
    rng = random.Random(seed)
    oracle, held = Allocator(kernel.end, kernel.phystop), []
    for _ in range(600):
        if rng.random() < 0.1:
            n = rng.randrange(4)
            kernel.inject(fail_kalloc=n)
            oracle.fail_in = n
        if rng.random() < 0.6 or not held:
            page = kernel.call("kalloc")
            assert page == oracle.kalloc()
            if page:
                held.append(page)
        else:
            page = held.pop(rng.randrange(len(held)))
            kernel.call("kfree", page)
            oracle.kfree(page)
    assert free_list(kernel) == oracle.free_list()


def test_kalloc_gives_0_when_no_page_is_left_and_recovers(kernel: hl.Kernel) -> None:
    pages = [kernel.call("kalloc") for _ in range(kernel.free_pages)]
    assert all(pages)
    assert len(set(pages)) == len(pages)
    assert kernel.call("kalloc") == 0
    assert kernel.call("kalloc") == 0
    assert (kernel.free_pages, len(kernel.free_list())) == (0, 0)
    kernel.call("kfree", pages[7])
    assert kernel.call("kalloc") == pages[7]
    assert kernel.call("kalloc") == 0


def test_pages_hold_5_when_allocated_and_1_when_freed(kernel: hl.Kernel) -> None:
    page = kernel.call("kalloc")
    assert kernel.memory.read(page, hl.PGSIZE) == b"\5" * hl.PGSIZE
    kernel.memory.write(page, b"mine" * 1024)
    below = free_list(kernel)[0]
    kernel.call("kfree", page)
    assert kernel.memory.load(page) == below
    assert kernel.memory.read(page + 8, hl.PGSIZE - 8) == b"\1" * (hl.PGSIZE - 8)


def test_each_call_takes_and_releases_the_lock_once(kernel: hl.Kernel) -> None:
    taken = peek(kernel, "kmem", "lock", "acquired")
    page = kernel.call("kalloc")
    kernel.call("kfree", page)
    kernel.call("kalloc")
    assert peek(kernel, "kmem", "lock", "acquired") == taken + 3
    assert peek(kernel, "kmem", "lock", "locked") == 0


@pytest.mark.parametrize(
    ("start", "stop", "pages"),
    [
        (0, 0x3000, [0x2000, 0x1000, 0]),
        (1, 0x3000, [0x2000, 0x1000]),
        (0, 0x2FFF, [0x1000, 0]),
        (0xFFF, 0x1FFF, []),
        (0x1000, 0x1000, []),
        (0x2000, 0x1000, []),
    ],
)
def test_freerange_gives_whole_pages_only(start: int, stop: int, pages: list[int]) -> None:
    kernel = small(boot="none")
    kernel.call("freerange", kernel.end + start, kernel.end + stop)
    assert free_list(kernel) == [kernel.end + page for page in pages]


@pytest.mark.parametrize("start", [(1 << 64) - 1, (1 << 64) - 4096])
def test_freerange_does_not_wrap_round_the_end_of_the_address_space(start: int) -> None:
    kernel = small(boot="none")
    kernel.call("freerange", start, (1 << 64) - 1)
    assert free_list(kernel) == []


BAD_PAGES = {
    "misaligned": lambda kernel: kernel.end + 1,
    "halfway": lambda kernel: kernel.phystop - 2048,
    "below end": lambda kernel: kernel.end - hl.PGSIZE,
    "kernel text": lambda _: hl.KERNBASE,
    "null": lambda _: 0,
    "at phystop": lambda kernel: kernel.phystop,
    "beyond": lambda kernel: kernel.phystop + hl.PGSIZE,
    "device": lambda _: hl.UART0,
    "last page of all": lambda _: (1 << 64) - hl.PGSIZE,
}


@pytest.mark.parametrize("page", BAD_PAGES)
def test_kfree_panics_for_what_is_no_page_of_kallocs(kernel: hl.Kernel, page: str) -> None:
    pa = BAD_PAGES[page](kernel)
    before = free_list(kernel)
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.call("kfree", pa)
    assert (caught.value.text, caught.value.function, caught.value.address) == ("kfree", "kfree", pa)
    assert free_list(kernel) == before


def test_page_freed_twice_in_a_row_is_found_by_the_next_kalloc(kernel: hl.Kernel) -> None:
    page = kernel.call("kalloc")
    kernel.call("kfree", page)
    kernel.call("kfree", page)
    assert "free_list" in kernel.audit()["kind"]
    with pytest.raises(hl.KernelPanic, match="freed twice") as caught:
        kernel.call("kalloc")
    assert (caught.value.text, caught.value.function) == ("kerneltrap", "kalloc")


@pytest.mark.parametrize(
    "pointer", [1, 0x5050_5050, hl.KERNBASE, hl.UART0, (1 << 64) - 4096, hl.KERNBASE + (2 << 20)]
)
def test_free_page_that_was_written_to_is_a_diagnosis_and_not_followed(
    kernel: hl.Kernel, pointer: int
) -> None:
    kernel.memory.store(free_list(kernel)[0], pointer)
    with pytest.raises(hl.KernelPanic, match="written to after it was freed") as caught:
        kernel.call("kalloc")
    assert caught.value.text == "kerneltrap"


def test_head_of_the_list_that_is_no_page_is_a_diagnosis(kernel: hl.Kernel) -> None:
    poke(kernel, "kmem", "freelist", value=0xDEAD_BEEF)
    with pytest.raises(hl.KernelPanic, match=r"kmem\.freelist holds 0xdeadbeef") as caught:
        kernel.call("kalloc")
    assert caught.value.address == address("kmem", "freelist")


def test_cycle_in_the_list_ends_every_walk_over_it(kernel: hl.Kernel) -> None:
    pages = free_list(kernel)
    kernel.memory.store(pages[50], pages[10])
    table = kernel.free_list()
    assert len(table) == 52
    assert table["verdict"][-1] == "cycle"
    assert "free_list" in kernel.audit()["kind"]


def test_injected_failure_happens_once_at_that_call(kernel: hl.Kernel) -> None:
    kernel.inject(fail_kalloc=3)
    head = free_list(kernel)[:3]
    assert [kernel.call("kalloc") for _ in range(4)] == [head[0], head[1], 0, head[2]]
    kernel.inject(fail_kalloc=1)
    kernel.inject(fail_kalloc=0)
    assert kernel.call("kalloc") != 0
