"""The table of a sweep is the same whoever does the work, and whoever dies doing it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import hartlab as hl

GRID = {"sbrk": ["lazy", "eager"], "pages": range(12)}
LOOP = hl.asm("li a0, 0\nloop: addi a0, a0, 1\nbnez a0, loop")


def experiment_of(die_at: int = -1, once: Path | None = None) -> Callable[..., dict[str, int]]:
    """An experiment, and the point at which it kills its own process: the first time, or every time."""

    def experiment(kernel: hl.Kernel, pages: int) -> dict[str, int]:
        if pages == die_at and not (once and once.exists()):
            if once:
                once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if pages == 5:
            raise ValueError("five")
        process = kernel.spawn(code=LOOP)
        process.sbrk(pages * hl.PGSIZE)
        return {"free": kernel.free_pages, "instructions": kernel.run(1000 + pages).instructions}

    return experiment


def the_table() -> list[Any]:
    return hl.sweep(experiment_of(), GRID, executor="serial").tolist()


@contextmanager
def spawned_processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@contextmanager
def dask_client() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed", reason="needs the extra cluster")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@contextmanager
def default() -> Iterator[None]:
    yield None


EXECUTORS = {"processes": default, "threads": lambda: ThreadPoolExecutor(3), "spawned": spawned_processes}


@pytest.mark.parametrize("name", EXECUTORS)
def test_the_table_is_the_same_on_every_executor(name: str) -> None:
    with EXECUTORS[name]() as executor:
        assert str(hl.sweep(experiment_of(), GRID, executor=executor).tolist()) == str(the_table())


def test_a_process_that_is_killed_once_is_replaced(tmp_path: Path) -> None:
    table = hl.sweep(experiment_of(7, tmp_path / "died"), GRID)
    assert (tmp_path / "died").exists()
    assert str(table.tolist()) == str(the_table())


def test_a_point_that_always_kills_its_process_fails_and_costs_no_other() -> None:
    table = hl.sweep(experiment_of(7), GRID)
    killed = table["pages"] == 7
    assert (
        table["error"][killed] == "its process died, twice: killed for want of memory, or by what it executed"
    ).all()
    assert str(table[~killed].tolist()) == str([row for row in the_table() if row[1] != 7])


@pytest.mark.filterwarnings("default")  # dask's own
def test_the_table_is_the_same_on_dask_whose_workers_are_killed_halfway(tmp_path: Path) -> None:
    with dask_client() as client:
        from_inside = hl.sweep(experiment_of(7, tmp_path / "died"), GRID, executor=client)
        pids = list(client.run(os.getpid).values())

        def slowly(kernel: hl.Kernel, i: int) -> int:
            time.sleep(0.05)
            return i * kernel.free_pages

        killer = threading.Timer(0.4, os.kill, (pids[0], signal.SIGKILL))
        killer.start()
        from_outside = hl.sweep(slowly, {"i": range(40)}, executor=client)
        killer.join()
        assert pids[0] not in client.run(os.getpid).values()
    assert str(from_inside.tolist()) == str(the_table())
    assert from_outside["result"].tolist() == [i * hl.Kernel().free_pages for i in range(40)]


SCRIPT = """
import sys, time
import hartlab as hl

def slowly(kernel, i):
    time.sleep(0.05)
    return i

try:
    table = hl.sweep(slowly, {"i": range(60)}, results=sys.argv[1], executor=eval(sys.argv[2]))
    print(len(table))
except hl.SweepInterrupted as interrupted:
    table = interrupted.table
    print("interrupted", len(table), table["result"].tolist() == table["i"].tolist())
"""


@pytest.mark.parametrize("executor", ["None", "'serial'"])
def test_ctrl_c_keeps_what_is_done_and_the_same_call_goes_on(executor: str, tmp_path: Path) -> None:
    script, file = tmp_path / "script.py", tmp_path / "results"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(file), executor]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, start_new_session=True, **pipes) as first:  # type: ignore[call-overload]
        while not file.exists() or len(file.read_text().splitlines()) < 5:
            assert first.poll() is None, first.stderr.read()
            time.sleep(0.02)
        os.killpg(first.pid, signal.SIGINT)  # as a terminal does
        said, complaints = first.communicate(timeout=30)
    what, rows, right = said.split()
    assert (what, right, complaints) == ("interrupted", "True", "")
    done = file.read_text().splitlines()[1:]
    assert 4 <= int(rows) == len(done) < 60
    second = subprocess.run(command, capture_output=True, text=True, check=True)
    assert second.stdout == "60\n"
    assert file.read_text().splitlines()[1 : 1 + len(done)] == done
    assert len(file.read_text().splitlines()) == 61
