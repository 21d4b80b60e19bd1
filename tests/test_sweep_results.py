"""The results file of a sweep: what goes on from it, and what is refused."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hartlab as hl
from hartlab.sweeping import identity

serially = functools.partial(hl.sweep, executor="serial", progress=False)


def noting(log: Path, stop_at: int = -1) -> Callable[..., int]:
    """An experiment that notes where it was, and is interrupted at a point."""

    def experiment(kernel: hl.Kernel, i: int) -> int:
        if i == stop_at and not log.with_suffix(".stopped").exists():
            log.with_suffix(".stopped").touch()
            raise KeyboardInterrupt
        with log.open("a") as file:
            file.write(f"{i}\n")
        if i == 2:
            raise ValueError("two")
        return 10 * i

    return experiment


def test_an_interrupted_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    log, file = tmp_path / "log", tmp_path / "results"
    experiment = noting(log, stop_at=5)
    with pytest.raises(hl.SweepInterrupted, match="5 of 8 points are done") as interrupted:
        serially(experiment, {"i": range(8)}, results=file)
    assert interrupted.value.table["i"].tolist() == [0, 1, 2, 3, 4]
    table = serially(experiment, {"i": range(8)}, results=file)
    assert log.read_text().split() == [str(i) for i in range(8)]  # each once, the failure too
    assert table["error"].tolist() == ["", "", "ValueError: two", *[""] * 5]
    assert str(table.tolist()) == str(serially(noting(log), {"i": range(8)}).tolist())


def test_a_line_that_was_cut_off_is_done_again(tmp_path: Path) -> None:
    log, file = tmp_path / "log", tmp_path / "results"
    experiment = noting(log)
    whole = serially(experiment, {"i": range(4)}, results=file)
    file.write_bytes(file.read_bytes()[:-7])
    assert str(serially(experiment, {"i": range(4)}, results=file).tolist()) == str(whole.tolist())
    assert log.read_text().split() == ["0", "1", "2", "3", "3"]
    assert len(file.read_text().splitlines()) == 5


def test_a_header_that_was_cut_off_is_written_again(tmp_path: Path) -> None:
    file = tmp_path / "results"
    serially(noting(tmp_path / "log"), {"i": [1]}, results=file)
    file.write_bytes(file.read_bytes()[:20])
    assert len(serially(noting(tmp_path / "log"), {"i": [1]}, results=file)) == 1


def test_a_grid_that_has_grown_adds_what_is_new(tmp_path: Path) -> None:
    log, file = tmp_path / "log", tmp_path / "results"
    experiment = noting(log)
    serially(experiment, {"i": [1, 3]}, results=file)
    assert serially(experiment, {"i": [0, 1, 3, 4]}, results=file)["i"].tolist() == [0, 1, 3, 4]
    assert log.read_text().split() == ["1", "3", "0", "4"]


def test_points_that_the_grid_has_no_longer_are_left_out_with_a_warning(tmp_path: Path) -> None:
    experiment, file = noting(tmp_path / "log"), tmp_path / "results"
    serially(experiment, {"i": range(4)}, results=file)
    with pytest.warns(UserWarning, match="has 3 points that the grid has not"):
        assert len(serially(experiment, {"i": [1]}, results=file)) == 1


BEFORE = """
LIMIT = 3
program = None
def helper(x):
    return [x + y for y in range(LIMIT)][-1]
def experiment(kernel, a, step=1):
    return helper(a) + step
def prepare(kernel):
    kernel.spawn(code=b"\\x73" + bytes(3))
"""

# What was edited, and what then is another sweep's.
EDITS: dict[str, tuple[str, str, str]] = {
    "the experiment": ("helper(a) + step", "helper(a) - step", "the code of the experiment"),
    "a default": ("step=1", "step=2", "the code of the experiment"),
    "a function that it calls": ("x + y", "x * y", "the code of the experiment"),
    "a variable that this one uses": ("LIMIT = 3", "LIMIT = 4", "the code of the experiment"),
    "prepare": ("bytes(3)", "bytes(7)", "the code of prepare"),
    "a comment": ("LIMIT = 3", "LIMIT = 3  # a line", ""),
    "a blank line": ("    return helper", "\n\n    return helper", ""),
    "what it does not use": ("program = None", "program = 1", ""),
}


def sweep_of(source: str, file: Path, grid: dict[str, Any] | None = None) -> hl.Table:
    module: dict[str, Any] = {"__name__": "lab"}
    exec(source, module)
    grid = grid or {"a": [1, 2]}
    return serially(module["experiment"], grid, prepare=module["prepare"], results=file)


@pytest.mark.parametrize("what", EDITS)
def test_other_code_is_noticed(what: str, tmp_path: Path) -> None:
    old, new, noticed = EDITS[what]
    file = tmp_path / "results"
    first = sweep_of(BEFORE, file)
    written = file.read_bytes()
    edited = BEFORE.replace(old, new)
    assert edited != BEFORE
    if noticed:
        with pytest.raises(ValueError, match=f"belongs to another sweep: {noticed}"):
            sweep_of(edited, file)
    else:
        assert sweep_of(edited, file).tolist() == first.tolist()
    assert file.read_bytes() == written


def test_other_parameters_and_another_version_are_noticed(tmp_path: Path) -> None:
    file = tmp_path / "results"
    sweep_of(BEFORE, file)
    with pytest.raises(ValueError, match="the grid's parameters was a, and is a, step"):
        sweep_of(BEFORE, file, {"a": [1], "step": [1]})
    header, *rest = file.read_text().splitlines()
    other = json.dumps(json.loads(header) | {"the version of hartlab": "0.0.1"})
    file.write_text("\n".join([other, *rest, ""]))
    with pytest.raises(ValueError, match=r"the version of hartlab was 0\.0\.1, and is"):
        sweep_of(BEFORE, file)


FOREIGN = {
    "text": (b"my thesis\n", "not a results file"),
    "text without an end": (b"my thesis", "not a results file"),
    "JSON": (b'{"a": 1}\n', "not a results file"),
    "bytes": (bytes(range(128, 256)) + b"\n", "not a results file"),
    "a list": (b"[1, 2]\n", "not a results file"),
    "a later format": (b'{"hartlab sweep": 2}\n', "written by a later hartlab"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_file_that_is_not_a_sweeps_is_refused_and_left_alone(what: str, tmp_path: Path) -> None:
    contents, message = FOREIGN[what]
    file = tmp_path / "results"
    file.write_bytes(contents)
    with pytest.raises(ValueError, match=message):
        sweep_of(BEFORE, file)
    assert file.read_bytes() == contents


@pytest.mark.parametrize(
    "line", ["{}", "[]", '{"point": {"a": 1}}', '{"point": 3, "values": {}}', "nonsense"]
)
def test_a_spoilt_line_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "results"
    sweep_of(BEFORE, file)
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(ValueError, match="results:4 is not a result of"):
        sweep_of(BEFORE, file)


SAME = [
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
    ({"a": 1}, {"a": 1.0}, False),
    ({"a": 1}, {"a": True}, False),
    ({"a": "1"}, {"a": 1}, False),
    ({"a": (1, 2)}, {"a": [1, 2]}, True),
    ({"tlb": hl.TlbGeometry(4, 2)}, {"tlb": hl.TlbGeometry(4, 2, "lru")}, True),
    ({"tlb": hl.TlbGeometry(4, 2)}, {"tlb": hl.TlbGeometry(4, 2, "fifo")}, False),
    ({"a": b"x"}, {"a": b"y"}, False),
    ({"a": None}, {"a": "None"}, False),
]


@pytest.mark.parametrize(("one", "other", "same"), SAME)
def test_points_are_the_same_when_their_values_are(one: Any, other: Any, same: bool) -> None:
    assert (identity.key(one) == identity.key(other)) is same
