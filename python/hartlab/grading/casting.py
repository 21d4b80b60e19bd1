"""What a player is made of: the few modules of hartlab that student code sees, as code, and facts as data."""

from __future__ import annotations

import functools
import marshal
from pathlib import Path
from typing import Any

from .. import _engine
from ..functions import declarations
from ..structs import layouts

_PACKAGE = Path(__file__).resolve().parent.parent
_MODULES = (
    *("words", "arguments", "constants", "errors", "toolchain.errors", "structs", "seam"),
    *(
        "labs.metering",
        "labs.lab_kernel",
        "grading.player.wire",
        "grading.player.engine",
        "grading.player.play",
    ),
)
_EMPTY = ("toolchain", "labs", "grading", "grading.player")  # packages whose own module it does not get


@functools.cache
def player_program() -> bytes:
    """The program that `jail.inside` executes: modules by name, marshalled."""
    folder = _PACKAGE / "grading" / "player"
    modules: dict[str, Any] = {f"hartlab.{name}": None for name in _EMPTY}
    for name in _MODULES:
        modules[f"hartlab.{name}"] = _compiled(_PACKAGE / f"{name.replace('.', '/')}.py")
    modules["hartlab"] = _compiled(folder / "stand_in.py")
    modules["begin"] = _compiled(folder / "begin.py")
    modules["facts"] = {
        "constants": dict(_engine.constants()),
        "declarations": dict(declarations()),
        "layouts": {
            name: (layout.size, {field: tuple(each) for field, each in layout.fields.items()})
            for name, layout in layouts().items()
        },
    }
    return marshal.dumps(modules)


def _compiled(path: Path) -> Any:
    return compile(path.read_text("utf-8"), str(path), "exec", dont_inherit=True)
