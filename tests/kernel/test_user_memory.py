"""uvmcreate to uvmfree, and uvmcopy: each contract, each policy, each panic."""

from __future__ import annotations

import pytest

import hartlab as hl
from kernel.layout import address
from kernel.support import EDITIONS, mapped, scratch_table, small

R, W, X, U, V = hl.PTE_R, hl.PTE_W, hl.PTE_X, hl.PTE_U, hl.PTE_V
PAGE = hl.PGSIZE


@pytest.fixture(params=EDITIONS)
def kernel(request: pytest.FixtureRequest) -> hl.Kernel:
    return small(xv6=request.param)


def panic_of(kernel: hl.Kernel, function: str, *args: int) -> tuple[str, str]:
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.call(function, *args)
    return caught.value.text, caught.value.function


def user_table(kernel: hl.Kernel, sz: int) -> int:
    root = scratch_table(kernel)
    assert kernel.call("uvmalloc", root, 0, sz, W) == sz
    return root


# -- uvmcreate, uvminit, uvmfirst -------------------------


def test_uvmcreate_gives_a_zeroed_page_or_0(kernel: hl.Kernel) -> None:
    root = kernel.call("uvmcreate")
    assert not kernel.memory[root : root + PAGE].any()
    kernel.inject(fail_kalloc=1)
    assert kernel.call("uvmcreate") == 0


@pytest.mark.parametrize("function", ["uvminit", "uvmfirst"])
@pytest.mark.parametrize("size", [0, 1, 52, 4095])
def test_first_page_holds_the_program_and_zeros_and_all_rights(
    kernel: hl.Kernel, function: str, size: int
) -> None:
    source = kernel.call("kalloc")
    kernel.memory.write(source, bytes(range(256)) * 16)
    root = scratch_table(kernel)
    kernel.call(function, root, source, size)
    ((va, (pa, flags)),) = mapped(kernel, root).items()
    assert (va, flags) == (0, R | W | X | U | V)
    assert kernel.memory.read(pa, PAGE) == (bytes(range(256)) * 16)[:size] + bytes(PAGE - size)


@pytest.mark.parametrize(
    ("function", "text"),
    [("uvminit", "inituvm: more than a page"), ("uvmfirst", "uvmfirst: more than a page")],
)
@pytest.mark.parametrize("size", [4096, 1 << 40])
def test_first_program_of_a_page_or_more_is_a_panic(function: str, text: str, size: int) -> None:
    kernel = small()
    assert panic_of(kernel, function, scratch_table(kernel), hl.KERNBASE, size) == (text, function)


@pytest.mark.parametrize("function", ["uvminit", "uvmfirst"])
@pytest.mark.parametrize("failing", [1, 2, 3])
def test_first_page_without_memory_is_a_fault_of_the_kernel(function: str, failing: int) -> None:
    kernel = small()
    root = scratch_table(kernel)
    kernel.inject(fail_kalloc=failing)
    assert panic_of(kernel, function, root, hl.KERNBASE, 1) == ("kerneltrap", function)


@pytest.mark.parametrize(("xv6", "function"), [("2025", "uvmfirst"), ("2020", "uvminit")])
def test_policy_first_names_the_function_that_userinit_calls(xv6: str, function: str) -> None:
    kernel = small(xv6=xv6, boot="procinit")
    kernel.inject(fail_kalloc=5)  # trapframe, root, two tables, and then the first page
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.boot("userinit")
    assert caught.value.function == function


# -- uvmalloc -------------------------


@pytest.mark.parametrize("perm", [0, W, X, W | X])
def test_uvmalloc_gives_zeroed_pages_with_the_permission_asked_for_or_all(
    kernel: hl.Kernel, perm: int
) -> None:
    root = scratch_table(kernel)
    assert kernel.call("uvmalloc", root, 0, 2 * PAGE + 1, perm) == 2 * PAGE + 1
    table = mapped(kernel, root)
    older = kernel.policies["uvmalloc"] == "rwx"
    assert list(table) == [0, PAGE, 2 * PAGE]
    assert {flags for _, flags in table.values()} == {R | U | V | (W | X if older else perm)}
    assert not any(kernel.memory[pa : pa + PAGE].any() for pa, _ in table.values())


@pytest.mark.parametrize(
    ("oldsz", "newsz", "result", "pages"),
    [
        (5000, 4000, 5000, []),
        (8192, 8192, 8192, []),
        (0, 0, 0, []),
        (1, 4096, 4096, []),  # the page that holds byte 0 is there already
        (4095, 4097, 4097, [4096]),
        (8192, 8193, 8193, [8192]),
    ],
)
def test_uvmalloc_returns_and_maps(
    kernel: hl.Kernel, oldsz: int, newsz: int, result: int, pages: list[int]
) -> None:
    root = scratch_table(kernel)
    assert kernel.call("uvmalloc", root, oldsz, newsz, W) == result
    assert list(mapped(kernel, root)) == pages


@pytest.mark.parametrize("failing", range(1, 9))
def test_uvmalloc_that_fails_returns_0_and_undoes_what_it_did(kernel: hl.Kernel, failing: int) -> None:
    root = user_table(kernel, PAGE)
    before, free = mapped(kernel, root), kernel.free_pages
    kernel.inject(fail_kalloc=failing)
    assert kernel.call("uvmalloc", root, PAGE, 9 * PAGE + 1, W) == 0
    assert mapped(kernel, root) == before
    assert kernel.free_pages == free


def test_uvmalloc_of_more_than_there_is_takes_everything_back(kernel: hl.Kernel) -> None:
    root = scratch_table(kernel)
    free = kernel.free_pages
    assert kernel.call("uvmalloc", root, 0, kernel.memory.size, W) == 0
    assert mapped(kernel, root) == {}
    kernel.call("uvmfree", root, 0)
    assert kernel.free_pages == free + 1


# -- uvmdealloc, uvmunmap -------------------------


@pytest.mark.parametrize(
    ("oldsz", "newsz", "result", "left"),
    [
        (4 * PAGE, 2 * PAGE, 2 * PAGE, 2),
        (4 * PAGE, 2 * PAGE + 1, 2 * PAGE + 1, 3),
        (4 * PAGE, 3 * PAGE + 1, 3 * PAGE + 1, 4),
        (4 * PAGE, 4 * PAGE - 1, 4 * PAGE - 1, 4),
        (4 * PAGE, 4 * PAGE, 4 * PAGE, 4),
        (4 * PAGE, 5 * PAGE, 4 * PAGE, 4),
        (4 * PAGE, (1 << 64) - 1, 4 * PAGE, 4),
        (4 * PAGE, 0, 0, 0),
        (3 * PAGE + 7, 1, 1, 1),
    ],
)
def test_uvmdealloc_frees_whole_pages_beyond(
    kernel: hl.Kernel, oldsz: int, newsz: int, result: int, left: int
) -> None:
    root = user_table(kernel, 4 * PAGE)
    free = kernel.free_pages
    assert kernel.call("uvmdealloc", root, oldsz, newsz) == result
    assert list(mapped(kernel, root)) == [i * PAGE for i in range(left)]
    assert kernel.free_pages == free + 4 - left


def test_uvmunmap_frees_frames_only_when_asked(kernel: hl.Kernel) -> None:
    root = user_table(kernel, 3 * PAGE)
    (_, (kept, _)), (_, (first, _)), (_, (second, _)) = mapped(kernel, root).items()
    free = kernel.free_pages
    kernel.call("uvmunmap", root, 0, 1, False)
    assert kernel.free_pages == free
    kernel.call("uvmunmap", root, PAGE, 2, True)
    assert kernel.free_list()["pa"].tolist()[:2] == [second, first]
    assert mapped(kernel, root) == {}
    assert kernel.memory.read(kept, PAGE) == bytes(PAGE)


@pytest.mark.parametrize("va", [1, 4095, 0x1001])
def test_uvmunmap_panics_for_a_misaligned_address(kernel: hl.Kernel, va: int) -> None:
    assert panic_of(kernel, "uvmunmap", user_table(kernel, PAGE), va, 1, True) == (
        "uvmunmap: not aligned",
        "uvmunmap",
    )


@pytest.mark.parametrize(
    ("va", "npages", "text"),
    [
        (0x4000_0000, 1, "uvmunmap: walk"),
        (0x20_0000, 1, "uvmunmap: walk"),
        (5 * PAGE, 1, "uvmunmap: not mapped"),
        (PAGE, 2, "uvmunmap: not mapped"),
        (0, 1024, "uvmunmap: not mapped"),
    ],
)
def test_uvmunmap_of_an_absent_page_panics_in_2020_and_skips_in_2025(
    kernel: hl.Kernel, va: int, npages: int, text: str
) -> None:
    root = user_table(kernel, 2 * PAGE)
    if kernel.policies["uvmunmap"] == "panic":
        assert panic_of(kernel, "uvmunmap", root, va, npages, True) == (text, "uvmunmap")
    else:
        kernel.call("uvmunmap", root, va, npages, True)
        assert [page for page in mapped(kernel, root) if va <= page < va + npages * PAGE] == []


def test_uvmunmap_panics_at_a_pointer_where_a_leaf_should_be(kernel: hl.Kernel) -> None:
    root = user_table(kernel, 2 * PAGE)
    pte = kernel.call("walk", root, PAGE, False)
    kernel.memory.store(pte, hl.PA2PTE(hl.KERNBASE) | V)
    assert panic_of(kernel, "uvmunmap", root, 0, 2, True) == ("uvmunmap: not a leaf", "uvmunmap")


def test_superpages_which_the_kernel_never_makes_are_refused(kernel: hl.Kernel) -> None:
    root = user_table(kernel, PAGE)
    start = kernel.snapshot()
    kernel.memory.store(root + 8, hl.PA2PTE(hl.KERNBASE) | R | U | V)
    broken = kernel.snapshot()
    other = kernel.call("uvmcreate")
    calls = {"uvmunmap": (root, 0x4000_0000, 1, True), "uvmcopy": (root, other, 0x4000_0000 + PAGE)}
    for function, args in calls.items():
        kernel.restore(broken)
        if kernel.policies[function] == "panic" and function == "uvmcopy":
            continue  # the hole before it is found first
        assert panic_of(kernel, function, *args) == (f"{function}: superpage", function)
    kernel.restore(start)


def test_range_that_reaches_above_maxva_panics_in_walk(kernel: hl.Kernel) -> None:
    root = user_table(kernel, PAGE)
    text, _ = panic_of(kernel, "uvmunmap", root, hl.MAXVA - PAGE, 2, True)
    assert text in {"walk", "uvmunmap: walk"}


# -- uvmclear, uvmfree, freewalk -------------------------


def test_uvmclear_takes_u_alone(kernel: hl.Kernel) -> None:
    root = user_table(kernel, 2 * PAGE)
    before = mapped(kernel, root)
    kernel.call("uvmclear", root, PAGE)
    pa, flags = before[PAGE]
    assert mapped(kernel, root) == {0: before[0], PAGE: (pa, flags & ~U)}


def test_uvmclear_panics_without_a_pte(kernel: hl.Kernel) -> None:
    assert panic_of(kernel, "uvmclear", user_table(kernel, PAGE), 0x4000_0000) == ("uvmclear", "uvmclear")


@pytest.mark.parametrize("sz", [0, 1, PAGE, 5 * PAGE - 1])
def test_uvmfree_gives_back_memory_and_tables(kernel: hl.Kernel, sz: int) -> None:
    free = kernel.free_pages
    root = scratch_table(kernel)
    if sz:
        kernel.call("uvmalloc", root, 0, sz, W)
    kernel.call("uvmfree", root, sz)
    assert kernel.free_pages == free


@pytest.mark.parametrize("va", [0, 3 * PAGE, hl.MAXVA - PAGE])
def test_freewalk_panics_at_a_leaf_that_was_not_removed(kernel: hl.Kernel, va: int) -> None:
    root = scratch_table(kernel)
    kernel.call("mappages", root, va, PAGE, hl.KERNBASE, R)
    assert panic_of(kernel, "freewalk", root) == ("freewalk: leaf", "freewalk")


def test_uvmfree_with_too_small_a_size_panics_in_freewalk(kernel: hl.Kernel) -> None:
    root = user_table(kernel, 3 * PAGE)
    assert panic_of(kernel, "uvmfree", root, 2 * PAGE) == ("freewalk: leaf", "freewalk")


@pytest.mark.parametrize("pointer", [0x1000, hl.KERNBASE, hl.KERNBASE + (2 << 20), 1 << 50])
def test_freewalk_does_not_follow_a_pointer_to_what_is_no_page_of_kallocs(
    kernel: hl.Kernel, pointer: int
) -> None:
    root = scratch_table(kernel)
    kernel.memory.store(root + 16, hl.PA2PTE(pointer) | V)
    assert panic_of(kernel, "freewalk", root) == ("kfree", "freewalk")


def test_freewalk_of_a_table_that_contains_itself_ends(kernel: hl.Kernel) -> None:
    root = scratch_table(kernel)
    kernel.memory.store(root, hl.PA2PTE(root) | V)
    assert panic_of(kernel, "freewalk", root) == ("freewalk: leaf", "freewalk")


# -- uvmcopy -------------------------


def test_uvmcopy_copies_bytes_and_flags_to_frames_of_its_own(kernel: hl.Kernel) -> None:
    old = user_table(kernel, 3 * PAGE)
    kernel.call("uvmclear", old, PAGE)
    for number, (pa, _) in enumerate(mapped(kernel, old).values()):
        kernel.memory.write(pa, bytes([number + 65]) * PAGE)
    new = scratch_table(kernel)
    assert kernel.call("uvmcopy", old, new, 3 * PAGE) == 0
    first, second = mapped(kernel, old), mapped(kernel, new)
    assert {va: flags for va, (_, flags) in first.items()} == {va: flags for va, (_, flags) in second.items()}
    assert not {pa for pa, _ in first.values()} & {pa for pa, _ in second.values()}
    contents = [kernel.memory.read(pa, PAGE) for pa, _ in second.values()]
    assert contents == [bytes([number + 65]) * PAGE for number in range(3)]


@pytest.mark.parametrize("sz", [0, 1, PAGE, PAGE + 1, 3 * PAGE])
def test_uvmcopy_goes_as_far_as_sz_rounded_up(kernel: hl.Kernel, sz: int) -> None:
    old, new = user_table(kernel, 3 * PAGE), scratch_table(kernel)
    assert kernel.call("uvmcopy", old, new, sz) == 0
    assert list(mapped(kernel, new)) == list(range(0, sz, PAGE))


@pytest.mark.parametrize("fork", ["copy", "cow"])
@pytest.mark.parametrize("failing", range(1, 7))
def test_uvmcopy_that_fails_is_minus_1_and_leaves_both_tables_as_they_were(fork: str, failing: int) -> None:
    kernel = small(fork=fork)
    old = user_table(kernel, 3 * PAGE)
    kernel.call("mappages", old, 0x20_0000, PAGE, kernel.call("kalloc"), R | W | U)
    new = scratch_table(kernel)
    before, free = mapped(kernel, old), kernel.free_pages
    kernel.inject(fail_kalloc=failing)
    result = kernel.call("uvmcopy", old, new, 0x20_1000)
    if kernel._engine.kalloc_failure_in:  # sharing needs tables alone, and so makes fewer allocations
        assert (fork, result) == ("cow", 0)
        return
    assert result == -1
    assert mapped(kernel, old) == before
    assert mapped(kernel, new) == {}
    kernel.call("freewalk", new)
    assert kernel.free_pages == free + 1


@pytest.mark.parametrize(
    ("hole", "text"),
    [(0x20_0000, "uvmcopy: pte should exist"), (PAGE, "uvmcopy: page not present")],
)
@pytest.mark.parametrize("xv6", EDITIONS)
def test_uvmcopy_of_a_hole_panics_in_2020_and_skips_in_2025(xv6: str, hole: int, text: str) -> None:
    kernel = hl.Kernel(memory="8MiB", xv6=xv6)
    old, new = user_table(kernel, PAGE), scratch_table(kernel)
    kernel.call("mappages", old, hole + PAGE, PAGE, kernel.call("kalloc"), R | U)
    if hole == 0x20_0000:
        kernel.call("uvmalloc", old, PAGE, 0x20_0000, W)
        kernel.memory.store(kernel.call("walk", old, hole + PAGE, False), 0)
        table = kernel.memory.load(old)
        kernel.memory.store(hl.PTE2PA(table) + 8, 0)  # no table for the second 2 MiB at all
    if kernel.policies["uvmcopy"] == "panic":
        assert panic_of(kernel, "uvmcopy", old, new, hole + 2 * PAGE) == (text, "uvmcopy")
    else:
        assert kernel.call("uvmcopy", old, new, hole + 2 * PAGE) == 0
        assert hole not in mapped(kernel, new)
        assert list(mapped(kernel, new)) == list(mapped(kernel, old))


def test_uvmcopy_of_hundreds_of_gigabytes_of_nothing_costs_little(kernel: hl.Kernel) -> None:
    if kernel.policies["uvmcopy"] == "panic":
        return
    old, new = user_table(kernel, PAGE), scratch_table(kernel)
    work = kernel._engine.work
    assert kernel.call("uvmcopy", old, new, hl.TRAPFRAME) == 0
    kernel.call("uvmunmap", new, 0, hl.TRAPFRAME // PAGE, True)
    assert kernel._engine.work - work < 100


# -- proc_pagetable, proc_freepagetable -------------------------


def test_proc_pagetable_maps_trampoline_and_trapframe_and_nothing_else(kernel: hl.Kernel) -> None:
    free = kernel.free_pages
    p = address("proc", 0)
    root = kernel.call("proc_pagetable", p)
    trapframe = int(kernel.processes()["trapframe"][0])
    assert mapped(kernel, root) == {
        hl.TRAPFRAME: (trapframe, R | W | V),
        hl.TRAMPOLINE: (hl.ETEXT - PAGE, R | X | V),
    }
    assert free - kernel.free_pages == 3
    kernel.call("proc_freepagetable", root, 0)
    assert kernel.free_pages == free


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_proc_pagetable_without_memory_is_0_and_keeps_nothing(kernel: hl.Kernel, failing: int) -> None:
    free = kernel.free_pages
    kernel.inject(fail_kalloc=failing)
    assert kernel.call("proc_pagetable", address("proc", 0)) == 0
    assert kernel.free_pages == free
