"""A budget for Python functions: so many lines, then no more.

Uses of ``k`` are metered by the engine; this meters what a function does by itself, such as a loop without
end. Lines are counted, and not time, so that a verdict is the same on every computer.
"""

from __future__ import annotations

import functools
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from .. import words

# As code objects name their files: links on the way are not followed.
_LABS = str(Path(__file__).parent) + os.sep
_LIBRARY = str(Path(os.__file__).parent) + os.sep
_PACKAGE = str(Path(__file__).parent.parent) + os.sep
_HERE = sys._getframe().f_code.co_filename


class OutOfLinesError(BaseException):
    """A function has executed more lines than it may. ``except Exception`` does not catch it."""


class LineMeter:
    """Counts the lines that metered functions execute, all of them together.

    Parameters
    ----------
    limit : int
        How many lines there may be from one `reset` to the next.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self.resets = 0

    def reset(self) -> None:
        """Begin again at nothing."""
        self.used = 0
        self.resets += 1

    def metered(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Give a function that does the same, and counts.

        One that another process performs counts there: it has ``metered_by``, and is told by whom.
        """
        tell = getattr(function, "metered_by", None)
        if tell is not None:
            tell(self)
            return function

        @functools.wraps(function)
        def call(*args: Any) -> Any:
            before = sys.gettrace()
            if before is not None and getattr(before, "__self__", None) is not self:
                return function(*args)  # a debugger, or a measurement of coverage, is at work
            collects = gc.isenabled()
            gc.disable()  # a collection calls finalizers of whatever is garbage, whose lines would count
            sys.settrace(self._enter)
            try:
                return function(*args)
            finally:
                sys.settrace(before)
                if collects:
                    gc.enable()

        return call

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        file = frame.f_code.co_filename
        if event != "call" or _is_ours(file):
            return None
        # What the package has the standard library do is the package's; it does more of it the first time.
        if _is_library(file) and (frame.f_back is None or frame.f_back.f_trace is None):
            return None
        if file == "<string>" and _is_made_by_us(frame):
            return None
        return self._line

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            self.used += 1
            if self.used > self.limit:
                code = frame.f_code
                raise OutOfLinesError(
                    f"{self.limit:,} lines of Python were not enough (a loop without end?)\n"
                    f"  in {code.co_name}, {words.place(code.co_filename, frame.f_lineno)}"
                )
        return self._line


def _is_made_by_us(frame: FrameType) -> bool:
    """Whether code without a file is the package's, such as what makes a NamedTuple: the package calls it.

    A submission that has been made from text is called by what meters it.
    """
    caller = frame.f_back.f_code.co_filename if frame.f_back else ""
    return caller != _HERE and _is_ours(caller)


@functools.cache
def _is_library(file: str) -> bool:
    """Whether code is of Python's standard library."""
    return file.startswith((_LIBRARY, "<frozen "))


@functools.cache
def _is_ours(file: str) -> bool:
    """Whether code is the package's, and not a lab's."""
    return file.startswith(_PACKAGE) and not (file.startswith(_LABS) and os.sep in file[len(_LABS) :])
