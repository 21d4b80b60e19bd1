"""``hartlab grade``: submissions judged, none of them trusted."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from hartlab.arguments import integer

_LEVELS = ("limits", "landlock", "namespaces")


def add_to(commands: Any) -> None:
    """Declare the subcommand."""
    parser = commands.add_parser(
        "grade",
        help="grade submissions, none of which is trusted",
        description="Grade submissions: student code runs in jails, and the verdict is made outside.",
    )
    parser.add_argument("lab", metavar="LAB", help="a lab's name, or its folder")
    parser.add_argument(
        "submissions",
        nargs="+",
        type=Path,
        metavar="SUBMISSION",
        help="a notebook, a .py or .c file, a zip archive or a folder: one submission each",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="outcomes; the same command goes on there"
    )
    parser.add_argument("--seed", default="0", help="what the checks' random numbers depend on (default 0)")
    parser.add_argument(
        "--isolation",
        default=_LEVELS[-1],
        choices=_LEVELS,
        help="the strongest to use (default the strongest)",
    )
    parser.add_argument(
        "--require-isolation",
        default=_LEVELS[0],
        choices=_LEVELS,
        metavar="LEVEL",
        help="refuse to grade with a weaker one: limits (default), landlock or namespaces",
    )
    parser.add_argument(
        "--pictures", action="store_true", help="draw what went wrong, and keep the kernel as it was before"
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="processes (default one for each core)")
    parser.add_argument("--cluster", metavar="ADDRESS", help="a scheduler of dask.distributed to use instead")
    parser.set_defaults(handler=grade)


def grade(arguments: argparse.Namespace) -> int:
    """Grade, and return the exit status: 0 when every submission has a verdict, whatever it is."""
    try:
        return _grade(arguments)
    except KeyboardInterrupt:
        print(f"hartlab: interrupted; the same command goes on from {arguments.out}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        raise
    except (ValueError, OSError, RuntimeError, ImportError) as error:
        print(f"hartlab: {error}", file=sys.stderr)
        return 2


def _grade(arguments: argparse.Namespace) -> int:
    from contextlib import ExitStack

    from hartlab import grading
    from hartlab.grading.isolating import isolation_of

    print(isolation_of(arguments.isolation, arguments.require_isolation), file=sys.stderr)
    started = time.monotonic()
    with ExitStack() as using:
        grades = grading.grade(
            arguments.lab,
            arguments.submissions,
            out=arguments.out,
            seed=arguments.seed,
            executor=_executor(arguments, using),
            isolation=arguments.isolation,
            require_isolation=arguments.require_isolation,
            pictures=arguments.pictures,
        )
    for row in grades.table:
        message = f"  {row['message']}" if row["message"] else ""
        print(f"{row['points']:>4} of {row['of']}  {row['status']:8}  {row['submission']}{message}")
    failed = sum(each.status == "error" for each in grades)
    took = time.monotonic() - started
    print(f"{len(grades)} submissions in {took:.1f} s; outcomes in {arguments.out}", file=sys.stderr)
    if failed:
        print(f"hartlab: {failed} without a verdict; the same command tries them again", file=sys.stderr)
    return 1 if failed else 0


def _executor(arguments: argparse.Namespace, using: Any) -> Any:
    if arguments.cluster:
        from distributed import Client

        return using.enter_context(Client(arguments.cluster))  # type: ignore[no-untyped-call]
    return None if arguments.jobs is None else integer("--jobs", arguments.jobs, 1)
