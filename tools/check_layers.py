"""Holds the #include lines under src/ to the order of the layers.

A folder may include the folders above it in the list and itself; pybind11 and Python's headers belong to
`bindings` alone. Run as a program it prints each offence and fails; `offences` is what the tests call.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ORDER = ["base", "memory", "mmu", "hart", "machine", "kernel", "inspect", "bindings"]
MAY_SEE = {layer: set(ORDER[: ORDER.index(layer) + 1]) for layer in ORDER}
# Devices stand aside: they see base and memory, and only the machine and what is below it sees them.
MAY_SEE["devices"] = {"base", "memory", "devices"}
for _layer in ORDER[ORDER.index("machine") :]:
    MAY_SEE[_layer].add("devices")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".hpp", ".cpp", ".h", ".inc", ".def"}


def offences(src: Path) -> Iterator[str]:
    """Each include that breaks the order, as ``file:line: what is wrong``."""
    for path in sorted(p for p in src.rglob("*") if p.suffix in SOURCES):
        layer = path.relative_to(src).parts[0]
        if layer not in MAY_SEE:
            yield f"{path}:1: '{layer}' is not a layer; tools/check_layers.py lists them"
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if match := INCLUDE.match(line):
                problem = _problem(layer, match[1] == "<", match[2])
                if problem:
                    yield f"{path}:{number}: {problem}"


def _problem(layer: str, is_system: bool, target: str) -> str | None:
    first = target.split("/")[0]
    if is_system:
        if layer != "bindings" and (first == "pybind11" or target == "Python.h"):
            return f"<{target}> outside src/bindings"
        return None
    if first not in MAY_SEE:
        return f'"{target}" is not written from the include root (src)'
    if first not in MAY_SEE[layer]:
        return f'{layer} must not see {first} ("{target}")'
    return None


def main() -> int:
    src = Path(__file__).resolve().parent.parent / "src"
    found = list(offences(src))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
