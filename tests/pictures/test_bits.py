"""Words as bit fields: every bit is in one field, and its value is that of the word."""

from __future__ import annotations

import pytest

import hartlab as hl
from hartlab.pictures.formats import FORMATS
from hartlab.pictures.formats import remark as remark_on
from pictures.drawn import marks, starting, words
from pictures.scene import family

PATTERNS = [0x8000_0000_0008_1F9B, 0xA5A5_5A5A_0F0F_F0F0]


@pytest.mark.parametrize("name", FORMATS)
def test_fields_do_not_overlap_and_are_listed_from_the_top(name: str) -> None:
    free = 64
    for field in FORMATS[name]:
        assert free > field.high >= field.low >= 0
        free = field.low


@pytest.mark.parametrize("word", PATTERNS, ids=hex)
@pytest.mark.parametrize("name", FORMATS)
def test_each_field_is_drawn_with_its_value(name: str, word: int) -> None:
    picture = hl.pictures.bits(word, name)
    values, boxes = starting(picture, "value"), starting(picture, "field")
    covered = 0
    lefts = []
    for field in FORMATS[name]:
        value = word >> field.low & ((1 << (field.high - field.low + 1)) - 1)
        covered |= value << field.low
        shown = values[field.name].words
        assert (
            int(shown.replace(",", ""), 0 if "x" in shown else 2 if field.high - field.low < 2 else 10)
            == value
        )
        assert (boxes[field.name].fill is not None) == (value != 0)
        lefts.append(boxes[field.name].box[0])
    assert lefts == sorted(set(lefts))
    rest = word & ~covered
    assert ("rest" in marks(picture)) == bool(rest)
    if rest:
        assert marks(picture)["rest"].words == f"other bits: {rest:#x}"


@pytest.mark.parametrize(
    ("name", "word", "field", "says"),
    [
        ("satp", 8 << 60 | 0x81F9B, "MODE", "Sv39"),
        ("satp", 8 << 60 | 0x81F9B, "PPN", "physical 0x81f9b000"),
        ("sstatus", 1 << 8, "SPP", "S"),
        ("mstatus", 3 << 11, "MPP", "M"),
        ("mstatus", 2 << 13, "FS", "Clean"),
        ("pte", 0x207E8913, "PPN", "physical 0x81fa2000"),
        ("pte", 0x207E8913, "RSW", "copy on write"),
        ("stvec", 0x80000101, "BASE", "0x80000100"),
        ("stvec", 0x80000101, "MODE", "interrupts to BASE + 4 × cause"),
        ("fcsr", 1 << 5, "frm", "RTZ"),
    ],
)
def test_a_value_is_put_into_words(name: str, word: int, field: str, says: str) -> None:
    assert starting(hl.pictures.bits(word, name), "says")[field].words == says


@pytest.mark.parametrize(
    ("name", "word", "remark"),
    [
        ("pte", 0, "not valid: the MMU ignores all else"),
        ("pte", 0x20000001, "a pointer to a table"),
        ("pte", 0x20000041, "a pointer with A, D or U: the MMU refuses it"),
        ("pte", 0x20000005, "W without R is reserved: the MMU refuses it"),
        ("pte", 1 << 54 | 3, "reserved bits are set: the MMU refuses it"),
        ("pte", 0x20000117, "a leaf: maps a page, copy on write"),
        ("scause", 13, "load page fault"),
        ("scause", 1 << 63 | 5, "supervisor timer interrupt"),
        ("va", 1 << 50, "not canonical: bits 63 to 39 differ from bit 38"),
    ],
)
def test_a_word_is_put_into_words(name: str, word: int, remark: str) -> None:
    assert marks(hl.pictures.bits(word, name))["remark"].words == remark


def test_what_the_remark_on_a_pte_says_is_what_the_mmu_does() -> None:
    machine = hl.Machine(memory="1MiB")
    base = machine.memory.base
    machine.hart.csrs["satp"] = hl.MAKE_SATP(base)
    for low in range(256):
        entry = hl.PA2PTE(base) | low
        machine.memory.store(base, entry)
        steps = machine.hart.page_table.walk(0, privilege="S").steps
        remark = remark_on("pte", entry)
        assert ("pointer to a table" in remark) == (len(steps) > 1), hex(low)
        if "leaf" in remark:
            assert steps[0]["leaf"]


def test_registers_are_taken_by_name() -> None:
    csrs = family()[1].hart.csrs
    for name in ("satp", "sstatus", "scause", "stvec", "mstatus", "sepc"):
        assert marks(hl.pictures.bits(csrs, name))["word"].words == f"{name} {csrs[name]:#x}"


def test_a_trapframe_is_drawn_word_by_word() -> None:
    _, kernel, parent, _ = family()
    values = starting(hl.pictures.bits(parent, "trapframe"), "value")
    assert {name: int(mark.words, 16) for name, mark in values.items()} == parent.trapframe
    table = hl.pictures.bits(parent, "trapframe").data["words"]
    page = kernel.processes()["trapframe"][kernel.processes()["pid"] == parent.pid][0]
    for row in table:
        assert kernel.memory.load(int(page) + int(row["offset"])) == row["value"], row["name"]
    assert any("x17, system call" in word for word in words(hl.pictures.bits(parent, "trapframe")))


@pytest.mark.parametrize(
    ("value", "name", "error", "message"),
    [
        (1, "ptes", ValueError, "format='ptes' is none of 'pte', 'va'"),
        (-1, "pte", ValueError, "value=-1 is out of range"),
        ("x", "pte", TypeError, "value='x' is a str"),
        (5, "trapframe", TypeError, "value=5 must be a Process"),
        ({"a0": 1}, "trapframe", ValueError, "no trapframe: it has no kernel_satp"),
    ],
)
def test_what_has_no_such_fields_is_refused(
    value: object, name: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        hl.pictures.bits(value, name)
