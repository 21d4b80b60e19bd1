"""``hartlab lab``: labs to be listed, begun, tried and given to students."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_MARKS = {True: "ok", False: "WRONG", None: "not tried"}
_PLATFORMS = (
    *("plain", "nbgrader", "otter", "otter-ok"),
    *("gradescope", "prairielearn", "github-classroom"),
)


def add_to(commands: Any) -> None:
    """Declare the subcommand and its own."""
    parser = commands.add_parser("lab", help="labs: new, list, check, release")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    new = actions.add_parser("new", help="make a folder with a small lab that works, to be changed")
    new.add_argument("folder", type=Path, metavar="FOLDER", help="which must not be there yet")
    new.add_argument("--title", help="the lab's (default: the folder's name)")
    new.set_defaults(handler=_guarded(_new))

    listing = actions.add_parser("list", help="list the labs that come with hartlab, or those of folders")
    listing.add_argument("labs", nargs="*", metavar="LAB", help="names or folders")
    listing.set_defaults(handler=_guarded(_list))

    check = actions.add_parser(
        "check", help="try references, starters and wrong solutions; the exit status is 0 when all is right"
    )
    check.add_argument("labs", nargs="+", metavar="LAB", help="a lab's name, or its folder")
    check.set_defaults(handler=_guarded(_check))

    release = actions.add_parser(
        "release", help="write what students are given: without solutions, without hidden checks"
    )
    release.add_argument("lab", metavar="LAB", help="a lab's name, or its folder")
    release.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to")
    release.add_argument(
        "--for",
        dest="platform",
        default=_PLATFORMS[0],
        choices=_PLATFORMS,
        metavar="PLATFORM",
        help=f"{', '.join(_PLATFORMS)} (default {_PLATFORMS[0]})",
    )
    release.add_argument(
        "--language", default="python", choices=("python", "c"), help="of the notebook (default python)"
    )
    release.set_defaults(handler=_guarded(_release))


def _guarded(handler: Any) -> Any:
    """What is wrong with a lab is a line, and not a traceback."""

    def guarded(arguments: argparse.Namespace) -> int:
        try:
            status: int = handler(arguments)
            return status
        except BrokenPipeError:
            raise
        except (OSError, ValueError, TypeError, KeyError, SyntaxError, ImportError) as error:
            told = f"there is no {error}" if isinstance(error, KeyError) else str(error)
            print(f"hartlab: {told}", file=sys.stderr)
            return 2

    return guarded


def _new(arguments: argparse.Namespace) -> int:
    from hartlab.authoring import start

    folder = start(arguments.folder, arguments.title)
    print(f"{folder} has a small lab, kalloc and kfree. Change it, and try it as you go:")
    print(f"  hartlab lab check {folder}")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    for each in _labs(arguments.labs):
        hidden = sum(check.hidden for check in each.checks)
        checks = f"{len(each.checks)} checks, {hidden} hidden"
        print(f"{each.name:20} {each.points:3} points  {checks:22} {', '.join(each.functions)}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from hartlab.authoring import try_lab

    status = 0
    for each in _labs(arguments.labs):
        print(f"{each.name}: {each.title}, {each.points} points")
        for trial in try_lab(each):
            print(f"  {_MARKS[trial.right]:9}  {trial.what}")
            for line in trial.message.splitlines():
                print(f"{'':13}{line}")
            if trial.right is False:
                status = 1
    return status


def _release(arguments: argparse.Namespace) -> int:
    from hartlab.authoring import release
    from hartlab.labs import lab

    written = release(
        lab(arguments.lab), arguments.out, platform=arguments.platform, language=arguments.language
    )
    for path in written:
        print(path)
    return 0


def _labs(names: Sequence[str]) -> Any:
    from hartlab.labs import lab, labs

    return [lab(name) for name in names or [str(name) for name in labs()["name"]]]
