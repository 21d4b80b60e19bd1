"""Trying a lab on its own solutions: the references earn everything, wrong ones fail where they should."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import CompileError
from ..labs import Lab
from ..labs.lab import Wrong
from ..labs.report import Report
from ..toolchain import find_compilers

_NO_COMPILER = "no C compiler for RISC-V on this computer"
_SHOWN = 3  # failures
_SEEDS = (0, 1, "ada")  # random numbers of three students


@dataclass(frozen=True)
class Trial:
    """What came of trying one thing.

    Attributes
    ----------
    what : str
        What was tried, in words.
    right : bool or None
        Whether it came out as it should; None when it could not be tried.
    message : str
        What is wrong with the lab.
    """

    what: str
    right: bool | None
    message: str = ""


def try_lab(lab: Lab) -> Iterator[Trial]:
    """Try everything that a lab promises.

    Parameters
    ----------
    lab : Lab
        The lab.

    Yields
    ------
    Trial
        For both references, both starters, the engine's own functions, and each wrong solution.
    """
    compiler = bool(find_compilers())
    for suffix in ("py", "c"):
        reference, starter = (lab.folder / f"{kind}.{suffix}" for kind in ("reference", "starter"))
        if suffix == "c" and not compiler:
            yield Trial("the reference and the starter in C", None, _NO_COMPILER)
            continue
        yield _reference(lab, reference)
        yield _starter(lab, starter)
    yield _native(lab)
    yield _untried(lab)
    for wrong in lab.wrong():
        if wrong.path.suffix == ".c" and not compiler:
            yield Trial(f"wrong/{wrong.path.name}", None, _NO_COMPILER)
        else:
            yield _wrong(lab, wrong)


def _reference(lab: Lab, path: Path) -> Trial:
    what = f"{path.name} earns every point"
    for seed in _SEEDS:
        report, error = _checked(lab, path, seed=seed)
        if report is None:
            return Trial(what, False, error)
        if not report.passed:
            return Trial(what, False, f"with seed {seed!r}:\n{_failures(report)}")
    return Trial(what, True)


def _starter(lab: Lab, path: Path) -> Trial:
    what = f"{path.name} can be used, and does not pass"
    report, error = _checked(lab, path)
    if report is None:
        return Trial(what, False, error)
    return Trial(what, not report.passed, "it passes: there is nothing to do" if report.passed else "")


def _native(lab: Lab) -> Trial:
    what = "the engine's own functions earn every point"
    report, error = _checked(lab, None, **{name: _engine_s(name) for name in lab.functions})
    if report is None:
        return Trial(what, False, error)
    return Trial(what, report.passed, _failures(report))


def _engine_s(name: str) -> Any:
    def call(k: Any, *given: int) -> Any:
        return getattr(k._engine, f"native_{name}")(*given)  # past what a lab lets a solution see

    return call


def _untried(lab: Lab) -> Trial:
    tried = {name for check in lab.checks for name in check.of}
    missing = [name for name in lab.functions if name not in tried]
    message = f"no check tries {', '.join(missing)}" if missing else ""
    return Trial("every function is tried by a check", not missing, message)


def _wrong(lab: Lab, wrong: Wrong) -> Trial:
    what = f"wrong/{wrong.path.name} fails {wrong.fails!r} and no other"
    if wrong.fails not in [check.name for check in lab.checks]:
        return Trial(what, False, "there is no such check")
    report, error = _checked(lab, wrong.path)
    if report is None:
        return Trial(what, False, error)
    failed = [each.name for each in report.failed]
    if failed != [wrong.fails]:
        return Trial(what, False, _failures(report) or "it fails none")
    if wrong.says not in report[wrong.fails].message:
        return Trial(what, False, f"it should say {wrong.says!r} and says:\n{report[wrong.fails].message}")
    return Trial(what, True)


def _checked(lab: Lab, given: Path | None, **options: Any) -> tuple[Report | None, str]:
    try:
        return lab.check(given, **options), ""
    except (CompileError, OSError, ValueError) as error:
        return None, str(error)


def _failures(report: Report) -> str:
    listed = [repr(each) for each in report if not each.passed and each.status != "not written"]
    more = [f"and {len(listed) - _SHOWN} more"] if len(listed) > _SHOWN else []
    return "\n".join(listed[:_SHOWN] + more)
