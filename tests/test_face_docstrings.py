"""What public classes inherit from bases in the package that are not public is documented too."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

import hartlab
from test_docstrings import missing_parts


def inherited() -> Iterator[tuple[str, Any]]:
    seen = set()
    for name in hartlab.__all__:
        thing = getattr(hartlab, name)
        if not inspect.isclass(thing):
            continue
        for base in thing.__mro__[1:]:
            if not base.__module__.startswith("hartlab") or base in seen:
                continue
            seen.add(base)
            for member, value in vars(base).items():
                if not member.startswith("_") and (inspect.isroutine(value) or isinstance(value, property)):
                    yield f"{base.__name__}.{member}", value


MEMBERS = dict(inherited())


def test_there_are_such_members() -> None:
    assert {"Stepping.step", "KernelTables.frames", "Driving.fork"} <= set(MEMBERS)


@pytest.mark.parametrize("name", [name for name in MEMBERS if name != "Stepping.run"])
def test_an_inherited_member_is_documented(name: str) -> None:
    assert missing_parts(name, MEMBERS[name]) == []


RAISING = {
    hartlab.Kernel.run: "KernelPanic",
    hartlab.Kernel.spawn: "ElfError",
    hartlab.Kernel.process: "ProcessGone",
    hartlab.Kernel.back: "ValueError",
    hartlab.Kernel.call: "KernelPanic",
    hartlab.Process.load: "PageFault",
    hartlab.Process.store: "PageFault",
    hartlab.Process.syscall: "WouldBlock",
    hartlab.Process.wait: "WouldBlock",
    hartlab.Machine.load: "ElfError",
    hartlab.Memory.write: "IndexError",
    hartlab.asm: "AssemblerError",
    hartlab.diff: "TypeError",
}


@pytest.mark.parametrize("function", RAISING, ids=lambda function: function.__qualname__)
def test_what_a_function_raises_is_documented(function: Any) -> None:
    doc = inspect.getdoc(function) or ""
    _, _, raises = doc.partition("Raises\n------\n")
    assert RAISING[function] in raises
