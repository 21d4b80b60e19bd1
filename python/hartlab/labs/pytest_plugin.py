"""``pytest LABFOLDER --submission FILE``: each check of a lab as a test, with pytest's own reporting.

pytest loads it through its entry point wherever hartlab is installed; it is idle unless a lab is asked for. A
check that needs another one is skipped when that has failed; ``-k`` chooses by a check's name and by the
functions that it tries, ``-m hidden`` and ``-m visible`` by who may see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..errors import CompileError, CompilerNotFoundError
from .checks import Check
from .lab import Lab
from .report import Result
from .running import Runner

_STATE = pytest.StashKey[list[tuple[str, Result]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("hartlab", "labs of hartlab")
    group.addoption("--submission", metavar="FILE", help="the .py or .c file that a lab's checks try")
    group.addoption("--lab-seed", default="0", help="what the checks' random numbers depend on (default 0)")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    config.addinivalue_line("markers", "visible: a check of a lab that students are given")
    config.addinivalue_line("markers", "hidden: a check of a lab that students are not given")
    config.stash[_STATE] = []


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a lab by its lab.toml when there is something to try its checks on."""
    if file_path.name == "lab.toml" and parent.config.getoption("--submission"):
        collected: pytest.Collector = _LabFile.from_parent(parent, path=file_path)
        return collected
    return None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how many points were earned."""
    for title in dict.fromkeys(title for title, _ in config.stash[_STATE]):
        results = [result for lab, result in config.stash[_STATE] if lab == title]
        earned, most = sum(each.points for each in results), sum(each.max_points for each in results)
        terminalreporter.write_line(f"{title}: {earned} of {most} points")


class _LabFile(pytest.File):
    """A lab: its checks, and the submission that they share."""

    def collect(self) -> Iterator[pytest.Item]:
        try:
            lab = Lab(self.path.parent)
            runner = lab.runner(
                self.config.getoption("--submission"), seed=self.config.getoption("--lab-seed")
            )
            runner.compile(lab.checks)
        except (CompileError, CompilerNotFoundError, OSError, ValueError) as error:
            raise self.CollectError(str(error)) from error
        before: dict[str, Result] = {}
        for check in lab.checks:
            yield _CheckItem.from_parent(
                self, name=check.name, check=check, title=lab.title, runner=runner, before=before
            )


class _CheckItem(pytest.Item):
    """A check."""

    def __init__(
        self, *, check: Check, title: str, runner: Runner, before: dict[str, Result], **rest: Any
    ) -> None:
        super().__init__(**rest)
        self._check, self._title, self._runner, self._before = check, title, runner, before
        self.extra_keyword_matches.update(check.of)
        self.add_marker("hidden" if check.hidden else "visible")

    def runtest(self) -> None:
        result = self._runner.result(self._check, self._before)
        self._before[self._check.name] = result
        self.config.stash[_STATE].append((self._title, result))
        self.user_properties += [("points", result.points), ("max_points", result.max_points)]
        if result.status == "not run":
            pytest.skip(result.message)
        if not result.passed:
            raise _NotPassed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, _NotPassed):
            return repr(excinfo.value.result)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        code = self._check.function.__code__
        return Path(code.co_filename), code.co_firstlineno - 1, self._check.name


class _NotPassed(Exception):  # noqa: N818 - it is no mistake of anybody's
    def __init__(self, result: Result) -> None:
        super().__init__(result.message)
        self.result = result
