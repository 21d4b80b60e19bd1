"""Constants and macros, boot stage by stage, the kernel's data in RAM, and the first process."""

from __future__ import annotations

import ctypes

import pytest

import hartlab as hl
from kernel import layout
from kernel.support import EDITIONS, assert_no_errors, assert_sound, mapped, owned, small

INITCODE = bytes.fromhex(
    "17 05 00 00 13 05 45 02 97 05 00 00 93 85 35 02 93 08 70 00 73 00 00 00 93 08 20 00 73 00 00 00"
    "ef f0 9f ff 2f 69 6e 69 74 00 00 24 00 00 00 00 00 00 00 00"
)

CONSTANTS = {
    "PGSIZE": 4096,
    "PGSHIFT": 12,
    "MAXVA": 1 << 38,
    "KERNBASE": 0x8000_0000,
    "UART0": 0x1000_0000,
    "VIRTIO0": 0x1000_1000,
    "CLINT": 0x0200_0000,
    "CLINT_SIZE": 0x1_0000,
    "PLIC": 0x0C00_0000,
    "PLIC_SIZE": 0x40_0000,
    "TRAMPOLINE": 0x3F_FFFF_F000,
    "TRAPFRAME": 0x3F_FFFF_E000,
    "NPROC": 64,
    "NOFILE": 16,
    "MAXARG": 32,
    "PTE_V": 1,
    "PTE_R": 2,
    "PTE_W": 4,
    "PTE_X": 8,
    "PTE_U": 16,
    "PTE_G": 32,
    "PTE_A": 64,
    "PTE_D": 128,
    "SATP_SV39": 8 << 60,
    "SBRK_EAGER": 1,
    "SBRK_LAZY": 2,
}

MACROS = [
    ("PGROUNDUP", (0,), 0),
    ("PGROUNDUP", (1,), 4096),
    ("PGROUNDUP", (4096,), 4096),
    ("PGROUNDUP", (4097,), 8192),
    ("PGROUNDDOWN", (4095,), 0),
    ("PGROUNDDOWN", (4096,), 4096),
    ("PGROUNDDOWN", (0x3F_FFFF_FFFF,), 0x3F_FFFF_F000),
    ("PXSHIFT", (0,), 12),
    ("PXSHIFT", (1,), 21),
    ("PXSHIFT", (2,), 30),
    ("PX", (2, 0x3F_FFFF_F000), 255),
    ("PX", (1, 0x3F_FFFF_F000), 511),
    ("PX", (0, 0x3F_FFFF_F000), 511),
    ("PX", (0, 0x1234_5678), 0x345 & 511),
    ("PX", (1, 0x1234_5678), 0x1234_5678 >> 21 & 511),
    ("PA2PTE", (0x8000_1000,), 0x2000_0400),
    ("PTE2PA", (0x2000_04DF,), 0x8000_1000),
    ("PTE_FLAGS", (0x2000_04DF,), 0xDF),
    ("PTE_FLAGS", (0xFFFF_FFFF,), 0x3FF),
    ("MAKE_SATP", (0x8000_1000,), 8 << 60 | 0x80001),
    ("KSTACK", (0,), 0x3F_FFFF_D000),
    ("KSTACK", (1,), 0x3F_FFFF_B000),
    ("KSTACK", (63,), 0x3F_FFFF_F000 - 64 * 8192),
]


@pytest.mark.parametrize("name", CONSTANTS)
def test_constant_is_xv6s(name: str) -> None:
    assert getattr(hl, name) == CONSTANTS[name]


@pytest.mark.parametrize(("name", "args", "value"), MACROS)
def test_macro_is_xv6s(name: str, args: tuple[int, ...], value: int) -> None:
    assert getattr(hl, name)(*args) == value


# -- stages -------------------------


def test_boot_stops_after_each_stage_and_goes_on() -> None:
    kernel = small(boot="none")
    assert kernel.booted == "none"
    assert (kernel.free_pages, len(kernel.free_list())) == (0, 0)
    seen = []
    for stage in ("kinit", "kvminit", "kvminithart", "procinit", "userinit"):
        kernel.boot(stage)
        assert kernel.booted == stage
        assert_sound(kernel)
        seen.append(
            (
                owned(kernel).get("page_table", 0),
                owned(kernel).get("kernel_stack", 0),
                len(kernel.processes()),
            )
        )
    tables = seen[1][0]
    # The stacks lie in the trampoline's 2 MiB: no table is needed for them. Init has a root and
    # two tables for each end of its address space.
    assert seen == [(0, 0, 0), (tables, 0, 0), (tables, 0, 0), (tables, 64, 0), (tables + 5, 64, 1)]
    assert kernel.run().reason == "finished"


@pytest.mark.parametrize("stage", ["none", "kinit", "kvminit", "kvminithart", "procinit"])
def test_kernel_that_has_not_booted_refuses_to_run_and_to_spawn(stage: str) -> None:
    kernel = small(boot=stage)
    for attempt in (kernel.run, lambda: kernel.spawn(code=b"\0\0\0\0")):
        with pytest.raises((RuntimeError, hl.ElfError), match="userinit"):
            attempt()
    assert not kernel.panicked


def test_booting_twice_does_nothing() -> None:
    kernel = small()
    before = kernel.snapshot()
    kernel.boot("userinit")
    kernel.boot("kinit")
    assert not hl.diff(before, kernel)


@pytest.mark.parametrize(
    ("stage", "text", "function"),
    [
        ("kvminit", "kvminit", "kvminit"),
        ("procinit", "kalloc", "proc_mapstacks"),
        ("userinit", "userinit", "userinit"),
    ],
)
def test_stage_without_memory_panics(stage: str, text: str, function: str) -> None:
    stages = ["none", "kinit", "kvminit", "kvminithart", "procinit", "userinit"]
    kernel = small(boot=stages[stages.index(stage) - 1])
    kernel.inject(fail_kalloc=1)
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.boot(stage)
    assert (caught.value.text, caught.value.function) == (text, function)


def test_kvminit_that_runs_out_half_way_panics_in_kvmmap() -> None:
    kernel = small(boot="kinit")
    kernel.inject(fail_kalloc=2)
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.boot("kvminit")
    assert caught.value.text == "kvmmap"


def test_userinit_without_a_struct_file_panics() -> None:
    kernel = small(boot="procinit")
    for i in range(100):
        layout.poke(kernel, "file", i, "ref", value=1)
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.boot("userinit")
    assert caught.value.text == "userinit"


@pytest.mark.parametrize("memory", [4096, (1 << 20) - 4096, (1 << 20) + 1, (1 << 30) + 4096])
def test_memory_that_cannot_be_is_refused(memory: int) -> None:
    with pytest.raises(ValueError, match="memory"):
        hl.Kernel(memory=memory)


@pytest.mark.parametrize("memory", ["1MiB", "3MiB", "64MiB"])
def test_kernel_boots_in_any_memory_that_it_accepts(memory: str) -> None:
    kernel = hl.Kernel(memory=memory)
    assert kernel.run().reason == "finished"
    assert len(kernel.audit()) == 0


def test_largest_memory_is_accepted() -> None:
    kernel = hl.Kernel(memory="1GiB", boot="none")
    assert kernel.phystop == hl.KERNBASE + (1 << 30)


# -- data in RAM -------------------------


def test_kernels_data_lies_where_the_layout_says() -> None:
    kernel = small()
    data = layout.data(kernel)
    assert ctypes.sizeof(layout.Spinlock) == 32
    assert data.initproc == layout.proc_address(0)
    assert data.kernel_pagetable == kernel.page_table.root
    assert data.kmem.free_pages == kernel.free_pages
    assert data.kmem.freelist == kernel.free_list()["pa"][0]
    assert data.nextpid == 2
    assert bytes(data.initcode)[:52] == INITCODE
    assert data.init_path == b"/init"
    init = data.proc[0]
    row = kernel.processes()[0]
    for field in ("pid", "sz", "pagetable", "trapframe", "kstack", "xstate"):
        assert getattr(init, field) == row[field]
    assert init.name == b"initcode"
    assert [data.proc[slot].kstack for slot in range(64)] == [hl.KSTACK(slot) for slot in range(64)]


def test_locks_have_xv6s_names_and_are_free() -> None:
    kernel = small()
    kernel.run()
    data = layout.data(kernel)
    locks = {
        "kmem": data.kmem.lock,
        "nextpid": data.pid_lock,
        "wait_lock": data.wait_lock,
        "time": data.tickslock,
        "ftable": data.ftable_lock,
        "itable": data.itable_lock,
        "cons": data.cons.lock,
        "proc": data.proc[5].lock,
    }
    for name, lock in locks.items():
        assert kernel.memory.read(lock.name, len(name) + 1) == name.encode() + b"\0"
        assert lock.locked == 0


def test_trampoline_and_text_are_fixed() -> None:
    kernel = small()
    assert kernel.memory.read(hl.KERNBASE, 4) == hl.asm("ebreak")
    page = kernel.memory.read(hl.ETEXT - hl.PGSIZE, hl.PGSIZE)
    text = list(hl.disasm(page[:0x200])["text"])
    assert text[0].startswith("csrrw zero, sscratch, a0") or "sscratch" in text[0]
    assert sum(line.startswith("sd ") for line in text) == 31
    assert sum(line == "sfence.vma" or line.startswith("sfence.vma") for line in text) == 4
    assert "sret" in text


# -- the first process -------------------------


@pytest.mark.parametrize("xv6", EDITIONS)
def test_first_process_is_the_real_one(xv6: str) -> None:
    kernel = small(xv6=xv6)
    init = kernel.process(1)
    assert (init.name, init.sz, init.state, init.parent, init.slot) == (
        "initcode",
        hl.PGSIZE,
        "RUNNABLE",
        None,
        0,
    )
    assert (init.trapframe["epc"], init.trapframe["sp"]) == (0, hl.PGSIZE)
    assert init.page_table.peek(0, hl.PGSIZE) == INITCODE + bytes(hl.PGSIZE - 52)
    assert mapped(kernel, init.page_table.root)[0][1] == 0x1F
    assert [(row["fd"], row["type"]) for row in init.files()] == [(0, "device"), (1, "device"), (2, "device")]


def test_first_process_executes_init_with_its_path_as_the_only_argument() -> None:
    kernel = small()
    with kernel.tracing():
        assert kernel.run().reason == "finished"
    calls = kernel.trace()[kernel.trace()["kind"] == "syscall"]
    assert (calls["what"][0], calls["a0"][0], calls["a1"][0], calls["result"][0]) == ("exec", 0x24, 0x2B, 1)
    init = kernel.process(1)
    assert (init.name, init.state) == ("init", "SLEEPING")
    assert_no_errors(kernel)


def test_user_may_replace_init() -> None:
    from kernel.programs_in_elf import elf
    from oracles.exec_layout import Segment

    code = hl.asm(
        """
        li a7, 1
        ecall            # fork
        beqz a0, child
    again:
        li a0, 0
        li a7, 3
        ecall            # wait(0)
        bgez a0, again
        li a0, 1
        li a7, 13
        ecall            # sleep(1)
        j again
    child:
        li a0, 4
        li a7, 2
        ecall            # exit(4)
        """
    )
    kernel = small(init=elf([Segment(0, code, len(code), "rx")]))
    assert kernel.run().reason == "finished"
    assert kernel._engine.exit_of(2)[1] == 4
    assert_no_errors(kernel)


@pytest.mark.parametrize("init", [b"no program", b""])
def test_init_that_cannot_be_executed_exits_and_panics(init: bytes) -> None:
    kernel = small()
    kernel.files["/init"] = init or b"\0"
    with pytest.raises(hl.KernelPanic) as caught:
        kernel.run()
    assert (caught.value.text, caught.value.function, caught.value.pid) == ("init exiting", "exit", 1)
