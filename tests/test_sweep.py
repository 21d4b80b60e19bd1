"""hl.sweep: which kernels the points get, what becomes of what they return, and of what goes wrong."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hartlab as hl

GRID = {"sbrk": ["eager", "lazy"], "pages": [1, 8]}
serially = functools.partial(hl.sweep, executor="serial", progress=False)


def left_after_sbrk(kernel: hl.Kernel, pages: int) -> int:
    kernel.process(1).sbrk(pages * hl.PGSIZE)
    return kernel.free_pages


def test_a_row_for_each_combination_in_the_order_of_the_grid() -> None:
    table = serially(left_after_sbrk, GRID)
    assert table.dtype.names == ("sbrk", "pages", "result", "error")
    assert table[["sbrk", "pages"]].tolist() == [("eager", 1), ("eager", 8), ("lazy", 1), ("lazy", 8)]
    eager, lazy = table["result"][:2], table["result"][2:]
    assert eager[0] - eager[1] == 7
    assert lazy[0] == lazy[1]
    assert (table["error"] == "").all()


def test_points_may_be_listed_and_are_rows_in_that_order() -> None:
    whole = serially(left_after_sbrk, GRID)
    listed = [dict(zip(GRID, row, strict=True)) for row in whole[list(GRID)].tolist()]
    assert serially(left_after_sbrk, reversed(listed)).tolist() == whole[::-1].tolist()


def test_the_kernels_parameters_make_the_kernel_and_are_handed_on_when_asked_for() -> None:
    grid = {"memory": ["2MiB", 4 << 20], "fork": ["cow"], "tlb": [hl.TlbGeometry(sets=4, ways=1)], "n": [5]}

    def only(kernel: hl.Kernel, n: int) -> dict[str, Any]:
        return {
            "size": kernel.memory.size,
            "cow": kernel.policies["fork"],
            "sets": kernel.hart.tlb.geometry.sets,
        }

    def also(kernel: hl.Kernel, n: int, fork: str) -> str:
        return fork

    def everything(kernel: hl.Kernel, **point: Any) -> str:
        return " ".join(sorted(point))

    assert serially(only, grid)[["size", "cow", "sets"]].tolist() == [
        (2 << 20, "cow", 4),
        (4 << 20, "cow", 4),
    ]
    assert serially(also, grid)["result"].tolist() == ["cow", "cow"]
    assert serially(everything, grid)["result"].tolist() == ["fork memory n tlb"] * 2


def test_every_point_begins_where_prepare_left_the_kernel() -> None:
    def prepare(kernel: hl.Kernel) -> None:
        kernel.spawn(code=hl.asm("loop: j loop"))
        kernel.replace("kalloc", lambda k: k.native.kalloc() if k.myproc() else 0)

    def ruin(kernel: hl.Kernel, run: int) -> dict[str, int]:
        before = kernel.free_pages
        pid = kernel.process(2).fork().pid
        kernel.memory.write(kernel.end, bytes(1 << 20))
        return {"before": before, "pid": pid, "replaced": len(kernel.replaced)}

    table = serially(ruin, {"run": range(3)}, prepare=prepare)
    assert table["error"].tolist() == [""] * 3
    assert len(set(table["before"])) == 1
    assert table["pid"].tolist() == [3] * 3
    assert table["replaced"].tolist() == [1] * 3


def test_prepare_is_called_once_for_each_configuration(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def prepare(kernel: hl.Kernel) -> None:
        with log.open("a") as file:
            file.write(kernel.policies["sbrk"] + "\n")

    serially(left_after_sbrk, GRID, prepare=prepare)
    assert log.read_text() == "eager\nlazy\n"


def no_return(kernel: hl.Kernel, x: int) -> None:
    kernel.run(0)


FAILURES: dict[str, tuple[Callable[..., Any], str]] = {
    "an exception": (lambda kernel, x: 1 // x, "ZeroDivisionError: integer division or modulo by zero"),
    "a panic": (lambda kernel, x: kernel.call("kfree", 12), "KernelPanic: panic: kfree"),
    "an exit": (lambda kernel, x: exit(3), "SystemExit: 3"),
    "no return": (
        no_return,
        "TypeError: the experiment returned None (is a return missing?) as 'result'; it must be",
    ),
    "an object": (
        lambda kernel, x: {"k": kernel},
        "TypeError: the experiment returned a Kernel as 'k'; it must be",
    ),
    "no columns": (lambda kernel, x: {}, "TypeError: the experiment returned an empty dict"),
    "a key": (lambda kernel, x: {1: 2}, "TypeError: the experiment returned a dict with the key 1"),
    "a taken name": (
        lambda kernel, x: {"x": 2},
        "ValueError: the experiment returned 'x', which the table has",
    ),
    "objects in a list": (
        lambda kernel, x: [kernel],
        "TypeError: the experiment returned a list as 'result'",
    ),
}


@pytest.mark.parametrize("why", FAILURES)
def test_a_failure_is_data_with_its_message(why: str) -> None:
    experiment, message = FAILURES[why]
    (row,) = serially(experiment, {"x": [0]})
    assert str(row["error"]).startswith(message)


def test_a_failing_prepare_or_configuration_fails_its_points_alone() -> None:
    def prepare(kernel: hl.Kernel) -> None:
        if kernel.policies["fork"] == "cow":
            raise ValueError("no cow here")

    table = serially(left_after_sbrk, {"fork": ["copy", "cow", "cwo"], "pages": [1, 2]}, prepare=prepare)
    assert table["error"][:2].tolist() == ["", ""]
    assert table["error"][2:4].tolist() == ["ValueError: no cow here"] * 2
    assert table["error"][4:].tolist() == ["ValueError: fork='cwo' is none of 'copy', 'cow'"] * 2
    assert np.isnan(table["result"][2:]).all()


COLUMNS: dict[str, tuple[list[Any], str, list[Any]]] = {
    "int": ([1, -2], "<i8", [1, -2]),
    "large": ([1, 1 << 63], "<u8", [1, 1 << 63]),
    "huge": ([-1, 1 << 63], "O", [-1, 1 << 63]),
    "float": ([0.5, 2], "<f8", [0.5, 2.0]),
    "infinite": ([float("inf"), np.float32(0.5)], "<f8", [float("inf"), 0.5]),
    "bool": ([True, np.bool_(False)], "?", [True, False]),
    "text": (["page", "ü\n"], "<U4", ["page", "ü\n"]),
    "mixed": (["a", 1], "O", ["a", 1]),
    "scalar of NumPy": ([np.uint16(7), np.array(8)], "<i8", [7, 8]),
    "int and failure": ([3, None], "<f8", [3.0, "nan"]),
    "text and failure": (["a", None], "<U1", ["a", ""]),
    "large and failure": ([(1 << 60) + 1, None], "O", [(1 << 60) + 1, None]),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_columns_dtype_follows_from_its_values(kind: str, tmp_path: Path) -> None:
    values, dtype, expected = COLUMNS[kind]

    def experiment(kernel: hl.Kernel, i: int) -> Any:
        return values[i]

    for _ in range(2):  # computed, and read from the file
        column = serially(experiment, {"i": [0, 1]}, results=tmp_path / "r")["result"]
        assert column.dtype == np.dtype(dtype)
        assert ["nan" if value != value else value for value in column.tolist()] == expected


def test_arrays_are_cells_and_keep_dtype_and_shape(tmp_path: Path) -> None:
    def experiment(kernel: hl.Kernel, n: int) -> dict[str, Any]:
        return {"table": kernel.processes(), "list": [n] * n, "matrix": np.full((2, 2), n, np.int16)}

    for _ in range(2):
        table = serially(experiment, {"n": [2, 3]}, results=tmp_path / "r")
        assert table["table"][0]["pid"].tolist() == [1]
        assert [cell.tolist() for cell in table["list"]] == [[2, 2], [3, 3, 3]]
        assert np.stack(table["matrix"]).shape == (2, 2, 2)
        assert table["matrix"][1].dtype == np.int16
        assert "int16[2, 2]" in repr(table)


def test_columns_are_joined_and_what_a_point_has_not_is_absent() -> None:
    def experiment(kernel: hl.Kernel, i: int) -> dict[str, Any]:
        return {"a": i} if i else {"a": i, "b": 1.5}

    table = serially(experiment, {"i": [1, 0]})
    assert table.dtype.names == ("i", "a", "b", "error")
    assert np.isnan(table["b"][0])
    assert table["b"][1] == 1.5


def test_the_table_shows_parameters_in_words_and_errors_when_there_are_some() -> None:
    program = hl.cc("int main() { return 0; }", name="quiet")
    grid = {"tlb": [hl.TlbGeometry(16, 2), {"sets": 4}], "program": [program], "name": [None]}
    table = serially(lambda kernel, program, name: 0, grid)
    assert table["tlb"].tolist() == ["16 x 2 lru", "sets 4"]
    assert table["program"].tolist() == ["quiet", "quiet"]
    assert "columns not shown: error" in repr(table)
    failed = serially(lambda kernel, value: 1 / value, {"value": [0, 1e-9]})
    assert repr(failed).splitlines()[1].split() == [
        "0",
        "nan",
        "ZeroDivisionError:",
        "division",
        "by",
        "zero",
    ]
    assert "1e-09" in repr(failed)


WRONG: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "a single value": (
        lambda: serially(left_after_sbrk, {"pages": 3}),
        TypeError,
        r"must be a list of values: \[3\]",
    ),
    "a text": (lambda: serially(left_after_sbrk, {"sbrk": "lazy"}), TypeError, r"\['lazy'\]"),
    "no values": (
        lambda: serially(left_after_sbrk, {"pages": []}),
        ValueError,
        r"grid\['pages'\] has no values",
    ),
    "no points": (lambda: serially(left_after_sbrk, []), ValueError, "no points"),
    "no grid": (lambda: serially(left_after_sbrk, 7), TypeError, "grid=7 must be a dict"),
    "other names": (
        lambda: serially(left_after_sbrk, [{"pages": 1}, {"page": 1}]),
        ValueError,
        r"grid\[1\] has the parameters page; those before it have pages",
    ),
    "twice": (lambda: serially(left_after_sbrk, {"pages": [1, 2, 1]}), ValueError, '{"pages":1} is twice'),
    "an object": (lambda: serially(left_after_sbrk, {"pages": [print]}), TypeError, "must be a number, text"),
    "misspelt": (
        lambda: serially(left_after_sbrk, {"pages": [1], "sbrkk": ["lazy"]}),
        TypeError,
        "names sbrkk: a parameter neither of left_after_sbrk nor of hartlab.Kernel",
    ),
    "missing": (
        lambda: serially(left_after_sbrk, {"sbrk": ["lazy"]}),
        TypeError,
        "needs pages, which the grid",
    ),
    "the kernel": (
        lambda: serially(left_after_sbrk, {"kernel": [1]}),
        ValueError,
        "parameter for the kernel",
    ),
    "no parameter": (lambda: serially(lambda: 1, {"x": [1]}), TypeError, "must take the kernel as its first"),
    "no function": (lambda: serially(3, {"x": [1]}), TypeError, "experiment=3 must be a function"),
    "no executor": (
        lambda: hl.sweep(left_after_sbrk, {"pages": [1]}, executor=4),
        TypeError,
        "executor=4 must be",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_call_is_an_error_that_says_what_would_be_right(what: str) -> None:
    call, kind, message = WRONG[what]
    with pytest.raises(kind, match=message):
        call()


def test_a_program_survives_pickling() -> None:
    program = hl.cc("int main() { return 3; }", name="three")
    again = pickle.loads(pickle.dumps(program))
    assert again == program
    assert again.source == program.source
    assert hl.Kernel().spawn(again).pid == 2
