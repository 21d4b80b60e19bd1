"""Every rule of the Sv39 walk, one by one: what is in the tables, who accesses, what comes of it.

Random tables against an oracle are in ``test_mmu``. [priv 4.3.1, 4.3.2, 4.4]
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import pytest

import hartlab as hl
from hart.boards import FS_DIRTY, RAM, A, D, G, R, Tables, U, V, W, X, board, run_to_trap

TABLES, PAGE, VA = RAM + 0x10_0000, RAM + 0x20_0000, 0x1_4020_0000
SIZE = "8MiB"
SUM, MXR = 1 << 18, 1 << 19
INSTRUCTION = {"fetch": "jr a1", "load": "lb a0, 0(a1)", "store": "sb a0, 0(a1)"}
PAGE_FAULT = {"fetch": 12, "load": 13, "store": 15}
ACCESS_FAULT = {"fetch": 1, "load": 5, "store": 7}
FULL = V | R | W | X | A | D
OK, FAULT, REFUSED = "allowed", "page fault", "access fault"


@dataclass(frozen=True)
class Rule:
    """A leaf, and what an access through it comes to."""

    section: str
    pte: int  # flags and high bits; the page's number is put in
    access: str = "load"
    result: str = FAULT
    level: int = 0
    mode: str = "S"
    status: int = 0
    adue: bool = True
    after: int = 0  # bits that the walk sets in the leaf
    frame: int = PAGE
    pointer: int = V  # flags of the entries above
    offset: int = 0
    va: int = VA


def each(rule: Rule, **values: list[object]) -> list[Rule]:
    """The rule with each of these values."""
    return [
        replace(rule, **dict(zip(values, chosen, strict=True)))
        for chosen in itertools.product(*values.values())
    ]


EVERY = {"access": ["fetch", "load", "store"]}
READS = {"access": ["fetch", "load"]}
DATA = {"access": ["load", "store"]}
RULES = [
    # step 1 and 2: the table is where satp and the pointers say
    *each(Rule("4.3.2 step 1", FULL, result=OK), **EVERY),
    # step 3: not valid, or reserved
    *each(Rule("4.3.2 step 3: V is 0", FULL & ~V), **EVERY),
    *each(Rule("4.3.2 step 3: V is 0, and nothing else counts", 0x3FF_FFFF_FFFF_FC00 & ~V), **EVERY),
    *each(Rule("4.3.2 step 3: W without R", V | W | A | D), **EVERY),
    *each(Rule("4.3.2 step 3: W and X without R", V | W | X | A | D), **EVERY),
    *each(Rule("4.4.1: bits 60-54 are reserved", 0), pte=[FULL | 1 << bit for bit in range(54, 61)], **EVERY),
    *each(Rule("4.4.1: PBMT without Svpbmt", 0), pte=[FULL | 1 << bit for bit in (61, 62)], **EVERY),
    *each(Rule("4.4.1: N without Svnapot", FULL | 1 << 63), **EVERY),
    *each(Rule("4.3.1: RSW is software's", 0, result=OK), pte=[FULL | n << 8 for n in (1, 2, 3)], **EVERY),
    *each(Rule("4.3.1: G changes no right", FULL | G, result=OK), **EVERY),
    # step 4: pointers
    *each(Rule("4.3.2 step 4: a pointer at level 0", V), **EVERY),
    *each(Rule("4.3.1: A, D and U of a pointer are reserved", FULL), pointer=[V | A, V | D, V | U], **EVERY),
    *each(Rule("4.3.1: G of a pointer", FULL, result=OK, pointer=V | G), **EVERY),
    *each(Rule("4.3.1: RSW of a pointer", FULL, result=OK, pointer=V | 3 << 8), **EVERY),
    *each(Rule("4.4.1: high bits of a pointer", FULL), pointer=[V | 1 << 54, V | 1 << 63], **EVERY),
    # step 5: rights
    Rule("4.3.1: R", V | X | A | D),
    Rule("4.3.1: R", V | R | A | D, result=OK),
    Rule("4.3.1: W", V | R | X | A | D, "store"),
    Rule("4.3.1: W", V | R | W | A | D, "store", OK),
    Rule("4.3.1: X", V | R | W | A | D, "fetch"),
    Rule("4.3.1: X", V | X | A | D, "fetch", OK),
    Rule("3.1.6.3: MXR lets loads through X", V | X | A | D, "load", OK, status=MXR),
    *each(Rule("3.1.6.3: MXR lets no other access through", V | X | A | D, "store", status=MXR)),
    Rule("3.1.6.3: MXR, and no right at all", V | A | D, "load", status=MXR),
    *each(Rule("4.3.1: U-mode needs U", FULL, mode="U"), status=[0, SUM, MXR], **EVERY),
    *each(Rule("4.3.1: U-mode needs U", FULL | U, result=OK, mode="U"), status=[0, SUM, MXR], **EVERY),
    *each(Rule("4.3.1: S-mode needs SUM for U", FULL | U), **DATA, status=[0, MXR]),
    *each(Rule("4.3.1: S-mode with SUM", FULL | U, result=OK, status=SUM), **DATA),
    *each(Rule("4.3.1: S-mode never executes U", FULL | U, "fetch"), status=[0, SUM, SUM | MXR]),
    # step 6: superpages are aligned
    *each(Rule("4.3.2 step 6", FULL, result=OK, level=1), offset=[0, 0x1F_F000], **EVERY),
    *each(Rule("4.3.2 step 6", FULL, result=OK, level=2, frame=RAM), offset=[0, 0x5F_F000], **EVERY),
    *each(Rule("4.3.2 step 6", FULL, level=1), frame=[PAGE + (0x1000 << n) for n in range(9)], **EVERY),
    *each(Rule("4.3.2 step 6", FULL, level=2), frame=[RAM + (0x1000 << n) for n in range(18)], **EVERY),
    # step 7: A and D, by hardware (Svadu) or software (Svade)
    *each(Rule("4.3.2 step 7: A", FULL & ~(A | D), result=OK, after=A), **READS, level=[0, 1]),
    *each(Rule("4.3.2 step 7: A and D", FULL & ~(A | D), "store", OK, after=A | D), level=[0, 1]),
    Rule("4.3.2 step 7: D", FULL & ~D, "store", OK, after=D),
    *each(Rule("4.3.2 step 7: D is for stores", FULL & ~D, result=OK), **READS, adue=[True, False]),
    *each(Rule("Svade 1.1: A is 0", FULL & ~A, adue=False), **EVERY),
    *each(Rule("Svade 1.1: D is 0", FULL & ~D, "store", adue=False), level=[0, 1]),
    *each(Rule("Svade 1.1: both are 1", FULL, result=OK, adue=False), **EVERY),
    *each(Rule("4.3.2 step 5 before 7: a fault sets nothing", 0), pte=[V | W, V | U | R | W | X, V], **EVERY),
    # step 8: the address, and what is there
    *each(Rule("4.3.2 step 8: no memory", FULL, result=REFUSED, frame=0x4000), **EVERY),
    *each(Rule("4.3.2 step 8: nothing so far up", FULL, result=REFUSED, frame=1 << 55), **EVERY),
    # canonical addresses
    *each(Rule("4.4.1: bits 63-39 equal bit 38", FULL), va=[VA | 1 << bit for bit in range(39, 64)],
          access=["load"]),
    *each(Rule("4.4.1: bits 63-39 equal bit 38", FULL, va=VA | 1 << 38), **EVERY),
    *each(Rule("4.4.1: the upper half", FULL, result=OK, va=(VA | -1 << 38) % (1 << 64)), **EVERY),
]  # fmt: skip


@pytest.mark.parametrize("section", dict.fromkeys(rule.section for rule in RULES))
def test_rule_of_the_walk(section: str) -> None:
    for rule in RULES:
        if rule.section != section:
            continue
        machine = board(INSTRUCTION[rule.access], memory=SIZE, csrs={"mstatus": FS_DIRTY | rule.status})
        put = machine.memory.write
        tables = Tables(put, TABLES)
        tables.map(RAM, RAM, FULL | (U if rule.mode == "U" else 0))
        at = tables.map(rule.va, rule.frame, rule.pte, rule.level)
        if rule.pointer != V:  # of the last table
            above = tables.table((rule.va >> 30 & 511,)) + 8 * (rule.va >> 21 & 511)
            tables.put(above, tables.ptes[above] & ~V | rule.pointer)
        machine.hart.csrs["satp"] = tables.satp()
        machine.hart.csrs["menvcfg"] = int(rule.adue) << 61
        machine.hart.privilege = rule.mode
        machine.hart.x["a1"] = rule.va + rule.offset
        if rule.result == OK and rule.access == "fetch":
            put(rule.frame | (rule.va + rule.offset) % (0x1000 << 9 * rule.level), hl.asm("nop; nop"))
        before = tables.ptes[at]
        cause = run_to_trap(machine, 2 if rule.access == "fetch" else 1)
        faults = {OK: {}, FAULT: PAGE_FAULT, REFUSED: ACCESS_FAULT}[rule.result]
        assert cause == faults.get(rule.access), rule
        if cause:
            assert machine.hart.last_trap()["tval"] == rule.va + rule.offset
        after = int.from_bytes(machine.memory.read(at, 8), "little")
        accessed = {"store": A | D}.get(rule.access, A) if rule.result == REFUSED else rule.after
        assert after == before | accessed, rule


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("access", PAGE_FAULT)
def test_a_table_that_is_not_in_memory_is_an_access_fault_of_the_access(level: int, access: str) -> None:
    """[priv 4.3.2 step 2]"""
    machine = board(INSTRUCTION[access], memory=SIZE, x={"a1": VA})
    tables = Tables(machine.memory.write, TABLES)
    tables.map(RAM, RAM, FULL)
    tables.map(VA, PAGE, FULL)
    if level < 2:
        above = tables.table(()) if level == 1 else tables.table((VA >> 30 & 511,))
        tables.put(above + 8 * (VA >> (30 if level == 1 else 21) & 511), 0x4000 >> 2 | V)
    machine.hart.csrs["satp"] = 8 << 60 | 0x4 if level == 2 else tables.satp()
    machine.hart.privilege = "S"
    cause = run_to_trap(machine, 2)
    assert cause == (1 if level == 2 else ACCESS_FAULT[access])  # not even the first fetch finds a table


@pytest.mark.parametrize(
    ("privilege", "status", "satp", "translated"),
    [
        ("M", 0, 8, False),
        ("M", 1 << 17 | 3 << 11, 8, False),  # MPRV, MPP = M
        ("M", 1 << 17 | 1 << 11, 8, True),  # MPRV, MPP = S
        ("M", 1 << 17, 8, True),  # MPRV, MPP = U
        ("S", 0, 0, False),
        ("S", 0, 8, True),
        ("U", 0, 0, False),
        ("U", 0, 8, True),
    ],
)
def test_what_is_translated(privilege: str, status: int, satp: int, translated: bool) -> None:
    """[priv 3.1.6.3, 4.1.11]"""
    machine = board("lb a0, 0(a1)", memory=SIZE, csrs={"mstatus": FS_DIRTY | status}, x={"a1": PAGE})
    tables = Tables(machine.memory.write, TABLES)
    as_user = privilege == "U" or (privilege == "M" and not status >> 11 & 3)
    tables.map(RAM, RAM, FULL | (U if privilege == "U" else 0))
    tables.map(PAGE, PAGE + 0x1000, FULL | (U if as_user else 0))
    machine.memory.write(PAGE, b"\x01")
    machine.memory.write(PAGE + 0x1000, b"\x02")
    machine.hart.csrs["satp"] = tables.satp() if satp else 0
    machine.hart.privilege = privilege
    assert run_to_trap(machine, 1) is None
    assert machine.hart.x.a0 == (2 if translated else 1)
