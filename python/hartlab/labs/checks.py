"""What a check is: a function of a kernel, and when it is run and what it is worth."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from .. import arguments

# What a check may ask for, by the name of a parameter.
FIXTURES = ("kernel", "native", "rng", "part", "budget")
# Who may see a check and what came of it: students now, later, or never.
VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


@dataclass(frozen=True)
class Check:
    """A check of a lab: what `check` makes of a function.

    Attributes
    ----------
    name : str
        In words, as a report shows it.
    points : int
        What passing it is worth.
    of : tuple of str
        The functions that it tries. The others of the kernel are the engine's own meanwhile.
    needs : tuple of str
        Checks without which this one means nothing: it is not run unless they have passed.
    kernel : mapping
        Options of `hartlab.Kernel` for this check, beside the lab's.
    audit : bool
        Whether the kernel has to be sound when it is over.
    function : callable
        The check itself.
    fixtures : tuple of str
        What it is handed, by name.
    visibility : str
        Who may see it and what came of it.
    parts : mapping
        What each of its parts is worth, by name; empty when it is one whole.
    budget : mapping
        What the submission's functions may take while it runs: instructions, lines, frames.
    """

    name: str
    points: int
    of: tuple[str, ...]
    needs: tuple[str, ...]
    kernel: Mapping[str, Any]
    audit: bool
    function: Callable[..., None] = field(repr=False)
    fixtures: tuple[str, ...]
    visibility: str = "visible"
    parts: Mapping[str, int] = field(default_factory=dict)
    budget: Mapping[str, int] = field(default_factory=dict)

    @property
    def hidden(self) -> bool:
        """Whether students are not given it."""
        return self.visibility != "visible"


def check(
    name: str,
    *,
    points: int | Mapping[str, int],
    of: str | tuple[str, ...],
    needs: str | tuple[str, ...] = (),
    kernel: Mapping[str, Any] | None = None,
    audit: bool = True,
    visibility: str = "visible",
    instructions: int | None = None,
    lines: int | None = None,
    frames: int | None = None,
) -> Callable[[Callable[..., None]], Check]:
    """Declare a check.

    The function is called with what its parameters name: ``kernel``, freshly booted, with the functions of
    the submission in place; ``native``, the same kernel without them; ``rng``, a `random.Random` that depends
    on the seed and the check alone; ``part``, for partial credit; ``budget``, for a block that may take only
    so much. It passes when it returns. It fails by way of `hartlab.labs.expect`, and when the kernel panics.

    Parameters
    ----------
    name : str
        What it finds out, in words: "walk finds every page".
    points : int or mapping
        What passing it is worth; or what each of its parts is worth, by name, and then ``with part(name):``
        earns that much even if another part fails.
    of : str or tuple of str
        The functions that it tries; the others are the engine's own while it runs.
    needs : str or tuple of str
        Names of checks that must have passed; without them it is not run.
    kernel : mapping, optional
        More options of `hartlab.Kernel`, or others than the lab's.
    audit : bool
        Whether `Kernel.audit` must find no error afterwards.
    visibility : str
        ``"visible"``; or ``"after_due_date"``, ``"after_published"`` or ``"hidden"``: then students are not
        given the check, and hear what came of it when the platform says that it is time, or never.
    instructions, lines : int, optional
        Of the submission's C and Python, in the whole check, at most.
    frames : int, optional
        How many allocations the check may make, at most. It injects no failures then.

    Returns
    -------
    decorator
        Which makes a Check of a function.

    Examples
    --------
    >>> from hartlab.labs import check, expect
    >>> @check("walk makes no table unasked", points=1, of="walk")
    ... def unasked(kernel):
    ...     free = kernel.free_pages
    ...     kernel.call("walk", kernel.process(1).page_table.root, 1 << 30, 0)
    ...     expect.equal("the number of free pages", kernel.free_pages, free)
    >>> unasked.fixtures
    ('kernel',)

    Partial credit, and a budget:

    >>> @check("walk is quick", points={"a page": 1, "many": 2}, of="walk", frames=0)
    ... def quick(kernel, part, budget):
    ...     root = kernel.process(1).page_table.root
    ...     for name, pages in (("a page", 1), ("many", 50)):
    ...         with part(name), budget(f"walk, {pages} times,", instructions=100 * pages, lines=20 * pages):
    ...             for page in range(pages):
    ...                 kernel.call("walk", root, page << 12, 0)
    >>> quick.points, quick.budget
    (3, {'frames': 0})
    """
    parts = {} if isinstance(points, int) else dict(points)
    limits = {"instructions": instructions, "lines": lines, "frames": frames}
    budget = {key: value for key, value in limits.items() if value is not None}

    def declare(function: Callable[..., None]) -> Check:
        fixtures = tuple(inspect.signature(function).parameters)
        unknown = [each for each in fixtures if each not in FIXTURES]
        if unknown:
            raise TypeError(
                f"the check {name!r} asks for {unknown[0]!r}: there are only {', '.join(FIXTURES)}"
            )
        if bool(parts) != ("part" in fixtures):
            asked = (
                "asks for part, and its points are one number"
                if not parts
                else "has parts, and no parameter part"
            )
            raise TypeError(f"the check {name!r} {asked}")
        return Check(
            name,
            sum(parts.values()) if parts else cast(int, points),
            _tuple(of),
            _tuple(needs),
            dict(kernel or {}),
            audit,
            function,
            fixtures,
            arguments.choice("visibility", visibility, VISIBILITIES),
            parts,
            budget,
        )

    return declare


def checks_of(module: ModuleType) -> list[Check]:
    """The checks of a module in the order in which they stand there.

    A check that needs another stands behind it.
    """
    found = [value for value in vars(module).values() if isinstance(value, Check)]
    names: set[str] = set()
    hidden: set[str] = set()
    for each in found:
        missing = [need for need in each.needs if need not in names]
        unseen = [need for need in each.needs if need in hidden]
        if unseen and not each.hidden:
            raise ValueError(f"the check {each.name!r} is visible and needs {unseen[0]!r}, which is not")
        if missing:
            raise ValueError(f"the check {each.name!r} needs {missing[0]!r}, which does not stand before it")
        if each.name in names:
            raise ValueError(f"there are two checks {each.name!r} in {Path(str(module.__file__)).name}")
        names.add(each.name)
        hidden |= {each.name} if each.hidden else set()
    return found


def _tuple(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
