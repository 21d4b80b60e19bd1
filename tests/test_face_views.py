"""Arrays over RAM: views that are read-only, live, and outlive the kernel; tables that are copies."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import hartlab as hl


@pytest.fixture
def kernel() -> hl.Kernel:
    return hl.Kernel(memory="4MiB")


def test_memory_is_a_read_only_view_of_the_ram_itself(kernel: hl.Kernel) -> None:
    view = np.asarray(kernel.memory)
    assert view.dtype == np.uint8
    assert view.shape == (4 << 20,)
    assert not view.flags.writeable
    assert not view.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        view.setflags(write=True)
    assert np.shares_memory(view, kernel.memory.array)


def test_every_slice_and_typed_view_is_read_only(kernel: hl.Kernel) -> None:
    root = kernel.page_table.root
    for view in (kernel.memory[root : root + 64], kernel.memory.view(root, 512)):
        assert not view.flags.writeable
        assert np.shares_memory(view, kernel.memory.array)


def test_a_view_shows_what_is_written_and_what_is_restored(kernel: hl.Kernel) -> None:
    pa = kernel.memory.end - 16
    view = kernel.memory[pa : pa + 4]
    before = kernel.snapshot()
    old = view.tobytes()
    kernel.memory.write(pa, b"abcd")
    assert view.tobytes() == b"abcd"
    kernel.restore(before)
    assert view.tobytes() == old


def test_a_view_keeps_its_ram_when_the_kernel_is_gone() -> None:
    kernel = hl.Kernel(memory="4MiB")
    pa = kernel.memory.end - 16
    kernel.memory.write(pa, b"still here")
    view = kernel.memory[pa : pa + 10]
    whole = kernel.memory.array
    gone = weakref.ref(kernel)
    del kernel
    gc.collect()
    assert gone() is None
    assert view.tobytes() == b"still here"
    assert int(whole[-16]) == ord("s")


def test_a_snapshot_does_not_change(kernel: hl.Kernel) -> None:
    before = kernel.snapshot("first")
    pa = kernel.memory.end - 16
    old = before.read(pa, 4)
    kernel.memory.write(pa, b"abcd")
    assert before.read(pa, 4) == old
    assert "first" in repr(before)


def test_tables_are_copies_that_the_caller_owns(kernel: hl.Kernel) -> None:
    table = kernel.processes()
    table["pid"][0] = 99
    assert kernel.processes()["pid"][0] == 1
    entries = kernel.page_table.entries()
    entries["pa"] = 0
    assert kernel.page_table.entries()["pa"].any()


def test_tables_have_documented_types(kernel: hl.Kernel) -> None:
    entries = kernel.page_table.entries()
    assert entries.dtype["va"] == np.uint64
    assert entries.dtype["level"] == np.int32
    assert entries.dtype["V"] == np.bool_
    assert kernel.processes().dtype["state"].kind == "U"
    assert (kernel.processes()["state"] == "RUNNABLE").tolist() == [True]


def test_a_column_is_a_plain_array_and_a_selection_is_a_table(kernel: hl.Kernel) -> None:
    entries = kernel.page_table.entries()
    assert type(entries["va"]) is np.ndarray
    assert type(entries[entries["X"]]) is hl.Table
    assert type(entries[["va", "pa"]]) is hl.Table


def test_pandas_takes_every_table(kernel: hl.Kernel) -> None:
    pandas = pytest.importorskip("pandas")
    kernel.tracing()
    kernel.run()
    tables = [
        kernel.processes(),
        kernel.frames(),
        kernel.free_list(),
        kernel.page_table.entries(),
        kernel.trace(),
    ]
    tables += [kernel.audit(), kernel.hart.tlb(), kernel.hart.registers(), hl.instructions(), hl.policies()]
    for table in tables:
        frame = pandas.DataFrame(table)
        assert list(frame.columns) == list(table.dtype.names)
        assert len(frame) == len(table)


def test_memory_mapping_protocol(kernel: hl.Kernel) -> None:
    memory = kernel.memory
    pa = memory.end - 8
    memory[pa : pa + 2] = b"\x12\x34"
    memory[pa + 2] = 0x56
    assert memory[pa] == 0x12
    assert memory.load(pa, 4) & 0xFFFFFF == 0x563412
    assert len(memory) == memory.size
    assert pa in memory
    assert memory.end not in memory
    assert memory.base == hl.KERNBASE
