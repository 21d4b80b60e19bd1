"""Running checks: each on a kernel of its own, so that what one breaks harms no other."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..errors import KernelPanic, PageFault
from ..kernel import Kernel
from .budgets import Budget
from .checks import Check
from .expect import CheckFailed, sound
from .first_difference import FirstDifference, Watched
from .metering import LineMeter, OutOfLinesError
from .parts import Parts
from .report import Result
from .submission import Submission


class Runner:
    """Tries a submission.

    Parameters
    ----------
    submission : Submission
        What was handed in.
    options : mapping
        Of the lab's kernels.
    meter : LineMeter
        Of the lines that Python code may execute in one check.
    instructions : int
        How many C code may execute in one call from the kernel.
    seed : int or str
        What the checks' random numbers depend on.
    """

    def __init__(
        self,
        submission: Submission,
        options: Mapping[str, Any],
        meter: LineMeter,
        instructions: int,
        seed: int | str,
    ) -> None:
        self._submission = submission
        self._options = options
        self._instructions = instructions
        self._meter = meter
        self._seed = seed
        self._bases: dict[str, Kernel] = {}

    def compile(self, checks: Sequence[Check]) -> None:
        """Put the submission in place for the first time, so that what the compiler says is heard at once.

        Raises
        ------
        CompileError
            When it refuses the source.
        """
        with suppress(KernelPanic):  # which is a result, of each check
            self._kernel(checks[0])

    def run(self, checks: Sequence[Check]) -> list[Result]:
        """Run the checks, each unless something is missing for it."""
        results: dict[str, Result] = {}
        for check in checks:
            results[check.name] = self.result(check, results)
        return list(results.values())

    def result(self, check: Check, before: Mapping[str, Result]) -> Result:
        """Run one check, after others."""
        try:
            kernel = self._kernel(check)
        except KernelPanic as panic:  # it was put in place and boot, or the like, did not survive
            return _failed(check, panic, None, Parts(check.name, check.parts))
        missing = [name for name in check.of if name not in self._submission.functions]
        if missing:
            verb = "was" if len(missing) == 1 else "were"
            return Result(
                check.name, "not written", 0, check.points, f"{', '.join(missing)} {verb} not handed in"
            )
        wanting = [name for name in check.needs if name in before and not before[name].passed]
        if wanting:
            return Result(check.name, "not run", 0, check.points, f"it needs: {', '.join(wanting)}")
        return self._run(check, kernel)

    def first_difference(self, check: Check) -> FirstDifference | None:
        """Find the first call in a check that does not come to what the engine's own comes to.

        None when there is no such call, as when a check fails by a budget, or the submission cannot be put in
        place.
        """
        try:
            watched = Watched(self._kernel(check))
        except KernelPanic:
            return None
        self._run(check, watched.kernel)
        return watched.found

    def _run(self, check: Check, kernel: Kernel) -> Result:
        self._meter.reset()
        parts, budget = Parts(check.name, check.parts), Budget(kernel, self._meter)
        kept = 0  # what its parts have earned is lost if the check fails as a whole
        try:
            given = {"kernel": kernel, "part": parts, "budget": budget}
            made = {name: given.get(name) or self._made(name, check, kernel) for name in check.fixtures}
            with budget("the check", **check.budget):
                try:
                    check.function(**made)
                    parts.finish()
                except BaseException:
                    kept = parts.earned
                    raise
            if check.audit and not kernel.panicked:
                sound(kernel)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit too: whatever a submission does, it is a result
            return _failed(check, error, kernel, parts, kept)
        return Result(check.name, "passed", check.points, check.points, kernel=kernel)

    def _made(self, name: str, check: Check, kernel: Kernel) -> Any:
        if name == "native":
            twin = kernel.clone()
            twin.restore_native()
            return twin
        return random.Random(f"{self._seed}: {check.name}")

    def _kernel(self, check: Check) -> Kernel:
        """A kernel with the functions that the check tries, and no others."""
        options = {**self._options, **check.kernel}
        key = repr(sorted(options.items()))
        if key not in self._bases:
            base = Kernel(**options)
            self._submission.put(base, self._meter, self._instructions)
            self._bases[key] = base
        kernel = self._bases[key].clone()
        for name in kernel.replaced:
            if name not in check.of:
                kernel.restore_native(name)
        return kernel


def _failed(
    check: Check, error: BaseException, kernel: Kernel | None, parts: Parts, points: int = 0
) -> Result:
    explain = next(told for kind, told in _EXPLAINED if isinstance(error, kind))
    message, look = explain(error)
    return Result(check.name, "failed", points, check.points, parts.told(message), look, kernel, error)


def _of_check(error: Any) -> tuple[str, dict[str, int | str]]:
    return error.message, error.look


def _of_panic(error: Any) -> tuple[str, dict[str, int | str]]:
    look: dict[str, int | str] = {"pid": error.pid} if error.pid else {}
    return "\n  ".join([str(error), *getattr(error, "__notes__", [])]), look


def _of_fault(error: Any) -> tuple[str, dict[str, int | str]]:
    return str(error), {"va": error.address}


def _of_other(error: Any) -> tuple[str, dict[str, int | str]]:
    return f"the check could not go on: {type(error).__name__}: {error}", {}


_EXPLAINED: tuple[tuple[type[BaseException], Callable[[Any], tuple[str, dict[str, int | str]]]], ...] = (
    (CheckFailed, _of_check),
    (KernelPanic, _of_panic),
    (PageFault, _of_fault),
    (OutOfLinesError, lambda error: (str(error), {})),
    (BaseException, _of_other),
)
