"""A referee that hangs or dies costs one submission its verdict, and nobody anything else."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from textwrap import indent

import pytest

pytest.importorskip("landlockpy", reason="needs the extra grade, and Linux")

from hartlab.authoring import start
from hartlab.grading import Outcome, grade, referees
from hartlab.grading.intake import Handed, Piece
from hartlab.grading.jail.limits import PLAYER
from hartlab.grading.time_limit import seconds_for
from hartlab.labs import Lab, lab

# What a check might do when something is in its way that nobody has thought of, by what kalloc gives it.
HANGS = {
    "waits_for_ever": "threading.Event().wait()",
    "waits_and_lets_no_other_thread": "ctypes.PyDLL(None).pause()",
    "computes_for_ever": "[None for _ in itertools.count()]",
    "is_stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
}
CHECK = """
import ctypes, itertools, os, signal, threading
from hartlab.labs import check

def trouble(page):
{trouble}

@check("trouble", points=1, of="kalloc", audit=False)
def checked(kernel):
    page = kernel.call("kalloc")
    if page < 4096:
        trouble(page)
"""
HONEST = "def kalloc(k):\n    return 0x80100000\n"
TROUBLE = "def kalloc(k):\n    return 0\n"


def a_lab(folder: Path, trouble: str, seconds: int = 60) -> Lab:
    """One whose only check runs into trouble when kalloc gives it a small number."""
    made = start(folder / "lab")
    (made / "checks.py").write_text(CHECK.format(trouble=indent(trouble, "    ")))
    settings = (made / "lab.toml").read_text().replace("points = 10", "points = 1")
    (made / "lab.toml").write_text(f"{settings}\n[budget]\nseconds = {seconds}\n")
    return lab(made)


def graded(given: Lab, folder: Path, **texts: str) -> list[Outcome]:
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    return list(grade(given.folder, [folder / f"{name}.py" for name in texts], executor=2, progress=False))


def test_a_referee_that_hangs_is_ended_and_gives_no_verdict(tmp_path: Path) -> None:
    trouble = "\n".join(f"if page == {number}: {each}" for number, each in enumerate(HANGS.values()))
    given = a_lab(tmp_path, trouble, seconds=1)
    hanging = {name: f"def kalloc(k):\n    return {number}\n" for number, name in enumerate(HANGS)}
    found = graded(given, tmp_path, ada=HONEST, **hanging, zoe=HONEST)
    verdicts = {each.submission: (each.status, each.points) for each in found}
    assert verdicts == {"ada": ("graded", 1), **dict.fromkeys(HANGS, ("error", 0)), "zoe": ("graded", 1)}
    assert "gave up after 1 s" in found[1].message
    assert "not held against the submission; grade it by hand" in found[1].message


def test_a_referee_that_dies_is_given_a_second_try(tmp_path: Path) -> None:
    given = a_lab(tmp_path, "os._exit(3)")
    found = graded(given, tmp_path, ada=HONEST, bob=TROUBLE)
    assert [each.status for each in found] == ["graded", "error"]
    assert "the grader's process died, twice" in found[1].message
    once = tmp_path / "once"
    dies_once = (
        f"if not os.path.exists({str(once)!r}):\n    open({str(once)!r}, 'w').close()\n    os._exit(3)"
    )
    given = a_lab(tmp_path / "other", dies_once)
    assert [each.points for each in graded(given, tmp_path, bob=TROUBLE)] == [1]


def test_a_lab_that_has_changed_is_read_again(tmp_path: Path) -> None:
    given = a_lab(tmp_path, "raise ValueError('as it was')")
    assert "as it was" in graded(given, tmp_path, bob=TROUBLE)[0].results[0].message
    checks = given.folder / "checks.py"
    checks.write_text(checks.read_text().replace("as it was", "as it is"))
    assert "as it is" in graded(given, tmp_path, bob=TROUBLE)[0].results[0].message


def test_what_is_ended_by_the_caller_is_tried_no_more(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    given = a_lab(tmp_path, f"open({str(begun)!r}, 'w').close()\nwhile True:\n    pass")
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(graded, given, tmp_path, bob=TROUBLE)
        while not begun.exists():
            time.sleep(0.01)
        referees.end_referees()
        with pytest.raises(CancelledError):
            waiting.result(timeout=60)


def test_a_process_that_ends_leaves_no_referee(tmp_path: Path) -> None:
    """Not even when it is killed: a referee sees that nobody is there any more."""
    (tmp_path / "ada.py").write_text(HONEST)
    given = a_lab(tmp_path, "pass")
    program = (
        "import os, signal\nfrom pathlib import Path\nfrom hartlab.grading import grade\n"
        f"grade({str(given.folder)!r}, [{str(tmp_path / 'ada.py')!r}], executor=1, isolation='limits')\n"
        "children = [int(child) for task in Path('/proc/self/task').iterdir()\n"
        "            for child in (task / 'children').read_text().split()]\n"
        "print(*children, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    left = [int(pid) for pid in said.stdout.split()]
    assert left, said.stderr
    until = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in left):
        assert time.monotonic() < until, "it waits for a task still"
        time.sleep(0.01)


def test_the_time_follows_from_the_budgets(tmp_path: Path) -> None:
    given = a_lab(tmp_path, "pass")
    assert seconds_for(given, None) == 60, "as lab.toml says"
    cow = lab("copy-on-write")
    nothing = Handed((), (), ())
    assert seconds_for(cow, nothing) == 50 * len(cow.checks)
    cow.instructions *= 3
    assert seconds_for(cow, nothing) == 150 * len(cow.checks)
    python = Handed((Piece("a.py", ""),))
    assert seconds_for(cow, python) - seconds_for(cow, nothing) >= 10 * PLAYER.cpu
