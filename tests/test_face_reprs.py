"""What a student sees: every object has a repr that can be read, and HTML where a notebook would show it."""

from __future__ import annotations

import html.parser
from typing import Any

import numpy as np
import pytest

import hartlab as hl

KERNEL = hl.Kernel(memory="4MiB")
PROC = KERNEL.spawn(code=hl.asm("li a0, 3; li a7, 2; ecall"), name="<three>")
BEFORE = KERNEL.snapshot("before")
PROC.sbrk(hl.PGSIZE)
MACHINE = hl.Machine(memory="64KiB", code=hl.asm("nop"))

VOID = {"br", "hr", "img"}


class Balance(html.parser.HTMLParser):
    """Raises where tags do not close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag


THINGS = {
    "kernel": (KERNEL, ["xv6 2025", "4 MiB", "pid 1 'initcode'", "RUNNABLE"]),
    "process": (PROC, ["<three>", "RUNNABLE", "pc 0x0"]),
    "page table": (PROC.page_table, ["pid", "leaves", "0x3ffffff000"]),
    "walk": (PROC.page_table.walk(0), ["level 2", "level 0", "physical"]),
    "failed walk": (PROC.page_table.walk(1 << 30), ["fault 13"]),
    "areas": (PROC.areas(), ["guard", "stack", "trampoline"]),
    "registers": (PROC.registers, ["sp", "0x"]),
    "hart": (KERNEL.hart, ["Hart", "mode", "pc"]),
    "csrs": (KERNEL.hart.csrs, ["satp", "scause"]),
    "tlb": (KERNEL.hart.tlb, ["512 sets of 4 ways, lru"]),
    "tlb counts": (KERNEL.hart.tlb.counts, ["hits"]),
    "memory": (KERNEL.memory, ["4 MiB", "0x80000000", "0x80400000"]),
    "console": (KERNEL.console, ["Console"]),
    "files": (KERNEL.files, ["/init"]),
    "snapshot": (BEFORE, ["before", "4 MiB"]),
    "diff": (hl.diff(BEFORE, KERNEL), ["Diff"]),
    "breakpoints": (KERNEL.breakpoints, ["none"]),
    "machine": (MACHINE, ["64 KiB", "M-mode"]),
    "disassembly": (hl.disasm(hl.asm("ret")), ["ret"]),
    "policies": (hl.policies(), ["copy, cow"]),
}


@pytest.mark.parametrize("name", THINGS)
def test_repr_can_be_read(name: str) -> None:
    thing, words = THINGS[name]
    text = repr(thing)
    for word in words:
        assert word in text
    assert "object at 0x" not in text
    assert all(len(line) < 400 for line in text.splitlines())


@pytest.mark.parametrize(
    "name", [name for name, (thing, _) in THINGS.items() if hasattr(thing, "_repr_html_")]
)
def test_html_is_balanced_and_escaped(name: str) -> None:
    page = THINGS[name][0]._repr_html_()
    parser = Balance()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    assert "<three>" not in page
    assert "color" not in page  # neither light nor dark


def test_text_in_columns_keeps_its_columns_in_a_notebook() -> None:
    for page in (hl.Machine(memory="1MiB")._repr_html_(), hl.quiz(1)._repr_html_()):
        plain, lettered = page.count("<pre>"), page.count("<pre style=")
        assert plain == 0 < lettered
        assert page.count("font-family: var(--jp-code-font-family, monospace)") == lettered


def test_heading_of_a_hart_stands_on_a_line_of_its_own() -> None:
    page = hl.Kernel(memory="2MiB").hart._repr_html_()
    assert "retired</b></div><b>integer registers</b>" in page


def test_run_result_in_words() -> None:
    result = hl.Kernel(memory="2MiB").run()
    assert "every process but init has ended" in repr(result)
    assert result.why in repr(result)


def test_a_long_table_is_cut_and_counted() -> None:
    text = repr(KERNEL.frames())
    assert "1,024 rows in all" in text
    assert len(text.splitlines()) < 30


def test_an_empty_table_says_so() -> None:
    assert "(no rows)" in repr(KERNEL.audit()[:0])


def test_flags_print_as_letters_and_addresses_in_hexadecimal() -> None:
    lines = repr(PROC.page_table.entries()[["va", "V", "R", "W", "X", "U"]]).splitlines()
    assert lines[1].split() == ["0x0", "V", "R", "W", "X", "U"]


def test_a_row_and_a_column_print_as_numpy_does() -> None:
    assert repr(PROC.page_table.entries()["level"]).startswith("array(")
    assert isinstance(PROC.page_table.entries()[0], np.void)
