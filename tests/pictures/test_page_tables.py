"""An address's bits, a page table as a tree, and a walk: what is drawn is what is in RAM."""

from __future__ import annotations

import numpy as np
import pytest

import hartlab as hl
from pictures.drawn import marks, starting, words
from pictures.scene import family

ADDRESSES = [0, 0x5010, 0x3FFFFFE010, 0x7FC0201FFF, (1 << 64) - 1, 0xFFFFFFC000000000, 1 << 38, 1 << 63]


@pytest.mark.parametrize("va", ADDRESSES, ids=hex)
def test_the_bits_of_an_address_are_drawn_where_sv39_has_them(va: int) -> None:
    picture = hl.pictures.address(va)
    drawn = marks(picture)
    for level in (2, 1, 0):
        assert drawn[f"value VPN[{level}]"].words == str(hl.PX(level, va))
    assert drawn["value offset"].words == hex(va % hl.PGSIZE)
    bits = [drawn[f"bit {number}"] for number in range(38, -1, -1)]
    assert "".join(bit.words for bit in bits) == f"{va & ((1 << 39) - 1):039b}"
    assert [bit.box[0] for bit in bits] == sorted(bit.box[0] for bit in bits)
    left_to_right = [
        drawn[f"bits {name}"].box[0] for name in ("sign", "VPN[2]", "VPN[1]", "VPN[0]", "offset")
    ]
    assert left_to_right == sorted(left_to_right)


@pytest.mark.parametrize("va", ADDRESSES, ids=hex)
def test_an_address_that_is_not_canonical_is_shown_as_such(va: int) -> None:
    canonical = va < 1 << 38 or va >= (1 << 64) - (1 << 38)
    picture = hl.pictures.address(va)
    sign = marks(picture)["bits sign"]
    assert ("not canonical" in picture.alt) is not canonical
    assert ("not canonical" in " ".join(words(picture))) is not canonical
    assert (sign.fill == "currentColor") is canonical


@pytest.mark.parametrize(("va", "error"), [(-1, ValueError), (1 << 64, ValueError), ("0x0", TypeError)])
def test_what_is_no_address_is_refused(va: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="va="):
        hl.pictures.address(va)


# -- the tree -----------------------------------------------------------------------------------


def leaves_of(picture: hl.pictures.Picture) -> dict[int, tuple[str, str]]:
    """Each leaf that is drawn: the indices in its box, and the flags beside it."""
    flags = starting(picture, "flags")
    boxes = starting(picture, "leaf")
    return {int(va, 16): (box.tip.split(":")[0], flags[va].words) for va, box in boxes.items()}


def test_each_leaf_of_a_small_table_is_drawn_with_its_flags() -> None:
    _, _, parent, child = family()
    for process in (parent, child):
        entries = process.page_table.entries()
        drawn = leaves_of(hl.pictures.page_table(process))
        assert sorted(drawn) == entries["va"].tolist()
        for entry in entries:
            said, flags = drawn[int(entry["va"])]
            assert said == f"entries {hl.PX(0, int(entry['va']))}"
            assert flags[:8] == "".join(name if entry[name] else "-" for name in "VRWXUGAD")
            assert flags.endswith("c") == bool(entry["cow"])


def test_a_changed_entry_changes_the_drawing() -> None:
    kernel = hl.Kernel()
    process = kernel.spawn(code=hl.asm("here: j here"))
    before = leaves_of(hl.pictures.page_table(process))
    entry = process.page_table.entries()[0]
    kernel.memory.write(
        int(entry["pte_address"]), int(entry["pte"] & ~np.uint64(hl.PTE_X)).to_bytes(8, "little")
    )
    after = leaves_of(hl.pictures.page_table(process))
    assert {va for va in before if before[va] != after[va]} == {0}
    assert "X" in before[0][1]
    assert "X" not in after[0][1]


def test_tables_are_drawn_where_the_entries_above_point() -> None:
    process = family()[2]
    every = process.page_table.entries(tables=True)
    tables = {hex(process.page_table.root)} | {hex(int(entry["pa"])) for entry in every if not entry["leaf"]}
    drawn = starting(hl.pictures.page_table(process), "table")
    assert set(drawn) == tables
    pointers = starting(hl.pictures.page_table(process), "pointer")
    assert {int(va, 16) for va in pointers} == {int(entry["va"]) for entry in every if not entry["leaf"]}


def test_the_path_of_an_address_is_drawn_strongly() -> None:
    process = family()[2]
    va = int(process.page_table.entries()["va"][2])
    svg = hl.pictures.page_table(process, va=va).svg()
    assert svg.count("stroke: #0072b2; stroke-width: 2.2") == 3
    nowhere = hl.pictures.page_table(process, va=0x1000_0000).svg()
    assert nowhere.count("stroke: #0072b2; stroke-width: 2.2") == 1, "only the root has an entry for it"


def test_a_large_table_is_few_rows_that_count_all_of_its_pages() -> None:
    kernel = hl.Kernel(memory="128MiB")
    picture = hl.pictures.page_table(kernel)
    rows = picture.data["rows"]
    assert len(rows) < 20
    assert rows["count"].sum() == len(kernel.page_table.entries())
    counted = starting(picture, "count")
    assert counted["0x80200000"].words == f"×{(128 // 2 - 1) * 512:,}"
    stacks = next(row for row in rows if row["step"] > 1)
    assert stacks["count"] == hl.NPROC
    assert stacks["va"] == hl.KSTACK(hl.NPROC - 1)


def test_a_table_that_does_not_fit_says_how_much_is_left_out() -> None:
    kernel = hl.Kernel()
    process = kernel.spawn(code=hl.asm("here: j here"))
    base = process.sbrk(300 * hl.PGSIZE)
    entries = process.page_table.entries(first=base)
    addresses = entries["pte_address"][:299:2]
    for number, address in enumerate(addresses.tolist()):  # flags that no two neighbours have in common
        entry = kernel.memory.load(address)
        kernel.memory.store(address, entry ^ (hl.PTE_A, hl.PTE_D, hl.PTE_G)[number % 3])
    picture = hl.pictures.page_table(process)
    shown = len(picture.data["rows"])
    assert shown <= 44
    left_out = next(word for word in words(picture) if "more rows" in word)
    assert int(left_out.split()[1]) + shown > 250


@pytest.mark.parametrize("kind", ["process", "table", "snapshot", "entries", "kernel", "machine"])
def test_it_takes_whatever_has_a_page_table(kind: str) -> None:
    before, kernel, parent, _ = family()
    machine = hl.Machine(memory="1MiB")
    machine.memory.write(machine.memory.base, hl.PA2PTE(machine.memory.base).to_bytes(8, "little"))
    given = {
        "process": parent,
        "table": parent.page_table,
        "snapshot": (before, parent.pid),
        "entries": parent.page_table.entries(tables=True),
        "kernel": kernel,
        "machine": machine,
    }[kind]
    if kind == "machine":
        with pytest.raises(ValueError, match="satp is 0"):
            hl.pictures.page_table(machine)
        machine.hart.csrs["satp"] = hl.MAKE_SATP(machine.memory.base)
    drawn = leaves_of(hl.pictures.page_table(given))
    if kind in ("process", "table", "entries"):
        assert sorted(drawn) == parent.page_table.entries()["va"].tolist()


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (7, TypeError, "x=7 must be a Process"),
        (lambda: family()[2].page_table.entries(), ValueError, r"entries\(tables=True\)"),
        (lambda: family()[1].frames(), ValueError, "x has no column size"),
        (lambda: (family()[0], 77), hl.ProcessGone, "no process with pid 77"),
    ],
)
def test_what_has_none_is_refused(wrong: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        hl.pictures.page_table(wrong() if callable(wrong) else wrong)


# -- the walk -----------------------------------------------------------------------------------

WALKS = [
    (0x0, "load"),
    (0x0, "store"),
    (0x1008, "load"),
    (0x3018, "store"),
    (0x4000_0000, "fetch"),
    (0x20_0000, "load"),
    (1 << 45, "load"),
]


@pytest.mark.parametrize(("va", "access"), WALKS)
def test_a_walk_shows_each_entry_and_its_end(va: int, access: str) -> None:
    process = family()[2]
    made = process.page_table.walk(va, access)
    drawn = marks(hl.pictures.walk(process, va, access))
    assert len([name for name in drawn if name.startswith("entry ")]) == len(made.steps)
    for step in made.steps:
        level = int(step["level"])
        assert drawn[f"index {level}"].box[0] == drawn[f"table {int(step['table']):#x}"].box[0]
        assert f"{int(step['pte']):#x}" in drawn[f"entry {level}"].tip
        assert f"= {int(step['index'])}:" in drawn[f"entry {level}"].tip
    assert ("fault" in drawn) == (made.pa is None)
    if made.pa is not None:
        assert drawn["physical"].words == f"physical {made.pa:#x}"
    said = hl.pictures.walk(process, va, access)
    assert (f"fault {made.cause}" in words(said)) == (made.pa is None)


def test_a_walk_that_has_been_made_is_drawn_as_it_was() -> None:
    process = family()[2]
    made = process.page_table.walk(0x0, "store")
    assert hl.pictures.walk(made).data["steps"] is made.steps
    with pytest.raises(TypeError, match="va is missing"):
        hl.pictures.walk(process)


def test_a_walk_to_a_large_page_ends_early() -> None:
    machine = hl.Machine(memory="4MiB")
    base = machine.memory.base
    leaf = hl.PA2PTE(base) | hl.PTE_V | hl.PTE_R | hl.PTE_U
    machine.memory.write(base + hl.PGSIZE, (hl.PA2PTE(base + 2 * hl.PGSIZE) | hl.PTE_V).to_bytes(8, "little"))
    machine.memory.write(base + 2 * hl.PGSIZE, leaf.to_bytes(8, "little"))
    machine.hart.csrs["satp"] = hl.MAKE_SATP(base + hl.PGSIZE)
    picture = hl.pictures.walk(machine, 0x12345, privilege="U")
    assert "2 MiB page" in words(picture)
    assert marks(picture)["physical"].words == f"physical {base + 0x12345:#x}"
