"""Calls every public method and property of the Python face with arguments that make no sense.

Numbers out of range, huge sizes, wrong types, NaN, surrogates: what may come of it is a result or an
exception of the kinds that the face documents; never a crash, a hang or one of the engine's own errors.
"""

from __future__ import annotations

import inspect
import math
import os
import tempfile
import types
from collections.abc import Callable
from typing import Any

import numpy as np
from _harness import Case, main
from _kernels import INTERESTING, number
from _operations import CODES, PROGRAM

import hartlab as hl

# What the face documents, and what Python itself raises for a call that does not fit the signature.
DOCUMENTED = (TypeError, ValueError, IndexError, KeyError, hl.KernelPanic, hl.PageFault, hl.ProcessGone,
              hl.ProcessBusy, hl.WouldBlock, hl.Interrupted, MemoryError, FileNotFoundError,
              AttributeError)  # fmt: skip
# RuntimeError is documented for these alone.
RUNTIME = ("closed", "running already", "boot", "proc[]", "is at work", "frozen")
SKIPPED = {"stop", "gdb"}  # one pends until the next run, one waits in a thread of its own
PATIENT = {"max_instructions": 2_000, "max_work": 20_000, "count": 50, "limit": 20, "n": 50}


TEXTS = ["", "a", "main", "U", "load", "32MiB", "/init", "a0", "x" * 5000, "\0", "\ud800", "ü", "-1", "exit",
         "sbrk", "userinit", "trap", "mstatus", "lazy", "nop; ecall", "kalloc", "walk"]  # fmt: skip


class Odd:
    """An object that is nothing in particular."""

    def __repr__(self) -> str:
        return "Odd()"


class Index:
    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


def argument(case: Case, world: list[Any], name: str) -> Any:
    rng = case.rng
    pick = rng.random()
    if name in PATIENT and pick < 0.5:
        return rng.randrange(PATIENT[name])
    if pick < 0.25:
        return rng.choice(INTERESTING)
    if pick < 0.35:
        return rng.randrange(12)
    if pick < 0.42:
        return -number(rng)
    if pick < 0.50:
        return rng.choice(
            [1 << 64, 1 << 65, 10**30, -1, True, None, 1.5, math.nan, math.inf, -0.0, Index(3), Index(-1)]
        )
    if pick < 0.58:
        return rng.choice(
            [np.uint64(7), np.int8(-3), np.float32(2), np.array([1, 2]), np.zeros(3, bool), Odd(), object]
        )
    if pick < 0.70:
        return rng.choice(TEXTS)
    if pick < 0.80:
        return rng.choice(
            [b"", b"abc", bytes(5000), bytearray(b"x"), memoryview(b"yy"), PROGRAM, CODES[1], b"\x7fELF"]
        )
    if pick < 0.88:
        return rng.choice(
            [[], [1], ["a", "b"], ("x",), {}, {"sets": 3}, {"ways": -1}, [None], slice(None), slice(1, 2)]
        )
    return rng.choice(world)


def plausible(case: Case, world: list[Any], name: str, annotation: str) -> Any:
    """An argument of about the right kind, so that calls get past the first check."""
    rng = case.rng
    if name in ("va", "pa", "where", "first", "last", "address"):
        return rng.choice([rng.randrange(0x6000), hl.KERNBASE + rng.randrange(1 << 21), *INTERESTING])
    if name in PATIENT:
        return rng.randrange(PATIENT[name])
    if "int" in annotation:
        return rng.choice([rng.randrange(9), rng.randrange(5000), number(rng)])
    if "bytes" in annotation or name in ("data", "code"):
        return rng.choice([b"abc", CODES[0], PROGRAM, bytes(600)])
    if "bool" in annotation:
        return rng.random() < 0.5
    if "str" in annotation:
        return rng.choice(["load", "U", "main", "/init", "trap", "a", "kalloc"])
    return argument(case, world, name)


def call_randomly(case: Case, world: list[Any], owner: str, name: str, method: Callable[..., Any]) -> Any:
    rng = case.rng
    try:
        parameters = list(inspect.signature(method).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    sane = rng.random() < 0.6
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.default is not parameter.empty and rng.random() < 0.5:
            if parameter.kind == parameter.POSITIONAL_ONLY:
                break
            continue
        note = str(parameter.annotation)
        make = plausible if sane and rng.random() < 0.85 else lambda c, w, n, _: argument(c, w, n)
        if parameter.kind == parameter.VAR_POSITIONAL:
            positional += [make(case, world, "n", "int") for _ in range(rng.randrange(5))]
        elif parameter.kind in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            named[parameter.name] = make(case, world, parameter.name, note)
        elif parameter.kind == parameter.POSITIONAL_ONLY:
            positional.append(make(case, world, parameter.name, note))
    for name_of, most in PATIENT.items():
        if any(p.name == name_of for p in parameters) and name_of not in named:
            named[name_of] = rng.randrange(most)
    if rng.random() < 0.03:
        named["no_such_argument"] = 1
    if positional and named:  # *args come behind what is named here
        for parameter in parameters:
            if parameter.name in named and parameter.kind == parameter.POSITIONAL_OR_KEYWORD:
                positional.insert(0, named.pop(parameter.name))
    shown = [*map(short, positional), *(f"{key}={short(value)}" for key, value in named.items())]
    case.note(f"{owner}.{name}({', '.join(shown)})")
    return guarded(case, lambda: method(*positional, **named))


def short(value: object) -> str:
    try:
        return repr(value)[:60].replace("\n", " ")
    except (RuntimeError, hl.ProcessGone):  # of a kernel that has been closed, of a process that has exited
        return f"a {type(value).__name__}"


def guarded(case: Case, call: Callable[[], Any]) -> Any:
    try:
        result = call()
    except DOCUMENTED as error:
        case.counts[type(error).__name__] += 1
        str(error), repr(error)
        return None
    except RuntimeError as error:
        if not any(word in str(error) for word in RUNTIME):
            raise
        case.counts["RuntimeError"] += 1
        return None
    except (OverflowError, UnicodeError) as error:
        case.check(isinstance(error, ValueError), f"undocumented {type(error).__name__}: {error}")
        return None
    case.counts["returned"] += 1
    return result


DUNDERS = {"__getitem__", "__contains__", "__len__", "__iter__", "__repr__", "_repr_html_",
           "__setitem__", "__eq__", "__hash__", "__bool__", "__str__"}  # fmt: skip


def members(thing: Any) -> list[str]:
    """What hartlab's own classes give an object; not what a Table has from NumPy."""
    if isinstance(thing, hl.Table):
        return ["__repr__", "_repr_html_", "dropped"]
    classes = [c for c in type(thing).__mro__ if c.__module__.startswith("hartlab")]
    return sorted({n for c in classes for n in vars(c) if (n[0] != "_" or n in DUNDERS) and n not in SKIPPED})


def poke(case: Case, world: list[Any]) -> None:
    """Use one member of one object."""
    rng = case.rng
    thing = rng.choice(world)
    names = members(thing)
    if not names:
        return
    name = rng.choice(names)
    owner = type(thing).__name__
    if name == "close" and rng.random() < 0.9:
        return
    attribute = inspect.getattr_static(type(thing), name, None)
    if isinstance(attribute, property):
        if attribute.fset is not None and rng.random() < 0.6:
            value = argument(case, world, name)
            case.note(f"{owner}.{name} = {short(value)}")
            guarded(case, lambda: setattr(thing, name, value))
        else:
            case.note(f"{owner}.{name}")
            remember(case, world, guarded(case, lambda: getattr(thing, name)))
        return
    case.note(f"{owner}.{name}")
    method = guarded(case, lambda: getattr(thing, name))
    if callable(method):
        remember(case, world, call_randomly(case, world, owner, name, method))


def remember(case: Case, world: list[Any], value: Any) -> None:
    if type(value).__module__.startswith("hartlab") and len(world) < 40 and hasattr(type(value), "__doc__"):
        if isinstance(value, hl.Table):
            guarded(case, lambda: (repr(value), value._repr_html_()))
        else:
            world.append(value)


FUNCTIONS = [
    value
    for name, value in vars(hl).items()
    if name in hl.__all__
    and isinstance(value, types.FunctionType | types.BuiltinFunctionType)
    and name not in ("cc", "sweep_failures")
]
MAKERS: list[Any] = [hl.Kernel, hl.Machine, hl.TlbGeometry]


def run_case(case: Case) -> None:
    rng = case.rng
    case.note("a small world")
    kernel, machine = hl.Kernel("2MiB"), hl.Machine("256KiB", code=CODES[1])
    proc = kernel.spawn(code=rng.choice(CODES))
    kernel.run(rng.choice([0, 100]))
    world: list[Any] = [
        kernel, kernel, kernel, proc, proc, machine, kernel.memory, machine.memory, kernel.hart, machine.hart,
        kernel.hart.csrs, machine.hart.x, machine.hart.f, kernel.hart.tlb, kernel.console, kernel.files,
        kernel.breakpoints, machine.breakpoints, kernel.page_table, proc.page_table, kernel.snapshot(),
        machine.snapshot(), kernel.processes(), kernel.tracing(20), kernel.watch(64),
        hl.diff(kernel.snapshot(), kernel), proc.registers, kernel.run(1), kernel.hart.tlb.geometry,
        kernel.hart.tlb.counts, kernel.page_table.walk(0),
    ]  # fmt: skip
    for _ in range(60):
        if rng.random() < 0.12:
            function = rng.choice(FUNCTIONS)
            call_randomly(case, world, "hl", function.__name__, function)
        elif rng.random() < 0.04:
            maker = rng.choice(MAKERS)
            call_randomly(case, world, "hl", maker.__name__, maker)
        else:
            poke(case, world)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:  # for what is saved under any name
        os.chdir(folder)
        main("face", run_case)
