"""The outcomes are the same whoever grades, whoever dies grading, and however often it is begun again."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("landlockpy", reason="needs the extra grade, and Linux")

from compilers import needs_compiler
from hartlab.grading import grade
from hartlab.grading.jail.levels import LEVELS
from hartlab.labs import lab

COW = lab("copy-on-write")


def submissions(folder: Path, copies: int = 1) -> list[Path]:
    """Right, wrong and broken ones, in both languages where there is a compiler."""
    for number in range(copies):
        for path in (COW.folder / "reference.py", *(COW.folder / "wrong").glob("*.py")):
            (folder / f"{path.stem}_{number}.py").write_text(path.read_text("utf-8"))
        (folder / f"exits_{number}.py").write_text("import os\nos._exit(0)\n")
    return sorted(folder.glob("*.py"))


def outcomes(handed: list[Path], executor: Any, **options: Any) -> list[str]:
    return [each.to_json() for each in grade(COW.name, handed, executor=executor, **options)]


@contextmanager
def processes() -> Iterator[None]:
    yield None


@contextmanager
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as pool:
        yield pool


@contextmanager
def spawned() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize("executor", [processes, threads, spawned], ids=lambda each: each.__name__)
def test_outcomes_are_the_same_on_every_executor(executor: Any, tmp_path: Path) -> None:
    handed = submissions(tmp_path)
    with executor() as given:
        assert outcomes(handed, given) == outcomes(handed, "serial")


@pytest.mark.filterwarnings("default")  # dask's own
def test_outcomes_are_the_same_on_dask_whose_workers_are_killed_halfway(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="needs the extra cluster")
    handed = submissions(tmp_path, copies=2)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = list(client.run(os.getpid).values())
        killer = threading.Timer(0.8, os.kill, (pids[0], signal.SIGKILL))
        killer.start()
        found = outcomes(handed, client)
        killer.join()
        assert pids[0] not in client.run(os.getpid, on_error="ignore").values()  # it may be dying still
    assert found == outcomes(handed, None)


@needs_compiler
def test_c_is_the_same_cold_warm_and_at_every_level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = [COW.folder / "reference.c", *sorted((COW.folder / "wrong").glob("*.c"))]
    monkeypatch.setenv("HARTLAB_CACHE", str(tmp_path))
    cold = grade(COW.name, handed, executor="serial")
    warm = grade(COW.name, handed, executor="serial")
    assert [each.to_json() for each in warm] == [each.to_json() for each in cold]
    for level in LEVELS:
        held = grade(COW.name, handed, executor="serial", isolation=level)
        assert [each.results for each in held] == [each.results for each in cold]


def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """Killed in the middle, as by a power cut; and once more by Ctrl-C."""
    handed, out = submissions(tmp_path, copies=2), tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "hartlab",
        "grade",
        COW.name,
        *map(str, handed),
        "--out",
        str(out),
        "--jobs",
        "2",
    ]
    counts = [0]
    for number in (signal.SIGKILL, signal.SIGINT):
        with subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True) as running:
            while _count(out) < counts[-1] + 3:
                assert running.poll() is None, running.stderr
                time.sleep(0.01)
            os.killpg(running.pid, number)
            said = running.communicate(timeout=60)[1]
        counts.append(_count(out))
        kept = {path.name: path.stat().st_mtime_ns for path in (out / "outcomes").glob("*.json")}
    assert "interrupted; the same command goes on" in said
    assert 3 <= counts[1] < counts[2] < len(handed)
    last = outcomes(handed, None, out=out)
    assert last == outcomes(handed, "serial")
    done = (out / "done.jsonl").read_text().splitlines()
    names = [Path(name).stem for name in kept]
    same = [
        name
        for name in names
        if (out / "outcomes" / f"{name}.json").stat().st_mtime_ns == kept[f"{name}.json"]
    ]
    assert len(same) >= counts[2]
    assert len(done) >= len(handed)


def _count(out: Path) -> int:
    file = out / "done.jsonl"
    return len(file.read_text().splitlines()) if file.exists() else 0
