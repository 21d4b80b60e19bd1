"""The #include lines of the engine keep to the order of the layers, and the check that says so works."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def check_layers() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_layers", ROOT / "tools" / "check_layers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_engine_keeps_to_the_layers(check_layers: ModuleType) -> None:
    assert list(check_layers.offences(ROOT / "src")) == []


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("mmu/a.hpp", '#include "hart/hart.hpp"', "mmu must not see hart"),
        ("hart/a.cpp", '#include "devices/uart.hpp"', "hart must not see devices"),
        ("devices/a.cpp", '#include "mmu/pte.hpp"', "devices must not see mmu"),
        ("kernel/a.cpp", "#include <pybind11/pybind11.h>", "outside src/bindings"),
        ("inspect/a.hpp", "  #  include <Python.h>", "outside src/bindings"),
        ("base/a.hpp", '#include "address.hpp"', "not written from the include root"),
        ("extra/a.hpp", "", "'extra' is not a layer"),
    ],
)
def test_an_offence_is_found(
    check_layers: ModuleType, tmp_path: Path, file: str, line: str, complaint: str
) -> None:
    path = tmp_path / file
    path.parent.mkdir()
    path.write_text(f"#pragma once\n{line}\n", encoding="utf-8")
    (found,) = check_layers.offences(tmp_path)
    assert complaint in found


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("machine/a.cpp", '#include "devices/uart.hpp"'),
        ("kernel/a.cpp", '#include "kernel/vm.hpp"'),
        ("bindings/a.cpp", "#include <pybind11/pybind11.h>"),
        ("base/a.hpp", "#include <vector>"),
        ("mmu/a.hpp", '// #include "hart/hart.hpp" is what this must not do'),
    ],
)
def test_what_is_allowed_is_allowed(check_layers: ModuleType, tmp_path: Path, file: str, line: str) -> None:
    path = tmp_path / file
    path.parent.mkdir()
    path.write_text(line + "\n", encoding="utf-8")
    assert list(check_layers.offences(tmp_path)) == []
