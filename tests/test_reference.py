"""The pages of docs/reference say what the engine does."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

import hartlab as hl
from hartlab import _engine

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
kernel_layout = importlib.import_module("kernel_layout")
reference = importlib.import_module("reference")
LAID = kernel_layout.structs()


def test_reference_pages_are_what_the_sources_make() -> None:
    assert list(reference.stale()) == [], "python tools/reference.py writes them anew"


def test_every_kernel_function_is_on_its_page() -> None:
    page = reference.kernel_functions()
    assert all(f"\n### {name}\n" in page for _, name, _ in _engine.Kernel.function_table())


def test_layout_ends_where_the_engine_says() -> None:
    constants = _engine.constants()
    assert constants["KERNEL_DATA"] + -(-LAID["KernelData"].size // 64) * 64 == constants["REFERENCE_COUNTS"]


@pytest.mark.parametrize("column", ["pid", "state", "sz", "pagetable", "trapframe", "kstack", "born"])
def test_layout_finds_the_fields_of_a_process(column: str) -> None:
    kernel = hl.Kernel(memory="2MiB")
    kernel.run()
    proc = kernel.spawn(code=hl.asm("li a7, 2; ecall"))
    each = next(field for field in LAID["Proc"].fields if field.name == column)
    address = (
        _engine.constants()["KERNEL_DATA"]
        + LAID["KernelData"].offset("proc")
        + LAID["Proc"].size * proc.slot
        + each.offset
    )
    size = {"std::int32_t": 4, "std::uint64_t": 8}[each.type]
    row = kernel.processes()
    row = row[row["pid"] == proc.pid][0]
    assert kernel.memory.load(address, size) == row["code" if column == "state" else column]


def test_policies_page_is_the_engine_s_table() -> None:
    rows = [
        [cell.strip(" `") for cell in line.strip("|\n").split("|")]
        for line in (ROOT / "docs" / "policies.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    listed = {row[0]: (row[1].replace("`", ""), row[2], row[3]) for row in rows}
    engine = {
        str(row["policy"]): (str(row["choices"]), str(row["xv6_2025"]), str(row["xv6_2020"]))
        for row in hl.policies()
    }
    assert listed == engine


def test_architecture_names_every_file() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    engine = [path for kind in ("hpp", "cpp") for path in (ROOT / "src").rglob(f"*.{kind}")]
    files = {path.stem for path in engine if path.parent.name != "text"}
    files |= {
        path.stem for path in (ROOT / "python" / "hartlab").glob("*.py") if not path.stem.startswith("_")
    }
    assert sorted(name for name in files if f"`{name}`" not in text) == []
