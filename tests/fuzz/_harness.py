"""What the fuzzers share: a loop over numbered cases in a child process, and a parent that watches it.

Each case has a random generator of its own, made from the seed and the case's number, so that any one of
them can be repeated: ``NAME.py --seed S --case N``. The parent sees a crash, an exception that nobody allowed
and an operation that takes too long, says how to repeat it, and goes on behind it until the time is up.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import gc
import mmap
import os
import random
import signal
import struct
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for oracles and the helpers of other tests

HANG = 20.0  # processor seconds that one operation may take, under sanitizers and at work on gigabytes
STUCK = 240.0  # seconds of the clock, for one that waits and does not compute
MOST_FINDINGS = 8
KEPT = 14  # operations shown of a case that went wrong

_progress = mmap.mmap(-1, 24)  # number of the case, operations so far, cases that are done


class FindingError(AssertionError):
    """Something that must not be."""


class Case:
    """One case: its random numbers and a record of what it did."""

    def __init__(self, number: int, seed: int, verbose: bool) -> None:
        self.number = number
        self.rng = random.Random(f"{seed}:{number}")
        self.counts: Counter[str] = Counter()
        self._log: list[str] = []
        self._verbose = verbose

    def note(self, *what: object) -> None:
        """Begin an operation: the watchdog counts from here, and a finding shows it."""
        text = " ".join(map(str, what))[:600]
        self._log.append(text)
        del self._log[:-KEPT]
        if self._verbose:
            print(f"  {text}", flush=True)
        _write(1, _read(1) + 1)

    def attempt(
        self, what: str, allowed: tuple[type[BaseException], ...], call: Callable[[], object]
    ) -> object:
        """Do an operation that may raise what is allowed; the result, or the exception."""
        self.note(what)
        try:
            result = call()
        except allowed as error:
            self.counts[type(error).__name__] += 1
            return error
        self.counts["returned"] += 1
        return result

    def check(self, holds: object, message: object) -> None:
        if not holds:
            raise FindingError(str(message))

    def story(self) -> str:
        return "\n".join(f"    {line}" for line in self._log)


def main(name: str, run_case: Callable[[Case], None]) -> None:
    """Fuzz for a time; exits with 1 when something was found."""
    parser = argparse.ArgumentParser(description=f"The fuzzer {name}.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="only this case, with all that it does")
    parser.add_argument("--first", type=int, default=0, help="the case to begin with")
    parser.add_argument("--findings", type=int, default=MOST_FINDINGS, help="stop after so many")
    options = parser.parse_args()
    if options.case is not None:
        faulthandler.enable()
        _one(run_case, options.case, options.seed, verbose=True)
        print("nothing found")
        return

    start, number, findings = time.monotonic(), options.first, 0
    totals: Counter[str] = Counter()
    while (left := options.seconds - (time.monotonic() - start)) > 0 and findings < options.findings:
        why, counts = _supervise(run_case, number, options.seed, left)
        totals += counts
        number = _read(0) + 1
        if why is None:
            break
        findings += 1
        print(
            f"FINDING by {name}: {why}\n"
            f"  repeat with: tests/fuzz/{name}.py --seed {options.seed} --case {_read(0)}",
            flush=True,
        )
    told = ", ".join(f"{count:,} {what}" for what, count in totals.most_common(12))
    print(
        f"{name}: seed {options.seed}, {time.monotonic() - start:.0f} s, {_read(2):,} cases, "
        f"{findings} findings ({told})",
        flush=True,
    )
    sys.exit(1 if findings else 0)


def _one(run_case: Callable[[Case], None], number: int, seed: int, verbose: bool = False) -> Case:
    case = Case(number, seed, verbose)
    try:
        run_case(case)
    except Exception:
        print(f"{traceback.format_exc()}  what case {number} did last:\n{case.story()}", flush=True)
        raise
    return case


def _supervise(
    run_case: Callable[[Case], None], first: int, seed: int, seconds: float
) -> tuple[str | None, Counter[str]]:
    """Run cases in a child until the time is up. What ended it early, or None."""
    ours, theirs = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        _child(run_case, first, seed, seconds, theirs)
    os.close(theirs)
    why = _watch(pid)
    with os.fdopen(ours) as pipe:
        counts = Counter({k: int(v) for k, v in (line.rsplit(" ", 1) for line in pipe.read().splitlines())})
    return why, counts


def _child(run_case: Callable[[Case], None], first: int, seed: int, seconds: float, pipe: int) -> None:
    faulthandler.register(signal.SIGUSR1, all_threads=True, file=sys.stdout)
    end, totals, number, status = time.monotonic() + seconds, Counter[str](), first, 0
    while time.monotonic() < end and status == 0:
        _write(0, number)
        try:
            totals += _one(run_case, number, seed).counts
            _write(2, _read(2) + 1)
        except Exception:
            status = 3
        number += 1
        gc.collect()  # machines are big, and the collector counts objects
    with os.fdopen(pipe, "w") as out:
        out.writelines(f"{what} {count}\n" for what, count in totals.items())
    os._exit(status)


def _watch(pid: int) -> str | None:
    operation, cpu, clock = -1, 0.0, time.monotonic()
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            if code == 0:
                return None
            return "an exception that is not allowed" if code == 3 else f"a crash, exit status {code}"
        time.sleep(0.05)
        if _read(1) != operation:
            operation, cpu, clock = _read(1), _cpu_seconds(pid), time.monotonic()
        elif _cpu_seconds(pid) - cpu > HANG or time.monotonic() - clock > STUCK:
            _show_stacks(pid)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return f"an operation that has not ended after {HANG:.0f} seconds"


def _show_stacks(pid: int) -> None:
    """Where the child is, in Python and, if there is a debugger, in C++."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGUSR1)
        time.sleep(2)
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        quiet = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
        subprocess.run(["gdb", "-p", str(pid), "-batch", "-ex", "bt 25"], timeout=60, check=False, env=quiet,
                       stderr=subprocess.DEVNULL)  # fmt: skip


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0.0  # no /proc here: only the clock counts


def _read(index: int) -> int:
    value: int = struct.unpack_from("<q", _progress, 8 * index)[0]
    return value


def _write(index: int, value: int) -> None:
    struct.pack_into("<q", _progress, 8 * index, value)
