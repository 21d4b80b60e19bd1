"""Wrong kernel functions in Python: each is noticed, by whom and in which words is in the table."""

from __future__ import annotations

import re

import pytest

import hartlab as hl
from replacements import wrong_memory, wrong_page_tables, wrong_processes  # noqa: F401 - they fill the table
from replacements.wrong import WRONG, diagnose


def test_there_are_thirty_and_every_kind_of_diagnosis() -> None:
    assert len(WRONG) >= 30
    assert {each.by for each in WRONG.values()} == {"seam", "panic", "audit", "tlb", "diff", "result"}


@pytest.mark.parametrize("title", WRONG)
def test_a_wrong_function_is_diagnosed(title: str) -> None:
    each = WRONG[title]
    found = diagnose(each)
    assert found.by == each.by, found.words
    assert re.search(each.words, found.words, re.DOTALL), found.words


@pytest.mark.parametrize("title", [title for title, each in WRONG.items() if each.by == "seam"])
def test_an_error_of_python_names_function_file_and_line(title: str) -> None:
    each = WRONG[title]
    error = diagnose(each).error
    assert isinstance(error, hl.SeamError)
    code = each.function.__code__
    assert error.function == each.name
    assert error.file == code.co_filename
    assert code.co_firstlineno <= error.line <= max(line for *_, line in code.co_lines() if line)


def test_a_wild_store_names_its_line() -> None:
    error = diagnose(WRONG["A virtual address is stored to as if it were physical"]).error
    assert isinstance(error, hl.KernelPanic)
    (note,) = error.__notes__
    assert re.search(r"in uvmunmap, .*wrong_memory\.py:\d+: k\.store64\(va, 0\)", note)
