"""hartlab.sweep: an experiment at every point of a grid."""

from __future__ import annotations

import importlib.util
import os
import platform
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from ..errors import SweepInterrupted
from ..kernel import Kernel
from ..progress import bar
from ..table import Table
from . import identity
from .columns import table_of
from .executors import each_done
from .grid import Point, passed_names, points_of
from .results_file import ResultsFile
from .worker import Job, Outcome, run_points

_TASKS = 200  # that a sweep is divided into; each has one point at least and _LONGEST at most
_LONGEST = 50


def sweep(
    experiment: Callable[..., Any],
    grid: Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]],
    *,
    prepare: Callable[[Kernel], Any] | None = None,
    executor: Any = None,
    results: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Table:
    """Run an experiment at every point of a grid, each on a kernel of its own.

    ``experiment(kernel, **point)`` is a plain function. A name of the grid that is a parameter of
    `hartlab.Kernel`, such as ``tlb``, ``sbrk`` or ``memory``, says what kernel that is; it is handed to the
    experiment only if the experiment has a parameter of that name, or ``**``. Every other name is a parameter
    of the experiment.

    Each worker boots a kernel once for each configuration, hands it to `prepare`, and clones it for each
    point. What one point does to its kernel no other one sees, and the table is the same whatever the
    executor, the number of workers and the order in which they finish, as long as the experiment depends on
    nothing but its arguments.

    Parameters
    ----------
    experiment : callable
        Returns a number, bool, text or array, which becomes the column ``result``, or a dict of them by
        column.
    grid : mapping of str to iterables, or iterable of mappings
        Values by name, of which all combinations are taken, the last name changing fastest; or the points
        themselves. A value is a number, text, bool, None, bytes, an array, a TlbGeometry, a Program, or a
        list or dict of these.
    prepare : callable, optional
        Brings a kernel to where its points begin: registers files, spawns a program, replaces functions.
    executor : optional
        Who does the work. Processes of this computer by default, one for each core; ``"serial"``: this
        thread; any executor in the manner of ``concurrent.futures``; a ``Client`` of dask.distributed. An
        executor is not shut down.
    results : path, optional
        A file of results. What is in it is not done again; what is done is written to it at once. A failure
        counts as done.
    progress : bool
        Whether to show a bar, in a notebook or a terminal, when it takes longer than a second.

    Returns
    -------
    Table
        A row for each point, in the grid's order: a column for each parameter and for what the experiment
        returned, and ``error``. That is empty; or the exception and its message, when the experiment, prepare
        or the kernel's configuration failed; or says that the point killed its process. A value that is
        missing is not a number, or empty text; arrays are objects in their column.

    Raises
    ------
    TypeError
        When names of the grid and parameters of the experiment do not go together, or a value cannot be
        described.
    ValueError
        When a point is twice in the grid, or the file belongs to another sweep: other parameters, or other
        code of the experiment or of what it uses.
    SweepInterrupted
        At Ctrl-C. Its `table` has the points that were done, and so has the file.
    ImportError
        When loky or cloudpickle is missing, which the extra `sweep` brings.

    Examples
    --------
    >>> import hartlab as hl
    >>> def pages_taken(kernel, pages):
    ...     before = kernel.free_pages
    ...     kernel.process(1).sbrk(pages * hl.PGSIZE)
    ...     return before - kernel.free_pages
    >>> grid = {"sbrk": ["eager", "lazy"], "pages": [10, 20]}
    >>> hl.sweep(pages_taken, grid, executor="serial")
    sbrk   pages  result
    eager     10      10
    eager     20      20
    lazy      10       0
    lazy      20       0
    (columns not shown: error)
    """
    _check_installed()
    points = points_of(grid)
    job = Job(experiment, prepare, passed_names(experiment, points[0]))
    done = _Done(points, _open(results, job, list(points[0])))
    import cloudpickle

    pickled = cloudpickle.dumps(job)
    tasks = _tasks(pickled, points, done.missing())
    with bar("points", len(points), done=len(done), on=progress) as shown:
        try:
            with closing(each_done(_run, tasks, executor, _died)) as finished:
                for task, outcomes in finished:
                    done.add(task.numbers, outcomes)
                    shown.update(len(outcomes))
        except KeyboardInterrupt:
            raise SweepInterrupted(len(done), len(points), done.table()) from None
    return done.table()


@dataclass(frozen=True, eq=False)
class _Task:
    """Some of the points, for one worker."""

    job: bytes
    numbers: tuple[int, ...]
    points: tuple[Point, ...]

    def divided(self) -> list[_Task]:
        return [_Task(self.job, (n,), (p,)) for n, p in zip(self.numbers, self.points, strict=True)]


def _tasks(job: bytes, points: Sequence[Point], numbers: Sequence[int]) -> Iterator[_Task]:
    length = min(max(len(numbers) // _TASKS, 1), _LONGEST)
    for i in range(0, len(numbers), length):
        some = tuple(numbers[i : i + length])
        yield _Task(job, some, tuple(points[n] for n in some))


def _run(task: _Task) -> list[Outcome]:
    return run_points(task.job, task.points)


def _died(task: _Task) -> list[Outcome]:
    why = "its process died, twice: killed for want of memory, or by what it executed"
    return [Outcome(error=why) for _ in task.points]


class _Done:
    """The outcomes that there are, by number of their point, and the file that they go to."""

    def __init__(self, points: list[Point], file: ResultsFile | None) -> None:
        self._points = points
        self._file = file
        known = file.done if file else {}
        keys = [identity.key(point) for point in points]
        self._outcomes = {n: known[key] for n, key in enumerate(keys) if key in known}
        if len(self._outcomes) < len(known):
            others = len(known) - len(self._outcomes)
            warnings.warn(
                f"the results file has {others} points that the grid has not; the table leaves them out",
                stacklevel=3,
            )

    def __len__(self) -> int:
        return len(self._outcomes)

    def missing(self) -> list[int]:
        return [n for n in range(len(self._points)) if n not in self._outcomes]

    def add(self, numbers: Sequence[int], outcomes: list[Outcome]) -> None:
        self._outcomes.update(zip(numbers, outcomes, strict=True))
        if self._file:
            self._file.add(zip((self._points[n] for n in numbers), outcomes, strict=True))

    def table(self) -> Table:
        numbers = sorted(self._outcomes)
        return table_of([self._points[n] for n in numbers], [self._outcomes[n] for n in numbers])


def _open(path: str | os.PathLike[str] | None, job: Job, names: list[str]) -> ResultsFile | None:
    if path is None:
        return None
    import hartlab

    return ResultsFile(
        path,
        {
            "the version of hartlab": hartlab.__version__,
            "the version of Python": platform.python_version().rpartition(".")[0],
            "the grid's parameters": ", ".join(sorted(names)),
            "the code of the experiment and of what it uses": identity.fingerprint(job.experiment),
            "the code of prepare and of what it uses": identity.fingerprint(job.prepare),
        },
    )


def _check_installed() -> None:
    missing = [name for name in ("cloudpickle", "loky") if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(f'hartlab.sweep needs {", ".join(missing)}: pip install "hartlab[sweep]"')
