"""Grading many submissions: whoever does the work, the outcomes are the same, and none is done twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from .. import arguments
from ..labs import Lab, SubmissionError, lab
from ..labs.lab import FOLDER as SHIPPED
from ..progress import bar
from ..sweeping.executors import each_done
from .grader import graded
from .grades import Grades
from .intake import Handed, read
from .isolating import isolation_of
from .lab_version import version_of
from .referees import end_referees, graded_apart
from .results_folder import ResultsFolder
from .task import Graded, Task
from .time_limit import seconds_for

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def grade(
    lab_name: str | os.PathLike[str],
    submissions: Paths,
    *,
    out: str | os.PathLike[str] | None = None,
    seed: int | str = 0,
    executor: Any = None,
    isolation: str = "namespaces",
    require_isolation: str = "limits",
    pictures: bool = False,
    progress: bool = True,
) -> Grades:
    """Grade submissions, none of which is trusted.

    Student Python is executed by a process of its own in a jail, the compiler works in one too, and student C
    runs on the simulated hart alone. The checks and the verdict stay in the grader's processes. The how-to on
    grading has it all in order, and what each level of isolation holds off.

    Parameters
    ----------
    lab_name : str or path
        As `hartlab.lab` takes it.
    submissions : path or iterable of paths
        Notebooks, ``.py`` and ``.c`` files, zip archives, folders: each one submission, named as its file
        without the suffix.
    out : path, optional
        A folder for the outcomes, in hartlab's own format and in those of platforms. Those that are there
        already, of the same submission, lab and seed, are not made again.
    seed : int or str
        What the checks' random numbers depend on, with the submission's name: each student has others.
    executor : optional
        Who does the work: by default one process for each core, or as many as the integer says; an executor
        in the manner of ``concurrent.futures`` or a ``Client`` of dask.distributed, whose workers each have a
        process for it; or ``"serial"``: this very process, which nothing ends then if it hangs.
    isolation : str
        The strongest level to use: ``"limits"``, ``"landlock"`` or ``"namespaces"``.
    require_isolation : str
        The weakest level that will do.
    pictures : bool
        Whether to draw what went wrong, and to keep the kernel before the first call that differs from the
        engine's own, for the report: of the first checks that failed. It takes some 0.3 s for each.
    progress : bool
        Whether to show a bar.

    Returns
    -------
    Grades
        An outcome for each submission, in their order.

    Raises
    ------
    ValueError
        When there is no such lab, two submissions have the same name, or none was given.
    FileNotFoundError
        When a submission is not there.
    IsolationError
        When this computer does not reach `require_isolation`.

    Examples
    --------
    >>> import hartlab as hl
    >>> from hartlab.grading import grade
    >>> cow = hl.lab("copy-on-write")
    >>> grades = grade("copy-on-write", [cow.folder / "starter.c"], executor="serial")
    >>> grades[0].points, grades[0].max_points
    (0, 20)
    """
    given = lab(lab_name)
    level = isolation_of(isolation, require_isolation).level
    number = seed if isinstance(seed, str) else arguments.integer("seed", seed)
    about = (number, isolation, require_isolation, pictures, version_of(given))
    where = given.name if given.folder.parent == SHIPPED else os.fspath(given.folder)
    tasks = [
        Task(name, where, handed, refusal, *about, seconds_for(given, handed))
        for name, path in _named(submissions)
        for handed, refusal in [_read(path, given)]
    ]
    folder = ResultsFolder(out, given) if out is not None else None
    done = {task.name: found for task in tasks if folder and (found := folder.find(task)) is not None}
    missing = [task for task in tasks if task.name not in done]
    with (
        bar("submissions", len(tasks), done=len(done), on=progress) as shown,
        _workers(executor, level) as (work, workers),
        closing(each_done(work, missing, workers)) as finished,
    ):
        for task, came in finished:
            done[task.name] = came.outcome
            if folder:
                folder.add(task, came)
            shown.update(1)
    grades = Grades([done[task.name] for task in tasks])
    if folder:
        folder.write_formats(grades)
    return grades


@contextmanager
def _workers(executor: Any, level: str) -> Iterator[tuple[Callable[[Task], Graded], Any]]:
    """What grades one, and who has it graded: threads by default, each of which has a process for it."""
    if executor == "serial":
        yield partial(graded, held=level), executor
    elif executor is None or (isinstance(executor, int) and not isinstance(executor, bool)):
        with ThreadPoolExecutor(_count(executor)) as threads:
            try:
                yield graded_apart, threads
            except BaseException:
                end_referees()  # whose verdicts the threads wait for
                raise
    else:
        yield graded_apart, executor


def _count(processes: int | None) -> int:
    if processes is not None:
        return arguments.integer("executor", processes, 1)
    from loky import cpu_count

    found: int = cpu_count()
    return found


def _named(submissions: Paths) -> list[tuple[str, Path]]:
    """Submissions by name: the file's without its suffix; with it where two are the same; or a folder's."""
    given = [submissions] if isinstance(submissions, str | os.PathLike) else submissions
    try:
        paths = [Path(each) for each in given]
    except TypeError:
        raise TypeError(f"submissions={submissions!r} must be a path, or paths") from None
    if not paths:
        raise ValueError("no submissions were given")
    for path in paths:
        if not os.path.lexists(path):
            raise FileNotFoundError(f"no file or folder {str(path)!r}")
    stems = [_stem(path) for path in paths]
    names = [path.name if stems.count(stem) > 1 else stem for path, stem in zip(paths, stems, strict=True)]
    if len(set(names)) < len(names):
        names = _folders_apart(paths) or names
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two submissions are named {name!r}: rename one, or grade them apart")
    return list(zip(names, paths, strict=True))


def _folders_apart(paths: list[Path]) -> list[str] | None:
    """The folders that tell paths apart, where all lie as deep, such as ``submitted/ada/lab/lab.ipynb``."""
    parts = [path.resolve().parts[::-1] for path in paths]
    if len({len(each) for each in parts}) > 1:
        return None
    for level in zip(*parts, strict=True):
        if len(set(level)) == len(level):
            return list(level)
    return None


def _stem(path: Path) -> str:
    return path.resolve().name if path.name in ("", "..") else path.name if path.is_dir() else path.stem


def _read(path: Path, given: Lab) -> tuple[Handed | None, str]:
    """What was handed in, or why it cannot be read."""
    try:
        return read(path, given.functions), ""
    except SubmissionError as refusal:
        return None, str(refusal)
