"""Kernel functions replaced by C: how it is called, what it sees, and what its mistakes become."""

from __future__ import annotations

from typing import Any

import pytest

import hartlab as hl
from compilers import needs_compiler
from kernel.support import assert_sound, run_until_current, small, spin

pytestmark = needs_compiler
pytest.importorskip("elftools")

PAGE = hl.PGSIZE
COUNTING = """
static int calls;
int allocpid(void) { return ++calls; }
"""


def test_c_takes_the_place_of_a_function() -> None:
    kernel = small()
    code = kernel.replace_c("int flags2perm(int flags) { return flags == 5 ? 77 : -1; }")
    assert code.functions == ("flags2perm",)
    assert (kernel.call("flags2perm", 5), kernel.call("flags2perm", 6)) == (77, -1)
    assert kernel.replaced["flags2perm"] is code
    kernel.restore_native("flags2perm")
    assert kernel.call("flags2perm", 1) == hl.PTE_X


def test_arguments_and_results_are_those_of_c() -> None:
    kernel = small()
    kernel.replace_c(
        """
        uint64 uvmalloc(pagetable_t pagetable, uint64 a, uint64 b, uint64 c) {
            return (uint64)pagetable ^ a ^ (b << 1) ^ (c << 2);
        }
        int growproc(int n) { return n / 2; }
        void uvmclear(pagetable_t pagetable, uint64 va) { kmem.free_pages = va; }
        """
    )
    big = (1 << 64) - 1
    assert kernel.call("uvmalloc", big, 3, 5, 7) == big ^ 3 ^ 10 ^ 28
    assert kernel.call("growproc", -7) == -3
    assert kernel.call("uvmclear", 0, 1234) is None
    assert kernel.free_pages == 1234


def test_calls_go_through_the_table_and_within_the_source_directly() -> None:
    kernel = small()
    seen: list[str] = []
    kernel.replace_c(
        """
        uint64 walkaddr(pagetable_t pagetable, uint64 va) { return va == 7 ? 70 : 1; }
        int ismapped(pagetable_t pagetable, uint64 va) { return walkaddr(pagetable, va) + flags2perm(1); }
        """
    )

    @kernel.replace("walkaddr")
    def walkaddr(k: Any, pagetable: int, va: int) -> int:
        seen.append("walkaddr")
        return 5

    @kernel.replace("flags2perm")
    def flags2perm(k: Any, flags: int) -> int:
        seen.append("flags2perm")
        return 100

    assert kernel.call("ismapped", 0, 7) == 170
    assert seen == ["flags2perm"]


def test_native_python_and_c_nest() -> None:
    kernel = small()
    kernel.replace_c(
        "int growproc(int n) { volatile int mine = n * 3; "
        "int r = n > 0 ? shrinkproc(n - 1) : 0; return r + mine; }"
    )
    kernel.replace("shrinkproc", lambda k, n: k.growproc(n) + 1)
    expected, n = 0, 5
    for i in range(n, -1, -1):
        expected += 3 * i + (1 if i else 0)
    assert kernel.call("growproc", n) == expected


def test_structs_variables_and_macros_are_those_of_the_kernel() -> None:
    kernel = small()
    process = spin(kernel)
    kernel.replace_c(
        """
        int kill(int pid) {
            struct proc *p;
            for (p = proc; p < &proc[NPROC]; p++)
                if (p->pid == pid)
                    break;
            printf("pid %d %s sz %lx state %d%c", p->pid, p->name, p->sz, p->state, '\\n');
            void *table = kernel_pagetable;
            printf("%d %u %x %p %s %% %5d|%05d %ld\\n", -1, 1, 255, table, "text", 42, 42, -5L);
            return ((uint64)end % PGSIZE == 0) + (PHYSTOP == %d);
        }
        """.replace("%d);", f"{kernel.phystop}UL);")
    )
    assert kernel.call("kill", process.pid) == 2
    lines = kernel.console.text.splitlines()
    assert lines[-2] == f"pid {process.pid} spin sz {process.sz:x} state 3"
    assert lines[-1] == f"-1 1 ff 0x{kernel.page_table.root:016x} text %    42|00042 -5"


def test_a_pointer_into_its_own_memory_may_be_given_to_kernel_functions() -> None:
    kernel = small()
    process = spin(kernel)
    process.store(0x800, b"hello\0")
    kernel.replace_c(
        """
        static char kept[16];
        int flags2perm(int slot) {
            char here[16];
            struct proc *p = &proc[slot];
            if (copyinstr(p->pagetable, here, 0x800, sizeof here) != 0) return -1;
            if (copyin(p->pagetable, kept, 0x800, 6) != 0) return -2;
            if (copyout(p->pagetable, 0x900, "there", 6) != 0) return -3;
            return memcmp(here, kept, 6) == 0 && strlen(here) == 5;
        }
        """
    )
    assert kernel.call("flags2perm", process.slot) == 1
    assert process.load(0x900, 6) == b"there\0"


def test_static_variables_are_part_of_the_state() -> None:
    kernel = small()
    fresh = kernel.snapshot()
    kernel.replace_c(COUNTING)
    assert [kernel.call("allocpid") for _ in range(3)] == [1, 2, 3]
    three = kernel.snapshot()
    kernel.call("allocpid")
    twin = kernel.clone()
    kernel.restore(three)
    assert kernel.call("allocpid") == 4
    assert twin.call("allocpid") == 5
    kernel.restore(fresh)
    assert kernel.call("allocpid") == 1


def test_units_stand_beside_each_other() -> None:
    kernel = small()
    first = kernel.replace_c("static int n = 5; int growproc(int x) { return n += x; }")
    second = kernel.replace_c("static int n = 7; int shrinkproc(int x) { return n += x + growproc(x); }")
    assert first._linked.text != second._linked.text
    assert (kernel.call("shrinkproc", 1), kernel.call("growproc", 1)) == (14, 7)
    third = kernel.replace_c("int growproc(int x) { return x; }")
    assert third._linked.text != second._linked.text
    assert kernel.call("shrinkproc", 1) == 16


def test_the_region_says_whose_its_pages_are() -> None:
    kernel = small()
    frames = kernel.frames().tobytes()
    kernel.replace_c("static volatile char a[5000]; int growproc(int x) { return a[x]++; }", name="first")
    second = kernel.replace_c(
        "int shrinkproc(int x) { return x; } int kill(int x) { return x; }", name="second"
    )
    assert kernel.frames().tobytes() == frames
    region = kernel.c_region()
    assert region["pa"].tolist() == list(range(0x1010_0000, 0x1014_0000, PAGE))
    mine = region[region["code"] == "first"]
    assert mine["owner"].tolist() == ["data", "data", "text"]
    assert mine["size"].tolist()[:2] == [PAGE, 5000 - PAGE]
    other = region[region["code"] == "second"]
    assert other[["pa", "owner"]].tolist() == [(second._linked.text, "text")]
    assert other["functions"][0] == "kill, shrinkproc"
    assert {str(flags) for flags in region["flags"][region["owner"] == "text"]} == {"VR-X----"}
    assert (region["owner"] == "stack").sum() == 16
    assert repr(region)
    kernel.restore_native()
    assert not (kernel.c_region()["code"] != "").any()
    kernel.call("uvmunmap", kernel.page_table.root, 0x1010_0000, 64, 0)
    assert not (kernel.c_region()["flags"] != "").any()


def test_time_and_counters_are_the_machine_s() -> None:
    kernel = small()
    spin(kernel)
    kernel.run(1234)
    kernel.replace_c(
        "uint64 mygrowproc(uint64 n) { return n == 0 ? r_time() : n == 1 ? r_instret() : TIMER_INTERVAL; }"
    )
    seen = [kernel.call("mygrowproc", n) for n in range(3)]
    assert seen == [kernel.hart.time, kernel.instructions, 100_000]
    kernel.replace_c('int growproc(int n) { __asm__ volatile("csrw cycle, zero"); return 0; }')
    with pytest.raises(hl.SeamError, match="illegal instruction"):
        kernel.call("growproc", 0)


FILES = """
int kill(int user) {
    struct inode *ip = namei("/greeting");
    if (ip == 0 || namei("/nonesuch") != 0 || idup(ip) != ip)
        return -1;
    iput(ip);
    char here[8];
    int all = readi(ip, 0, (uint64)here, 0, sizeof(here)), rest = readi(ip, 0, (uint64)here, 3, 100);
    int none = readi(ip, 0, (uint64)here, 5, 1), given = readi(ip, 1, user, 0, 100);
    int refused = readi(ip, 1, TRAPFRAME, 0, 5);
    iunlockput(ip);
    struct file *f = filealloc();
    if (f->ref != 1 || filedup(f) != f || f->ref != 2)
        return -2;
    fileclose(f);
    fileclose(f);
    return all + 10 * rest + 100 * none + 1000 * given + 10000 * refused + 100000 * f->ref;
}
"""


def test_files_are_reached_by_xv6_s_names() -> None:
    kernel = small()
    kernel.files["/greeting"] = b"hello"
    process = spin(kernel)
    heap = process.sbrk(2 * PAGE)
    run_until_current(kernel, process)
    kernel.replace_c(FILES)
    assert kernel.call("kill", heap + PAGE - 2) == 5 + 10 * 2 + 1000 * 5 - 10000
    assert process.load(heap + PAGE - 2, 5) == b"hello"
    assert_sound(kernel)


def test_an_injected_failure_counts_calls_within_c_too() -> None:
    kernel = small()
    kernel.replace_c(
        "void *kalloc(void) {\n"
        "  struct run *page = kmem.freelist;\n"
        "  kmem.freelist = page->next;\n  kmem.free_pages--;\n  return page;\n}\n"
        "int kill(int n) {\n  int made = 0;\n"
        "  for (int i = 0; i < n; i++) made = made * 2 + (kalloc() != 0);\n  return made;\n}\n"
    )
    kernel.inject(fail_kalloc=3)
    assert kernel.call("kill", 5) == 0b11011
    assert kernel.call("kill", 5) == 0b11111


def test_the_interrupted_program_does_not_notice() -> None:
    counts = []
    for replaced in (False, True):
        kernel = small()
        if replaced:
            kernel.replace_c(
                "int growproc(int n) { for (volatile int i = 0; i < 1000; i++); "
                "struct proc *p = myproc(); "
                "p->sz = uvmalloc(p->pagetable, p->sz, p->sz + n, PTE_W); return 0; }"
            )
        process = kernel.spawn(
            code=hl.asm(
                "addi sp, sp, -16; lr.d t0, (sp); li a0, 4096; li a1, 1; li a7, 12; ecall; rdtime s2; 1: j 1b"
            )
        )
        kernel.run(5000)
        counts.append(
            (
                kernel.instructions,
                kernel.hart.time,
                kernel.hart.tlb.counts,
                dict(kernel.hart.csrs.items()),
                process.registers["s2"],
                kernel.memory.array.tobytes(),
            )
        )
    assert counts[0][:5] == counts[1][:5]
    assert counts[0][5] == counts[1][5]


def test_stepping_back_executes_it_again() -> None:
    kernel = small()
    kernel.replace_c("static int n; int growproc(int x) { n++; return n; }")
    kernel.spawn(code=hl.asm("1: li a0, 4096; li a1, 1; li a7, 12; ecall; j 1b"))
    kernel.run(3000)
    before = kernel.call("growproc", 0)
    kernel.restore(kernel.snapshot())
    kernel.run(1000)
    kernel.back(1000)
    assert kernel.call("growproc", 0) == before + 1


MISTAKES: dict[str, tuple[str, str, str]] = {
    "null pointer": ("int *p = 0;\nreturn *p;", "null pointer", "a load from 0x0: the first page"),
    "wild load": ("return *(int *)0x40000000;", "wild load", "not mapped in the kernel's page table"),
    "wild store": ("*(int *)0xdead0000 = 1;", "wild store", "a store to 0xdead0000"),
    "store to text": ("*(int *)KERNBASE = 1;", "wild store", "the kernel's text, which is read-only"),
    "store to a constant": (
        'char *s = "abc";\n*(volatile char *)s = 1;',
        "wild store",
        "constants of C code",
    ),
    "endless loop": ("for (;;) ;", "endless loop", "2000000 instructions were not enough"),
    "endless recursion": (
        "return growproc(n + 1) + 1;",
        "stack overflow",
        "below the stack, which is 64 KiB",
    ),
    "large array": ("volatile char a[70000];\na[0] = 1;\nreturn a[0];", "stack overflow", "below the stack"),
    "jump to nowhere": (
        "return ((int (*)(void))0x80400000)();",
        "jump to nowhere",
        "it jumped to 0x80400000",
    ),
    "null function": ("return ((int (*)(void))0)();", "jump through a null pointer", "it jumped to 0x0"),
    "jump to data": (
        "static int data[4];\nreturn ((int (*)(void))data)();",
        "jump to nowhere",
        "which is no code",
    ),
    "jump to the kernel": (
        "return ((int (*)(void))KERNBASE)();",
        "jump to nowhere",
        "where there is no code",
    ),
    "illegal instruction": ('__asm__ volatile(".word 0");', "illegal instruction", "at 0x"),
    "machine mode": ('__asm__ volatile("csrr t0, mstatus");', "illegal instruction", "at 0x"),
    "waiting": ('__asm__ volatile("wfi");', "illegal instruction", "at 0x"),
    "breakpoint": ('__asm__ volatile("ebreak");', "trap", "cause 3"),
    "unknown call": ('__asm__ volatile("li t0, 4000; ecall" ::: "t0");', "no such call", "4000 in t0"),
    "broken stack": ('__asm__ volatile("addi sp, sp, -16; li ra, 0x10120000; ret");', "stack pointer", "sp"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_a_diagnosis(name: str) -> None:
    body, text, words = MISTAKES[name]
    kernel = small()
    kernel.replace_c(
        f"int growproc(int n) {{\n{body}\nreturn 0;\n}}\n", optimize="-O0", max_instructions=2_000_000
    )
    with pytest.raises(hl.SeamError) as caught:
        kernel.call("growproc", 1)
    error = caught.value
    assert error.text == f"seam: {text}"
    assert error.function == "growproc"
    assert words in str(error)
    assert error.file == "mine.c"
    assert 1 <= error.line <= 5, str(error)
    assert kernel.panicked
    assert len(kernel.processes()) == 1


def test_a_mistake_in_a_helper_names_it_and_its_caller() -> None:
    kernel = small()
    kernel.replace_c(
        "static __attribute__((noinline)) void clear(uint64 *p) {\n    *p = 0;\n}\n"
        "int growproc(int n) {\n    clear((uint64 *)0x5000);\n    return 0;\n}\n"
    )
    with pytest.raises(hl.SeamError) as caught:
        kernel.call("growproc", 1)
    assert caught.value.line == 2
    assert "in clear, mine.c:2: *p = 0;" in str(caught.value)
    assert "in growproc, mine.c:5: clear((uint64 *)0x5000);" in str(caught.value)


def test_a_mistake_in_one_unit_names_the_line_of_another_that_called_it() -> None:
    kernel = small()
    kernel.replace_c("int shrinkproc(int n) {\n  return *(volatile int *)0x5000;\n}\n", name="inner")
    kernel.replace_c("int growproc(int n) {\n  n++;\n  return shrinkproc(n) + n;\n}\n", name="outer")
    with pytest.raises(hl.SeamError) as caught:
        kernel.call("growproc", 1)
    assert (caught.value.function, caught.value.file, caught.value.line) == ("shrinkproc", "inner.c", 2)
    places = [line.strip() for line in str(caught.value).splitlines()[1:]]
    assert places == [
        "in shrinkproc, inner.c:2: return *(volatile int *)0x5000;",
        "in growproc, outer.c:3: return shrinkproc(n) + n;",
    ]


SATP: dict[str, str] = {
    "csrr": "csrr %0, satp",
    "csrrw": "csrrw %0, satp, %1",
    "csrrs, no bits": "csrrs %0, satp, zero",
    "csrrs, its own bits": "csrrs %0, satp, %1",
    "csrrc, no bits": "csrrc %0, satp, zero",
    "csrrsi": "csrrsi %0, satp, 0",
    "csrrci": "csrrci %0, satp, 0",
}


@pytest.mark.parametrize("how", SATP)
def test_every_way_to_satp_reads_it_and_writes_what_the_instruction_says(how: str) -> None:
    kernel = small()
    satp = kernel.hart.csrs["satp"]
    kernel.replace_c(
        "uint64 mygrowproc(uint64 n) {\n  uint64 x;\n"
        f'  __asm__ volatile("{SATP[how]}" : "=&r"(x) : "r"(MAKE_SATP(kernel_pagetable)));\n'
        "  return x;\n}\n"
    )
    assert kernel.call("mygrowproc", 0) == satp
    assert kernel.hart.csrs["satp"] == satp


def test_bits_of_satp_are_set_and_cleared() -> None:
    kernel = small()
    kernel.replace_c(
        "uint64 mygrowproc(uint64 asid) {\n"
        '  __asm__ volatile("csrs satp, %0" : : "r"(asid << 44));\n'
        "  uint64 with = r_satp();\n"
        '  __asm__ volatile("csrc satp, %0" : : "r"(asid << 44));\n'
        "  return with;\n}\n"
    )
    satp = kernel.hart.csrs["satp"]
    assert kernel.call("mygrowproc", 5) == satp | 5 << 44
    assert kernel.hart.csrs["satp"] == satp


def test_a_panic_of_the_kernel_s_names_the_line_that_led_to_it() -> None:
    kernel = small()
    kernel.replace_c("int growproc(int n) {\n  kfree((void *)3);\n  return 0;\n}\n")
    with pytest.raises(hl.KernelPanic, match="kfree") as caught:
        kernel.call("growproc", 1)
    assert type(caught.value) is hl.KernelPanic
    assert "in growproc, mine.c:2: kfree((void *)3);" in caught.value.__notes__


def test_its_own_panic() -> None:
    kernel = small()
    kernel.replace_c('int growproc(int n) {\n  panic("growproc: I give up");\n}\n')
    with pytest.raises(hl.KernelPanic, match="I give up") as caught:
        kernel.call("growproc", 1)
    assert (caught.value.text, caught.value.function) == ("growproc: I give up", "growproc")
    assert "in growproc, mine.c:2" in "".join(caught.value.__notes__)


def test_corrupted_free_list_names_the_frame() -> None:
    kernel = small()
    kernel.replace_c(
        "int growproc(int n) {\n  *(uint64 *)kmem.freelist = 0x1234;\n  return kalloc() != 0;\n}\n"
    )
    with pytest.raises(
        hl.KernelPanic, match=r"the free list is corrupted: free frame .* holds 0x1234"
    ) as caught:
        kernel.call("growproc", 1)
    assert "in growproc, mine.c:3" in "".join(caught.value.__notes__)


ACCESSES: dict[str, tuple[str, str, str]] = {
    "a store without W": ("*(int *)0x40000000 = 1;", "PTE_R", "{pte:#x}, without W"),
    "a load without R": ("return *(volatile int *)0x40000000;", "PTE_X", "{pte:#x}, without R"),
    "a jump without X": ("return ((int (*)(void))0x40000000)();", "PTE_R | PTE_W", "{pte:#x}, without X"),
    "a load where nothing answers": (
        "return *(volatile int *)UART0;",
        "PTE_R",
        "C code finds no memory there",
    ),
}


@pytest.mark.parametrize("what", ACCESSES)
def test_an_access_that_a_mapping_refuses_shows_the_pte(what: str) -> None:
    body, perm, words = ACCESSES[what]
    kernel = small()
    kernel.replace_c(
        f"int growproc(int n) {{\n{body}\nreturn 0;\n}}\n"
        f"int shrinkproc(int n) {{ return mappages(kernel_pagetable, 0x40000000, PGSIZE, ETEXT, {perm}); }}"
    )
    assert kernel.call("shrinkproc", 0) == 0
    pte = kernel.memory.load(kernel.call("walk", kernel.page_table.root, 0x4000_0000, 0), 8)
    with pytest.raises(hl.SeamError) as caught:
        kernel.call("growproc", 1)
    assert words.format(pte=pte) in str(caught.value)


def test_nesting_without_end_through_the_table_is_bounded() -> None:
    kernel = small()
    kernel.replace_c("int growproc(int n) { return shrinkproc(n) + 1; }")
    kernel.replace("shrinkproc", lambda k, n: k.growproc(n))
    with pytest.raises(hl.KernelPanic, match="nest deeper than 64"):
        kernel.call("growproc", 1)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("int growproc(int n) { return n + ; }", "mine.c:1:"),
        ("int helper(int n) { return n; }", "defines none of the kernel's functions"),
        ("int growproc(char *n) { return 0; }", "conflicting types for 'growproc'"),
        ("int growproc(int n) { return nonesuch(n); }", "nonesuch"),
    ],
)
def test_what_cannot_be_compiled_is_refused(source: str, text: str) -> None:
    kernel = small()
    with pytest.raises(hl.CompileError, match=text):
        kernel.replace_c(source)
    assert not kernel.replaced


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises((ValueError, hl.CompileError)):
        small().replace_c("static char a[1 << 17]; int growproc(int n) { a[n] = 1; return a[0]; }")


def test_sources_for_xv6_may_include_its_headers() -> None:
    kernel = small()
    kernel.replace_c(
        '#include "types.h"\n#include "param.h"\n#include "riscv.h"\n#include "defs.h"\n'
        '#include "spinlock.h"\n#include "proc.h"\n#include "memlayout.h"\n'
        "int growproc(int n) { return mycpu() == &cpus[cpuid()]; }"
    )
    assert kernel.call("growproc", 1) == 1


def test_satp_and_fences_are_the_machine_s() -> None:
    kernel = small()
    before = kernel.hart.tlb.counts.flushes
    satp = kernel.hart.csrs["satp"]
    kernel.replace_c(
        "int growproc(int n) { uint64 s = r_satp(); sfence_vma(); w_satp(s); return s == r_satp(); }"
    )
    assert kernel.call("growproc", 1) == 1
    assert kernel.hart.csrs["satp"] == satp
    assert kernel.hart.tlb.counts.flushes == before + 1


def test_a_kernel_table_without_the_region_is_told() -> None:
    kernel = small()
    kernel.replace_c("int growproc(int n) { return n; }")
    root = kernel.page_table.root
    kernel.call("uvmunmap", root, 0x1012_0000, 32, 0)
    with pytest.raises(hl.SeamError, match="kvminit has to map the region"):
        kernel.call("growproc", 1)


def test_the_state_stays_sound_and_the_table_is_unmarked() -> None:
    kernel = small()
    table = kernel.page_table.entries().tobytes()
    kernel.replace_c("int growproc(int n) { void *p = kalloc(); kfree(p); return 0; }")
    kernel.call("growproc", 1)
    assert kernel.page_table.entries().tobytes() == table
    assert_sound(kernel)
