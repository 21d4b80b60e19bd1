"""walk, walkaddr, mappages, ismapped, and the kernel's own table."""

from __future__ import annotations

import random

import pytest

import hartlab as hl
from kernel.support import EDITIONS, mapped, scratch_table, small
from oracles import page_table as oracle

RWU = hl.PTE_R | hl.PTE_W | hl.PTE_U
FRAME = hl.KERNBASE + 0x10_0000


@pytest.fixture(params=EDITIONS)
def kernel(request: pytest.FixtureRequest) -> hl.Kernel:
    return small(xv6=request.param)


def panic_of(kernel: hl.Kernel, function: str, *args: int) -> tuple[str, str, int]:
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.call(function, *args)
    assert kernel.panicked
    return caught.value.text, caught.value.function, caught.value.address


# -- walk -------------------------


def test_walk_without_alloc_finds_nothing_in_an_empty_table_and_changes_nothing(kernel: hl.Kernel) -> None:
    root, free = scratch_table(kernel), kernel.free_pages
    assert kernel.call("walk", root, 0x1234, False) == 0
    assert kernel.free_pages == free


def test_walk_with_alloc_makes_two_zeroed_tables(kernel: hl.Kernel) -> None:
    root, free = scratch_table(kernel), kernel.free_pages
    pte = kernel.call("walk", root, 0x1_4020_3004, True)
    assert free - kernel.free_pages == 2
    assert pte % hl.PGSIZE == 8 * hl.PX(0, 0x1_4020_3004)
    middle = hl.PTE2PA(kernel.memory.load(root + 8 * hl.PX(2, 0x1_4020_3004)))
    entry = kernel.memory.load(middle + 8 * hl.PX(1, 0x1_4020_3004))
    assert (hl.PTE2PA(entry), hl.PTE_FLAGS(entry)) == (pte - pte % hl.PGSIZE, hl.PTE_V)
    assert not kernel.memory[hl.PTE2PA(entry) : hl.PTE2PA(entry) + hl.PGSIZE].any()
    assert kernel.call("walk", root, 0x1_4020_3FFF, True) == pte
    assert kernel.call("walk", root, 0x1_4020_4000, False) == pte + 8
    assert free - kernel.free_pages == 2


@pytest.mark.parametrize(("failing", "kept"), [(1, 0), (2, 1)])
def test_walk_that_cannot_allocate_is_0_and_its_tables_stay_owned(
    kernel: hl.Kernel, failing: int, kept: int
) -> None:
    root, free = scratch_table(kernel), kernel.free_pages
    kernel.inject(fail_kalloc=failing)
    assert kernel.call("walk", root, 0x1000, True) == 0
    assert free - kernel.free_pages == kept
    kernel.call("freewalk", root)
    assert kernel.free_pages == free + 1


@pytest.mark.parametrize("va", [hl.MAXVA, hl.MAXVA + 1, 1 << 39, (1 << 64) - 1, 0xFFFF_FFC0_0000_0000])
@pytest.mark.parametrize("alloc", [False, True])
def test_walk_panics_at_or_above_maxva(kernel: hl.Kernel, va: int, alloc: bool) -> None:
    assert panic_of(kernel, "walk", scratch_table(kernel), va, alloc) == ("walk", "walk", va)


def test_walk_serves_the_last_page_below_maxva(kernel: hl.Kernel) -> None:
    assert kernel.call("walk", scratch_table(kernel), hl.MAXVA - 1, True) % hl.PGSIZE == 511 * 8


def test_walk_ends_at_a_superpage_and_does_not_take_it_for_a_table(kernel: hl.Kernel) -> None:
    root = scratch_table(kernel)
    kernel.memory.store(root + 8, hl.PA2PTE(hl.KERNBASE) | RWU | hl.PTE_V)
    assert kernel.call("walk", root, 0x4000_5000, True) == root + 8
    assert kernel.call("walkaddr", root, 0x4000_5008) == hl.KERNBASE + 0x5000


def test_walk_through_a_pointer_out_of_ram_is_a_diagnosis(kernel: hl.Kernel) -> None:
    root = scratch_table(kernel)
    kernel.memory.store(root, hl.PA2PTE(0x4000_0000) | hl.PTE_V)
    assert panic_of(kernel, "walk", root, 0x1000, False) == ("kerneltrap", "kernel", 0x4000_0000)


@pytest.mark.parametrize("seed", range(3))
def test_walk_agrees_with_the_oracle_and_with_the_mmu_on_random_tables(seed: int) -> None:
    kernel, rng = small(), random.Random(seed)
    root = scratch_table(kernel)
    pages = [rng.randrange(hl.MAXVA) & ~0xFFF for _ in range(25)]
    pages += [page ^ 1 << rng.randrange(12, 38) for page in pages]
    for page in set(pages):
        flags = rng.choice([RWU, hl.PTE_R, hl.PTE_R | hl.PTE_X | hl.PTE_U, hl.PTE_X])
        kernel.call("mappages", root, page, hl.PGSIZE, hl.KERNBASE + rng.randrange(512) * hl.PGSIZE, flags)
    for page in pages + [rng.randrange(hl.MAXVA) for _ in range(100)]:
        va = page | rng.randrange(4096)
        pte = kernel.call("walk", root, va, False)
        assert pte == oracle.walk(kernel.memory.load, root, va)
        entry = kernel.memory.load(pte) if pte else 0
        seen = kernel._engine.find_leaf(root, va)
        assert (entry & hl.PTE_V != 0) == (seen is not None)
        if seen is not None:
            assert (seen[0], seen[2]) == (entry, hl.PTE2PA(entry) + va % hl.PGSIZE)
        user = entry & hl.PTE_V and entry & hl.PTE_U
        assert kernel.call("walkaddr", root, va) == (hl.PTE2PA(entry) if user else 0)
        assert kernel.call("ismapped", root, va) == (entry & hl.PTE_V)


# -- walkaddr -------------------------


@pytest.mark.parametrize("flags", [0, hl.PTE_R, hl.PTE_R | hl.PTE_W | hl.PTE_X, hl.PTE_R | hl.PTE_G])
def test_walkaddr_is_0_for_a_page_without_u(kernel: hl.Kernel, flags: int) -> None:
    root = scratch_table(kernel)
    kernel.call("mappages", root, 0x1000, hl.PGSIZE, FRAME, flags)
    assert kernel.call("walkaddr", root, 0x1000) == 0


def test_walkaddr_is_0_without_v_and_page_aligned_otherwise(kernel: hl.Kernel) -> None:
    root = scratch_table(kernel)
    assert kernel.call("walkaddr", root, 0x1000) == 0
    kernel.call("mappages", root, 0x1000, hl.PGSIZE, FRAME, RWU)
    assert kernel.call("walkaddr", root, 0x1ABC) == FRAME
    assert kernel.call("walkaddr", root, 0x2000) == 0


@pytest.mark.parametrize("va", [hl.MAXVA, (1 << 64) - 1])
def test_walkaddr_and_ismapped_differ_at_maxva(kernel: hl.Kernel, va: int) -> None:
    root = scratch_table(kernel)
    assert kernel.call("walkaddr", root, va) == 0
    assert panic_of(kernel, "ismapped", root, va)[0] == "walk"


# -- mappages -------------------------


def test_mappages_maps_pages_to_consecutive_frames_with_v_added(kernel: hl.Kernel) -> None:
    root = scratch_table(kernel)
    assert kernel.call("mappages", root, 0x3000, 3 * hl.PGSIZE, FRAME, RWU) == 0
    assert mapped(kernel, root) == {
        0x3000 + i * hl.PGSIZE: (FRAME + i * hl.PGSIZE, RWU | hl.PTE_V) for i in range(3)
    }


@pytest.mark.parametrize(
    ("va", "size", "pages"),
    [
        (0x1000, 1, [0x1000]),
        (0x1005, 1, [0x1000]),
        (0x1FFF, 2, [0x1000, 0x2000]),
        (0x1005, 0x1000, [0x1000, 0x2000]),
        (0x1000, 0x1001, [0x1000, 0x2000]),
    ],
)
def test_mappages_of_2020_rounds_va_and_the_last_byte_down(va: int, size: int, pages: list[int]) -> None:
    kernel = small(xv6="2020")
    root = scratch_table(kernel)
    assert kernel.call("mappages", root, va, size, FRAME, RWU) == 0
    assert list(mapped(kernel, root)) == pages


PANICS = [
    ("2025", 0x1001, 0x1000, "mappages: va not aligned", 0x1001),
    ("2025", 0x1000, 0x1001, "mappages: size not aligned", 0x1001),
    ("2025", 0x1000, 0, "mappages: size", 0x1000),
    ("2025", 0x3000, 0x2000, "mappages: remap", 0x4000),
    ("2020", 0x3FFF, 2, "remap", 0x4000),
    ("2025", hl.MAXVA, 0x1000, "walk", hl.MAXVA),
    ("2020", hl.MAXVA - 1, 2, "walk", hl.MAXVA),
]


@pytest.mark.parametrize(("xv6", "va", "size", "text", "address"), PANICS)
def test_mappages_panics(xv6: str, va: int, size: int, text: str, address: int) -> None:
    kernel = small(xv6=xv6)
    root = scratch_table(kernel)
    kernel.call("mappages", root, 0x4000, hl.PGSIZE, FRAME, RWU)
    panic = panic_of(kernel, "mappages", root, va, size, FRAME, RWU)
    assert panic == (text, "walk" if text == "walk" else "mappages", address)


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_mappages_without_memory_is_minus_1_and_leaves_no_page_mapped(
    kernel: hl.Kernel, failing: int
) -> None:
    root, free = scratch_table(kernel), kernel.free_pages
    kernel.inject(fail_kalloc=failing)  # the range needs a second table of level 0 half way
    assert kernel.call("mappages", root, 0x1F_E000, 4 * hl.PGSIZE, FRAME, RWU) == -1
    assert mapped(kernel, root) == {}
    assert free - kernel.free_pages == failing - 1
    kernel.call("freewalk", root)
    assert kernel.free_pages == free + 1


# -- the kernel's own table -------------------------


def test_kvminit_maps_exactly_xv6s_map() -> None:
    for xv6 in EDITIONS:
        kernel = small(xv6=xv6, boot="kvminit")
        ranges = [
            (hl.UART0, hl.PGSIZE, hl.PTE_R | hl.PTE_W),
            (hl.VIRTIO0, hl.PGSIZE, hl.PTE_R | hl.PTE_W),
            (0x1010_0000, 0x2_0000, hl.PTE_R | hl.PTE_W),  # stack and data of C code
            (0x1012_0000, 0x2_0000, hl.PTE_R | hl.PTE_X),  # and its text
            (hl.PLIC, hl.PLIC_SIZE, hl.PTE_R | hl.PTE_W),
            (hl.KERNBASE, hl.ETEXT - hl.KERNBASE, hl.PTE_R | hl.PTE_X),
            (hl.ETEXT, kernel.phystop - hl.ETEXT, hl.PTE_R | hl.PTE_W),
        ]
        if xv6 == "2020":
            ranges.append((hl.CLINT, hl.CLINT_SIZE, hl.PTE_R | hl.PTE_W))
        expected = {
            va: (va, flags | hl.PTE_V)
            for start, size, flags in ranges
            for va in range(start, start + size, hl.PGSIZE)
        }
        expected[hl.TRAMPOLINE] = (hl.ETEXT - hl.PGSIZE, hl.PTE_R | hl.PTE_X | hl.PTE_V)
        assert mapped(kernel, kernel.page_table.root) == expected


def test_procinit_maps_a_stack_for_each_process_above_an_unmapped_page(kernel: hl.Kernel) -> None:
    table = mapped(kernel, kernel.page_table.root)
    stacks = [table[hl.KSTACK(p)] for p in range(hl.NPROC)]
    assert {flags for _, flags in stacks} == {hl.PTE_R | hl.PTE_W | hl.PTE_V}
    assert len({pa for pa, _ in stacks}) == hl.NPROC
    assert not any(hl.KSTACK(p) - hl.PGSIZE in table for p in range(hl.NPROC))
    assert hl.TRAPFRAME not in table


def test_kvmpa_translates_kernel_stacks_and_panics_where_nothing_is(kernel: hl.Kernel) -> None:
    pa = kernel.page_table.translate(hl.KSTACK(3))
    assert pa is not None
    assert kernel.call("kvmpa", hl.KSTACK(3) + 0x123) == pa + 0x123
    assert kernel.call("kvmpa", hl.KERNBASE + 5) == hl.KERNBASE + 5
    guard = hl.KSTACK(3) - hl.PGSIZE
    assert panic_of(kernel, "kvmpa", guard) == ("kvmpa", "kvmpa", guard)


def test_kvmmap_panics_without_memory(kernel: hl.Kernel) -> None:
    root = kernel.page_table.root
    kernel.call("kvmmap", root, 0x5000, FRAME, hl.PGSIZE, hl.PTE_R)
    assert kernel.page_table.translate(0x5010) == FRAME + 0x10
    kernel.inject(fail_kalloc=1)
    assert panic_of(kernel, "kvmmap", root, 0x8_0000_0000, FRAME, hl.PGSIZE, hl.PTE_R) == (
        "kvmmap",
        "kvmmap",
        0x8_0000_0000,
    )


def test_kvminithart_sets_satp_and_fences() -> None:
    kernel = small(boot="kvminit")
    assert kernel.hart.csrs["satp"] == 0
    flushes = kernel.hart.tlb.counts.flushes
    kernel.boot("kvminithart")
    assert kernel.hart.csrs["satp"] == hl.MAKE_SATP(kernel.page_table.root)
    assert kernel.hart.tlb.counts.flushes == flushes + 2
