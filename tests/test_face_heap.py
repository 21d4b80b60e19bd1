"""The heap of C programs as a table, traces of malloc and free, and four ways to put objects into pages."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hartlab as hl
from compilers import COMPILERS, needs_compiler
from hartlab.placement import STRATEGIES, FirstFit
from hartlab.toolchain import cc

CHURN = r"""
#include "user.h"
static char *slot[40];
int main(void) {
  uint64 seed = 7;
  for (int round = 0; round < 500; round++) {
    seed = seed * 6364136223846793005ul + 1442695040888963407ul;
    int i = (int)((seed >> 33) % 40);
    uint64 n = (seed >> 20) % ((seed >> 50) % 8 == 0 ? 9000 : 200);
    if (slot[i]) {
      free(slot[i]);
      slot[i] = 0;
    } else {
      slot[i] = malloc(n);
    }
  }
  pause(1);
  for (int i = 0; i < 40; i++)
    free(slot[i]);
}
"""
TRACE = np.dtype([("call", "U6"), ("size", "<u8"), ("address", "<u8")])


def churning(compiler: str = "zig", optimize: str = "-O1") -> tuple[hl.Kernel, hl.Process]:
    kernel = hl.Kernel()
    return kernel, kernel.spawn(cc(CHURN, name="churn", compiler=compiler, optimize=optimize))


@needs_compiler
@pytest.mark.parametrize("optimize", ["-O0", "-O1", "-O3"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_first_fit_in_python_puts_every_block_where_the_library_does(compiler: str, optimize: str) -> None:
    _, process = churning(compiler, optimize)
    start = process.sz
    trace = hl.record_allocations(process)
    assert process.exit_status == 0
    assert len(trace) > 500
    assert (np.diff(trace["time"].astype(np.int64)) > 0).all()
    model, placed = FirstFit(), {}
    for _, call, size, address in trace.tolist():
        if call == "malloc":
            where, _ = model.place(size)
            assert start + where == address
            placed[address] = where
        else:
            model.remove(placed.pop(address))
    assert (placed, model.pages) == ({}, 0)


@needs_compiler
def test_heap_as_a_table_is_the_blocks_that_live_and_the_gaps_between_them() -> None:
    kernel, process = churning()
    assert len(hl.heap_blocks(process)) == 0
    kernel.run_to("pause")
    blocks = hl.heap_blocks(process)
    assert blocks["address"][0] % hl.PGSIZE == 0
    ends = blocks["address"] + blocks["length"]
    assert (ends[:-1] == blocks["address"][1:]).all()
    assert int(ends[-1]) == process.sz
    assert all(a or b for a, b in pairwise(blocks["used"].tolist())), "free neighbours are joined"
    free_at_the_end = 0 if blocks["used"][-1] else int(blocks["length"][-1])
    assert free_at_the_end < hl.PGSIZE
    kernel.run()
    assert process.exit_status == 0


@needs_compiler
def test_record_holds_exactly_the_blocks_that_live() -> None:
    kernel, process = churning()
    at = kernel.breakpoints.add("churn:pause")
    live: dict[int, int] = {}
    trace = hl.record_allocations(process, max_instructions=2_000_000)
    for _, call, size, address in trace.tolist():
        if call == "free":
            del live[address]
        else:
            live[address] = size
    assert live == {}
    assert list(kernel.breakpoints) == [at], "those that were set are set again"


@needs_compiler
def test_two_processes_are_told_apart() -> None:
    kernel, process = churning()
    kernel.spawn("/churn")
    alone = hl.record_allocations(churning()[1])
    both = hl.record_allocations(process)
    assert both[["call", "size", "address"]].tolist() == alone[["call", "size", "address"]].tolist()


@needs_compiler
def test_looking_at_the_heap_changes_nothing() -> None:
    kernel, process = churning()
    kernel.run_to("pause")
    before, length = kernel.snapshot(), kernel._history.length()
    assert len(hl.heap_blocks(process)) > 10
    assert kernel.snapshot()._saved.encode() == before._saved.encode()
    kernel.step()
    assert kernel._history.length() == length + 1


@needs_compiler
def test_heap_that_was_overwritten_is_listed_as_far_as_it_makes_sense() -> None:
    kernel, process = churning()
    kernel.run_to("pause")
    blocks = hl.heap_blocks(process)
    state = kernel._programs.symbols("churn")["malloc_heap"]
    for size in (0, 8, 17, 1 << 63, (1 << 64) - 16):
        process.store_int(int(blocks["address"][3]), size)
        assert len(hl.heap_blocks(process)) == 3
    process.store_int(state + 8, 0x123_4567_0000)
    process.store_int(state + 16, (1 << 64) - 1)
    assert len(hl.heap_blocks(process)) == 0


def test_program_without_malloc_has_no_heap() -> None:
    kernel = hl.Kernel(memory="4MiB")
    process = kernel.spawn(code=hl.asm("j 0"))
    with pytest.raises(KeyError):
        hl.heap_blocks(process)
    with pytest.raises(KeyError):
        hl.record_allocations(process)


# -- strategies -------------------------


def random_trace(seed: int, steps: int, largest: int) -> list[tuple[str, int, int]]:
    rng, live, rows = random.Random(seed), [], []
    for step in range(1, steps):
        if live and rng.random() < 0.45:
            rows.append(("free", 0, live.pop(rng.randrange(len(live)))))
        else:
            rows.append(("malloc", rng.randrange(rng.choice([17, 300, largest])), step))
            live.append(step)
    return rows + [("free", 0, address) for address in live]


@pytest.mark.parametrize("strategy", STRATEGIES)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1 << 32), largest=st.sampled_from([100, 2049, 20_000]))
def test_objects_never_overlap_and_emptied_pages_go_back(strategy: str, seed: int, largest: int) -> None:
    store, placed = STRATEGIES[strategy](), {}
    trace = random_trace(seed, 120, largest)
    for call, size, address in trace:
        if call == "malloc":
            where, granted = store.place(size)
            assert granted >= size
            placed[address] = (where, where + size, granted)
        else:
            store.remove(placed.pop(address)[0])
        inside = sorted((start, end) for start, end, _ in placed.values())
        assert all(a[1] <= b[0] for a, b in pairwise(inside))
        touched = {
            page
            for start, end in inside
            for page in range(start // hl.PGSIZE, (max(end, start + 1) - 1) // hl.PGSIZE + 1)
        }
        assert len(touched) <= store.pages
        assert sum(granted for *_, granted in placed.values()) <= store.pages * hl.PGSIZE
    assert store.pages == 0


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_replay_counts_what_lives_and_what_it_costs(strategy: str) -> None:
    trace = np.array(random_trace(5, 200, 3000), dtype=TRACE)
    table = hl.replay_allocations(trace, strategy)
    sizes, live = {}, []
    for call, size, address in trace.tolist():
        sizes = (
            {**sizes, address: size} if call == "malloc" else {a: s for a, s in sizes.items() if a != address}
        )
        live.append(sum(sizes.values()))
    assert table["live"].tolist() == live
    held = table["pages"] * hl.PGSIZE
    busy = held > 0
    assert np.allclose(table["utilisation"][busy], table["live"][busy] / held[busy])
    product = (1 - table["internal"]) * (1 - table["external"])
    some = table["granted"] > 0
    assert np.allclose(table["utilisation"][some], product[some]), "what is lost is lost inside or outside"
    assert table[-1].tolist() == (0, 0, 0, 0.0, 0.0, 0.0)


def test_16_and_32_bytes_take_one_page_or_two() -> None:
    calls = [("malloc", 16, 1), ("malloc", 32, 2), ("free", 0, 1), ("free", 0, 2)]
    trace = np.array(calls, dtype=TRACE)
    pages = {name: hl.replay_allocations(trace, name)["pages"].tolist() for name in STRATEGIES}
    assert pages == {
        "page": [1, 2, 1, 0],
        "first fit": [1, 1, 1, 0],
        "buddy": [1, 1, 1, 0],
        "slab": [1, 2, 1, 0],
    }


def test_trace_or_strategy_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match=r"trace\[1\] frees 0x9"):
        hl.replay_allocations(np.array([("malloc", 5, 1), ("free", 0, 9)], dtype=TRACE), "buddy")
    with pytest.raises(ValueError, match="'page', 'first fit', 'buddy', 'slab'"):
        hl.replay_allocations(np.array([], dtype=TRACE), "worst fit")
    failed = np.array([("malloc", 5, 0)], dtype=TRACE)
    assert hl.replay_allocations(failed, "slab")["live"].tolist() == [0]
