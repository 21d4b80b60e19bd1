"""Grading one submission: it is compiled and played in jails, and judged here."""

from __future__ import annotations

import functools
from contextlib import ExitStack
from pathlib import Path

from ..c_code import NoRoomError
from ..errors import CompileError
from ..labs import Lab, Report, SubmissionError, lab
from ..labs.submission import Submission
from .compiling import jailed_compilers
from .evidence import evidence_of
from .intake import Handed
from .outcome import Outcome
from .referee import Referee, RemoteFunction
from .staging import staged
from .task import Graded, Task


@functools.lru_cache(maxsize=8)
def _lab(name: str, version: str) -> Lab:
    """A lab, read again when its files are others."""
    return lab(name)


def graded(task: Task, held: str) -> Graded:
    """Grade a submission, at that level of isolation. Whatever it does, what comes is an outcome."""
    given = _lab(task.lab, task.version)
    name, seed = task.name, task.own_seed

    def without_verdict(message: str, status: str) -> Graded:
        about = {"submission": name, "status": status, "isolation": held}
        return Graded(Outcome.without_verdict(message, given, seed=seed, **about))

    if task.handed is None:
        return without_verdict(task.refusal, "refused")
    try:
        return _judged(given, task, task.handed, held)
    except (SubmissionError, CompileError, NoRoomError) as refusal:
        return without_verdict(str(refusal), "refused")
    except Exception as error:  # of the grader: not a verdict, and tried again the next time
        return without_verdict(f"the grader failed: {type(error).__name__}: {error}", "error")


def _judged(given: Lab, task: Task, handed: Handed, level: str) -> Graded:
    with ExitStack() as using:
        runner = given.runner(_submission(given, handed, level, using), seed=task.own_seed)
        report = Report(given.title, runner.run(given.checks))
        evidence, files = evidence_of(report, runner, given, task.name) if task.pictures else ({}, {})
    about = {"submission": task.name, "seed": task.own_seed, "isolation": level}
    return Graded(Outcome.of(report, given, evidence=evidence, **about), files)


def _submission(given: Lab, handed: Handed, level: str, using: ExitStack) -> Submission:
    """What was handed in, with a player for Python and a jail for compilers while it is in use."""
    python: dict[str, RemoteFunction] = {}
    if handed.python:
        referee = using.enter_context(Referee(handed.python, level, given.functions, given.lines))
        python = referee.functions()
    units: list[list[Path]] = []
    if handed.c:
        folder, units = staged(handed)
        using.enter_context(jailed_compilers(level, [folder]))
    if not python and not units:
        raise SubmissionError(f"none of the lab's functions is in it: {', '.join(given.functions)}")
    return Submission(python, units)
