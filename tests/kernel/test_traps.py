"""usertrap and the trampoline: registers, fences, faults that kill, faults that are repaired."""

from __future__ import annotations

import pytest

import hartlab as hl
from kernel import layout
from kernel.support import assert_no_errors, assert_sound, run_until_current, small, spin

X = [*range(1, 32)]


# -- registers -------------------------


def test_all_registers_survive_a_system_call_except_a0() -> None:
    kernel = small()
    fill = "; ".join(f"li x{i}, {0x1000 + i}" for i in X if i not in (2, 10, 17))
    process = kernel.spawn(code=hl.asm(f"{fill}; li a7, 11; ecall; here: j here"))
    sp = process.sz
    kernel.run(30_000)
    registers = process.registers
    expected = {i: 0x1000 + i for i in X} | {2: sp, 10: process.pid, 17: 11}
    assert {i: registers[i] for i in X} == expected


def test_trapframe_holds_the_registers_and_what_the_trampoline_needs() -> None:
    kernel = small()
    process = kernel.spawn(code=hl.asm("li s7, 1234; li a7, 11; ecall; here: j here"))
    run_until_current(kernel, process)
    assert kernel.run(until="syscall").pid == process.pid
    kernel.run(1, until="switch")
    frame = process.trapframe
    assert (frame["s7"], frame["a7"]) == (1234, 11)
    assert frame["kernel_satp"] == hl.MAKE_SATP(kernel.page_table.root)
    assert frame["kernel_sp"] == hl.KSTACK(process.slot) + hl.PGSIZE
    assert frame["kernel_hartid"] == 0
    assert hl.KERNBASE <= frame["kernel_trap"] < hl.ETEXT
    assert list(frame)[:5] == ["kernel_satp", "kernel_sp", "kernel_trap", "epc", "kernel_hartid"]
    assert list(frame)[5:] == [
        *("ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"),
        *(f"a{i}" for i in range(8)),
        *(f"s{i}" for i in range(2, 12)),
        *("t3", "t4", "t5", "t6"),
    ]


def test_floating_point_registers_are_each_processs_own() -> None:
    kernel = small(timer_interval=200)
    source = """
        li t0, {n}
        fcvt.d.l fa0, t0
        li t0, 1
        fcvt.d.l fa1, t0
    here:
        fadd.d fa0, fa0, fa1
        fsub.d fa0, fa0, fa1
        j here
    """
    processes = [kernel.spawn(code=hl.asm(source.format(n=n))) for n in (10, 20, 30)]
    kernel.run(20_000)
    seen = set()
    for _ in range(40):
        kernel.run(150)
        if kernel.current_pid in {p.pid for p in processes}:
            index = kernel.current_pid - processes[0].pid
            value = kernel.hart.doubles[10]
            assert value in (10.0 * (index + 1), 10.0 * (index + 1) + 1)
            seen.add(index)
    assert seen == {0, 1, 2}


# -- satp and the TLB -------------------------


def trap_flushes(kernel: hl.Kernel) -> int:
    """Flushes of one getpid there and back."""
    process = kernel.spawn(code=hl.asm("again: li a7, 11; ecall; j again"))
    run_until_current(kernel, process)
    kernel.run(10)
    assert kernel.run(until="syscall").reason == "syscall"
    before = kernel.hart.tlb.counts.flushes
    assert kernel.run(until="syscall").traps == 1
    return kernel.hart.tlb.counts.flushes - before


def test_trampoline_fences_twice_each_way() -> None:
    assert trap_flushes(small(timer_interval=1 << 40)) == 4


def test_with_asids_nothing_is_fenced_on_the_way() -> None:
    assert trap_flushes(small(asid="on", timer_interval=1 << 40)) == 0


def test_fences_and_switches_are_events_in_order() -> None:
    kernel = small(timer_interval=1 << 40)
    process = kernel.spawn(code=hl.asm("again: li a7, 11; ecall; j again"))
    run_until_current(kernel, process)
    kernel.run(until="syscall")
    with kernel.tracing():
        kernel.run(until="syscall")
    kinds = [str(kind) for kind in kernel.trace()["kind"] if kind in ("syscall", "tlb_flush")]
    assert kinds in (["tlb_flush"] * 2 + ["syscall"] + ["tlb_flush"] * 2, ["syscall"] + ["tlb_flush"] * 4)


def test_satp_names_the_table_and_with_asids_the_process() -> None:
    for asid, bits in (("off", 0), ("on", 2)):
        kernel = small(asid=asid)
        process = spin(kernel)
        run_until_current(kernel, process)
        assert kernel.hart.csrs["satp"] == hl.MAKE_SATP(process.page_table.root) | (bits << 44)
        kernel.run(until="trap")
        assert kernel.hart.privilege == "S"


def test_kernel_has_its_own_satp_between_processes() -> None:
    kernel = small()
    kernel.run()
    assert kernel.current_pid == 0
    assert kernel.hart.csrs["satp"] == hl.MAKE_SATP(kernel.page_table.root)


@pytest.mark.parametrize("page", ["trampoline", "trapframe"])
def test_table_that_lost_the_way_into_the_kernel_is_a_diagnosis(page: str) -> None:
    kernel = small()
    process = spin(kernel)
    va = hl.TRAMPOLINE if page == "trampoline" else hl.TRAPFRAME
    kernel.memory.store(kernel.call("walk", process.page_table.root, va, False), 0)
    assert page in kernel.audit()["kind"]
    with pytest.raises(hl.KernelPanic, match=f"does not map the {page}") as caught:
        kernel.run()
    assert caught.value.text in {"uservec", "userret"}


def test_trapframe_lost_while_the_process_runs_is_found_on_its_way_in() -> None:
    kernel = small()
    process = spin(kernel)
    run_until_current(kernel, process)
    kernel.memory.store(kernel.call("walk", process.page_table.root, hl.TRAPFRAME, False), 0)
    kernel.hart.tlb.flush()
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.run()
    assert caught.value.text == "uservec"


def test_trap_that_does_not_come_from_user_mode_is_a_panic() -> None:
    kernel = small()
    process = spin(kernel)
    run_until_current(kernel, process)
    kernel.run(until="trap")
    kernel.hart.csrs["sstatus"] |= 1 << 8  # SPP
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.run()
    assert caught.value.text == "usertrap: not from user mode"


# -- faults that kill -------------------------

# (code, scause, offset of the faulting instruction, stval)
FATAL = {
    "load from nowhere": ("li t0, 0x9000; ld t1, 0(t0)", 13, 4, 0x9000),
    "store to nowhere": ("li t0, 0x9000; sd t1, 8(t0)", 15, 4, 0x9008),
    "load from the guard": ("li t0, 0x1000; ld t1, 0(t0)", 13, 4, 0x1000),
    "store to the guard": ("li t0, 0x1ff8; sd t1, 0(t0)", 15, 8, 0x1FF8),
    "jump to nowhere": ("li t0, 0x8000; jr t0", 12, None, 0x8000),
    "jump to the stack": ("jr sp", 12, None, 0x3000),
    "load from the trapframe": ("li t0, 0x3fffffe000; ld t1, 0(t0)", 13, None, hl.TRAPFRAME),
    "jump to the trampoline": ("li t0, 0x3ffffff000; jr t0", 12, None, hl.TRAMPOLINE),
    "load from kernel memory": ("li t0, 0x80000000; ld t1, 0(t0)", 13, None, hl.KERNBASE),
    "not canonical": ("li t0, 0x4000000000; sd t1, 0(t0)", 15, None, 1 << 38),
    "illegal instruction": (".word 0", 2, 0, None),
    "privileged instruction": ("sret", 2, 0, None),
    "supervisor csr": ("csrr t0, satp", 2, 0, None),
    "breakpoint": ("ebreak", 3, 0, None),
    "misaligned atomic": ("li t0, 0x2001; lr.d t1, (t0)", None, None, 0x2001),
}


@pytest.mark.parametrize("name", FATAL)
def test_fault_kills_with_a_line_that_says_what_and_where(name: str) -> None:
    source, scause, offset, stval = FATAL[name]
    kernel = small()
    process = kernel.spawn(code=hl.asm(source), name="faulty")
    bystander = spin(kernel)
    kernel.run(500_000)
    assert process.exit_status == -1
    assert bystander.alive
    _, _, _, _, by_fault, cause, sepc, address = kernel._engine.exit_of(process.pid)
    assert by_fault
    text = kernel.console.text
    first, second = text.splitlines()[:2]
    assert first == f"usertrap(): unexpected scause {cause:#x} pid={process.pid}"
    assert second.lstrip().startswith(f"sepc={sepc:#x} stval={address:#x}")
    assert "faulty" in text
    if scause is not None:
        assert cause == scause
    if offset is not None:
        code = hl.disasm(hl.asm(source))
        assert sepc in code["pc"]
        assert sepc == (code["pc"][-1] if offset else 0)
    if stval is not None:
        assert address == stval
    assert_no_errors(kernel)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("li t0, 0x9000; sd t1, 0(t0)", "store page fault at address 0x9000, pc 0x"),
        ("csrr t0, satp", "illegal instruction 0x180022f3, pc 0x0"),
    ],
)
def test_killed_by_names_the_fault(source: str, words: str) -> None:
    kernel = small()
    process = kernel.spawn(code=hl.asm(source))
    kernel.run()
    assert str(process.killed_by).startswith(words)


def test_write_to_text_kills_under_2025_and_works_under_2020() -> None:
    from kernel.programs_in_elf import elf
    from oracles.exec_layout import Segment

    code = hl.asm("sd zero, 0x100(zero); li a0, 7; li a7, 2; ecall")
    for xv6, status in (("2025", -1), ("2020", 7)):
        kernel = small(xv6=xv6)
        process = kernel.spawn(elf([Segment(0, code, len(code), "rx")]), name="writer")
        kernel.run()
        assert process.exit_status == status


# -- faults that are repaired -------------------------


def test_fault_on_a_granted_page_maps_it_and_the_instruction_executes_again() -> None:
    kernel = small(sbrk="lazy")
    source = """
        li a0, 0x3000
        li a7, 12
        ecall                # sbrk
        mv s1, a0
        ld s2, 8(s1)         # a load
        li t0, 99
        li t1, 0x1000
        add t1, s1, t1
        sd t0, 0(t1)         # a store
        ld s3, 0(t1)
    here:
        j here
    """
    process = kernel.spawn(code=hl.asm(source))
    with kernel.tracing():
        kernel.run(50_000)
    assert (process.registers.s2, process.registers.s3) == (0, 99)
    faults = kernel.trace()[kernel.trace()["kind"] == "fault"]
    heap = process.registers.s1
    assert [(int(f["code"]), int(f["va"]), int(f["result"])) for f in faults] == [
        (13, heap + 8, 1),
        (15, heap + 0x1000, 1),
    ]
    assert [heap + i * hl.PGSIZE in process.page_table for i in range(3)] == [True, True, False]
    assert_no_errors(kernel)


def test_access_across_two_absent_pages_faults_twice() -> None:
    kernel = small(sbrk="lazy")
    sbrk = "li a0, 0x2000; li a7, 12; ecall"
    store = "li t0, 0xffc; add t0, t0, a0; li t1, -1; sd t1, 0(t0)"
    process = kernel.spawn(code=hl.asm(f"{sbrk}; {store}; here: j here"))
    kernel.run(50_000)
    heap = process.sz - 0x2000
    assert process.page_table.peek(heap + 0xFFC, 8) == b"\xff" * 8


def test_fetch_from_a_granted_page_that_was_never_touched_kills() -> None:
    kernel = small(sbrk="lazy")
    process = kernel.spawn(code=hl.asm("li a0, 0x1000; li a7, 12; ecall; jr a0"))
    kernel.run()
    assert process.exit_status == -1
    assert "instruction page fault" in str(process.killed_by)


def test_lazy_page_without_memory_kills_and_loses_nothing() -> None:
    kernel = small(sbrk="lazy")
    process = kernel.spawn(code=hl.asm("li a0, 0x1000; li a7, 12; ecall; sd zero, 0(a0)"))
    kernel.run(until="syscall")
    while kernel.current_pid != process.pid:
        kernel.run(until="syscall")
    kernel.inject(fail_kalloc=1)
    kernel.run()
    assert process.exit_status == -1
    assert_no_errors(kernel)
    free = kernel.free_pages
    spin(kernel).exit()
    kernel.run()
    assert kernel.free_pages == free


def test_with_svade_a_and_d_bits_are_set_by_the_kernel() -> None:
    kernel = small(hardware_ad=False)
    process = kernel.spawn(code=hl.asm("ld t0, -8(sp); sd t0, -8(sp); li a7, 2; li a0, 3; ecall"))
    kernel.run(until="exit")
    while process.alive:
        kernel.run(until="exit")
    flags = process.page_table.pte(process.sz - 8) & (hl.PTE_A | hl.PTE_D)
    assert flags == hl.PTE_A | hl.PTE_D
    kernel.run()
    assert process.exit_status == 3


# -- the kernel's own faults -------------------------


@pytest.mark.parametrize("pointer", [0x1234_5678, (1 << 64) - 8, hl.KERNBASE - 8, hl.KERNBASE + (2 << 20)])
def test_wild_pointers_in_the_kernels_data_are_diagnosed(pointer: int) -> None:
    for field in ("trapframe", "pagetable"):
        kernel = small()
        process = spin(kernel)
        layout.poke(kernel, "proc", process.slot, field, value=pointer)
        assert "process" in kernel.audit()["kind"]
        with pytest.raises(hl.KernelPanic):
            kernel.run(1_000_000)
        assert kernel.panicked


def test_cpu_that_points_to_no_process_is_diagnosed() -> None:
    kernel = small()
    process = spin(kernel)
    run_until_current(kernel, process)
    layout.poke(kernel, "cpus", 0, "proc", value=hl.KERNBASE + 0x123456)
    with pytest.raises(hl.KernelPanic):
        kernel.run(1_000_000)
    assert_sound(small())
