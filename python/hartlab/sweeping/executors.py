"""Giving tasks to whoever shall do them: this thread, processes of this computer, or any executor.

Processes are loky's: they begin without the caller's memory and threads, so that a notebook can start them,
and it is noticed when they die.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any, Protocol, Self, TypeVar

_IDLE = 60  # seconds that a process waits for the next sweep


class Divisible(Protocol):
    """A task, or several that are given to a worker together."""

    def __hash__(self) -> int: ...
    def divided(self) -> list[Self]:
        """The tasks that it is made of."""


Task = TypeVar("Task", bound=Divisible)
Result = TypeVar("Result")
Results = Generator[tuple[Task, Result], None, None]


def _raise(task: Any) -> Any:
    raise BrokenExecutor("a task has killed its process, twice")


def each_done(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    executor: Any,
    died: Callable[[Task], Result] = _raise,
) -> Results[Task, Result]:
    """Yield tasks with their results as they are done; closing the iterator cancels the others.

    `died` is the result of a task that kills its process, when the processes are this module's own.
    """
    if executor is None:
        return _in_processes(function, tasks, died)
    if executor == "serial":
        return ((task, function(task)) for task in tasks)
    if hasattr(executor, "get_executor"):  # a Client of dask.distributed
        return _on_dask(executor, function, tasks)
    if isinstance(executor, Executor):
        return _on(executor, function, tasks, _cancel)
    raise TypeError(
        f"executor={executor!r} must be None (processes of this computer), 'serial', an executor of "
        "concurrent.futures or one like them, or a Client of dask.distributed"
    )


def _on(
    executor: Executor,
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    stop: Callable[[Iterable[Future[Result]]], None],
) -> Results[Task, Result]:
    futures = {executor.submit(function, task): task for task in tasks}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenExecutor:
        raise
    except BaseException:
        stop(futures)
        raise


def _on_dask(client: Any, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Results[Task, Result]:
    """By dask's own futures: those of its executor mistake a result whose worker dies at that moment."""
    import distributed

    futures = {client.submit(function, task, pure=False): task for task in tasks}
    try:
        for future in distributed.as_completed(futures):  # type: ignore[no-untyped-call]
            yield futures[future], future.result()
    except BaseException:
        client.cancel(list(futures))
        raise


def _cancel(futures: Iterable[Future[Any]]) -> None:
    for future in futures:
        future.cancel()


def _kill(pool: Any, futures: Iterable[Future[Any]]) -> None:
    pool.shutdown(kill_workers=True)


def _in_processes(
    function: Callable[[Task], Result], tasks: Iterable[Task], died: Callable[[Task], Result]
) -> Results[Task, Result]:
    """A death ends the whole pool. The tasks that may have been the cause are then done one by one."""
    from loky import cpu_count

    suspected = 3 * cpu_count() + 1  # those that are executed, and those that loky has sent to the processes
    waiting = dict.fromkeys(tasks)
    while waiting:
        pool = _processes()
        try:
            for task, result in _on(pool, function, waiting, partial(_kill, pool)):
                del waiting[task]
                yield task, result
        except BrokenExecutor:
            for task in list(islice(waiting, suspected)):
                del waiting[task]
                yield from ((part, _alone(function, part, died)) for part in task.divided())


def _alone(function: Callable[[Task], Result], task: Task, died: Callable[[Task], Result]) -> Result:
    for _ in range(2):  # the first time it may have been killed for another's sake
        with suppress(BrokenExecutor):
            result: Result = _processes().submit(function, task).result()
            return result
    return died(task)


def _processes() -> Any:
    from loky import get_reusable_executor

    return get_reusable_executor(timeout=_IDLE, initializer=_leave_interrupts_to_the_caller)


def _leave_interrupts_to_the_caller() -> None:
    """Ctrl-C in a terminal goes to all of its processes; the caller's is enough, and ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
