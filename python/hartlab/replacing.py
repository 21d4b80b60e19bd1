"""Replacing functions of the kernel: a part of Kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType, TracebackType
from typing import Any, Self, TypeVar, overload

from .functions import declarations, known
from .history import History
from .seam import Performer

F = TypeVar("F", bound=Callable[..., Any])


class Replaced:
    """A function that has been replaced. At the end of a ``with`` block it is again what it was before.

    Attributes
    ----------
    name : str
        The function.
    """

    def __init__(self, kernel: Replacing, name: str, before: Any) -> None:
        self._kernel = kernel
        self.name = name
        self._before = before

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._before is None:
            self._kernel.restore_native(self.name)
        else:
            self._kernel._put(self.name, self._before)

    def __repr__(self) -> str:
        return f"<Replaced: {declarations()[self.name]}>"


class Replacing:
    """The base of Kernel that replaces functions."""

    _engine: Any
    _history: History
    _performers: dict[str, Performer]

    @overload
    def replace(self, function: str) -> Callable[[F], F]: ...
    @overload
    def replace(self, function: str, python: Callable[..., Any]) -> Replaced: ...
    def replace(self, function: str, python: Callable[..., Any] | None = None) -> Any:
        """Put a Python function in the place of a function of the kernel.

        From then on every call of it, by the kernel's other functions too, is a call of the Python function:
        with `hartlab.seam.SeamKernel`, the kernel as its functions see it, and the arguments as ints. It
        returns an int, or None where C's returns nothing.

        A call is atomic. While it lasts, tables and memory can be looked at, and `run`, `snapshot`,
        `restore`, `clone` and system calls raise RuntimeError. Stepping back executes the function again, so
        it should depend on nothing but its arguments and the kernel's memory. Clones share it, `restore`
        keeps it, and the history that `back` uses begins anew.

        Parameters
        ----------
        function : str
            xv6's name; `hartlab.functions` lists them.
        python : callable, optional
            What to call; without it, the result is a decorator.

        Returns
        -------
        Replaced or decorator
            Which may be used in a ``with`` statement, to replace the function for a while.

        Raises
        ------
        ValueError
            When the kernel has no such function.
        RuntimeError
            In the middle of a call of a replaced function.

        Examples
        --------
        >>> import hartlab as hl
        >>> kernel = hl.Kernel(memory="4MiB")
        >>> @kernel.replace("kalloc")
        ... def kalloc(k):
        ...     page = k.native.kalloc()
        ...     k.print(f"kalloc gives {page:#x}\\n")
        ...     return page
        >>> page = kernel.call("kalloc")
        >>> "kalloc gives" in kernel.console.text
        True
        """
        name = known(function)
        if python is None:

            def decorate(given: F) -> F:
                self.replace(name, given)
                return given

            return decorate
        if not callable(python):
            raise TypeError(f"python={python!r} is not callable")
        before = self._performers.get(name)
        self._put(name, Performer(name, python))
        return Replaced(self, name, before)

    def _put(self, name: str, performer: Performer) -> None:
        self._engine.replace(name, performer)
        self._performers[name] = performer  # the engine itself keeps only a weak reference
        self._history.forget()

    def restore_native(self, function: str | None = None) -> None:
        """Make a function the engine's own again.

        Parameters
        ----------
        function : str, optional
            Which; all of them by default.

        Raises
        ------
        ValueError
            When the kernel has no such function.
        """
        for name in list(self._performers) if function is None else [known(function)]:
            self._engine.restore_native(name)
            self._performers.pop(name, None)
            self._history.forget()

    @property
    def replaced(self) -> Mapping[str, Any]:
        """What takes the place of each function that is not the engine's own, by name. A copy."""
        return MappingProxyType({name: each.function for name, each in self._performers.items()})
