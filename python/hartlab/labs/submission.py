"""What is handed in: kernel functions, in Python or in C, however they come."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..c_code import CCode
from ..kernel import Kernel
from ..seam import SeamKernel
from .lab_kernel import LabKernel
from .metering import LineMeter, OutOfLinesError


class SubmissionError(ValueError):
    """What was handed in cannot be used: it cannot be loaded, or has none of the lab's functions."""


class Submission:
    """Functions to put in the place of a kernel's.

    Parameters
    ----------
    python : mapping
        Python functions by name.
    c : sequence
        Pieces of C, as `Kernel.replace_c` takes them; the later ones prevail.

    Attributes
    ----------
    functions : tuple of str
        Those that it has; of the C ones when they have been compiled, by `put`.
    """

    def __init__(self, python: Mapping[str, Callable[..., Any]], c: Sequence[Any] = ()) -> None:
        self._python = dict(python)
        self._c = list(c)
        self.functions: tuple[str, ...] = tuple(python)

    def put(self, kernel: Kernel, meter: LineMeter, max_instructions: int) -> None:
        """Put all of it in place."""
        for piece in self._c:
            code = kernel.replace_c(piece, max_instructions=max_instructions)
            self.functions = tuple(dict.fromkeys((*self.functions, *code.functions)))
        for name, function in self._python.items():
            kernel.replace(name, _without_native(meter.metered(function)))


def _without_native(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(k: SeamKernel, *words: int) -> Any:
        return function(LabKernel(k._engine), *words)

    return call


Given = Submission | str | os.PathLike[str] | Kernel | None


def submission_of(
    given: Given, functions: Mapping[str, Callable[..., Any]], wanted: Collection[str], meter: LineMeter
) -> Submission:
    """Make a submission of what `Lab.check` was given; it may have more functions than are wanted."""
    for name, function in functions.items():
        if name not in wanted:
            raise SubmissionError(f"{name} is no function of this lab: it has {', '.join(wanted)}")
        if not callable(function):
            raise TypeError(f"{name}={function!r} is not callable")
    if isinstance(given, Submission):
        return given
    python, c = _taken_apart(given, meter)
    python = {name: function for name, function in python.items() if name in wanted} | dict(functions)
    if not python and not c:
        raise SubmissionError(f"none of the lab's functions was handed in: it has {', '.join(wanted)}")
    return Submission(python, c)


def _taken_apart(given: Given, meter: LineMeter) -> tuple[dict[str, Callable[..., Any]], list[Any]]:
    """Python functions by name, and pieces of C."""
    if given is None:
        return {}, []
    if isinstance(given, Kernel):
        replaced = given.replaced
        codes = {each._number: each for each in replaced.values() if isinstance(each, CCode)}
        python = {name: each for name, each in replaced.items() if not isinstance(each, CCode)}
        # The oldest first. The text, and not the code: that is linked for the other kernel's size.
        return python, [list(codes[number].program.sources.values()) for number in sorted(codes)]
    if not isinstance(given, str | os.PathLike):
        raise TypeError(
            f"submission={given!r} must be C source, the path of a .c or .py file, or a Kernel on which "
            "functions have been replaced"
        )
    if not _is_source(given) and Path(given).suffix == ".py":
        return load_python(Path(given), meter), []
    return {}, [given]


def _is_source(given: object) -> bool:
    """C rather than the name of a file, as `hartlab.cc` decides it."""
    return isinstance(given, str) and ("\n" in given or "{" in given)


def load_python(path: Path, meter: LineMeter) -> dict[str, Callable[..., Any]]:
    """Execute a file, within the budget, and give the functions that it defines."""
    try:
        source = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileNotFoundError(f"no file {str(path)!r}") from None
    names: dict[str, Any] = {"__name__": path.stem, "__file__": str(path)}
    try:
        code = compile(source, str(path), "exec")
        meter.metered(exec)(code, names)
    except (Exception, SystemExit, OutOfLinesError) as error:
        raise SubmissionError(f"{path.name} cannot be loaded: {type(error).__name__}: {error}") from error
    return {name: value for name, value in names.items() if callable(value)}
