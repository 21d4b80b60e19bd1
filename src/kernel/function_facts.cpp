// The facts, one row for each of the table's, in its order. `Departs` and policies are told at length beside the functions.
#include "kernel/function_facts.hpp"

#include <array>
#include <iterator>

#include "kernel/seam.hpp"

namespace hartlab {

namespace {

constexpr FunctionFacts FACTS[] = {
    {"kinit", "void kinit(void)", "Gives kalloc every whole frame from end to PHYSTOP.", "none", "kalloc.cpp"},
    {"freerange", "void freerange(void *start, void *stop)", "Frees the whole pages between start and stop.",
     "panic kfree for a page that kalloc cannot have", "kalloc.cpp"},
    {"kfree", "void kfree(void *pa)", "Puts the frame at pa at the head of the free list, filled with 0x01.",
     "panic kfree when pa is not page-aligned, below end, or at or above PHYSTOP", "kalloc.cpp"},
    {"kalloc", "void *kalloc(void)",
     "Takes the frame at the head of the free list, fills it with 0x05 and returns its address.",
     "0 when no frame is left", "kalloc.cpp"},
    {"walk", "pte_t *walk(pagetable_t pagetable, uint64 va, int alloc)",
     "The address of the PTE for va; with alloc, missing page-table pages are made, zeroed.",
     "0 when a page-table page is missing, or there is no memory for it; panic walk at or above MAXVA", "vm.cpp"},
    {"walkaddr", "uint64 walkaddr(pagetable_t pagetable, uint64 va)",
     "The physical address of the user page that holds va.",
     "0 when va is not mapped, not the user's, or at or above MAXVA", "vm.cpp"},
    {"mappages", "int mappages(pagetable_t pagetable, uint64 va, uint64 size, uint64 pa, uint64 perm)",
     "Maps size bytes from va on to pa on, and counts each user mapping in the frame's reference count.",
     "-1 when there is no memory for a page-table page, and no PTE of the call remains; panic mappages: remap and the "
     "like",
     "vm.cpp"},
    {"ismapped", "int ismapped(pagetable_t pagetable, uint64 va)", "1 when va has a valid PTE, 0 when not.",
     "panic walk at or above MAXVA", "vm.cpp"},
    {"kvminit", "void kvminit(void)",
     "Makes the kernel's page table: devices, text, data and RAM at their own addresses, the C region, the trampoline.",
     "panic when there is no memory", "kvm.cpp"},
    {"kvminithart", "void kvminithart(void)",
     "Switches the hart to the kernel's page table, with a fence before and after.", "none", "kvm.cpp"},
    {"kvmmap", "void kvmmap(pagetable_t pagetable, uint64 va, uint64 pa, uint64 size, uint64 perm)",
     "Adds a mapping to the kernel's page table; fences nothing.", "panic kvmmap when mappages fails", "kvm.cpp"},
    {"kvmpa", "uint64 kvmpa(uint64 va)",
     "The physical address behind a kernel virtual address, such as one in a stack.",
     "panic kvmpa when it is not mapped", "kvm.cpp"},
    {"proc_mapstacks", "void proc_mapstacks(pagetable_t pagetable)",
     "Allocates and maps a page of kernel stack for each process, at KSTACK(p).", "panic kalloc without memory",
     "kvm.cpp"},
    {"uvmcreate", "pagetable_t uvmcreate(void)", "An empty user page table.", "0 without memory", "uvm.cpp"},
    {"uvminit", "void uvminit(pagetable_t pagetable, uchar *source, uint64 size)",
     "Loads the first program, less than a page, at address 0 of an empty table (xv6 2020).",
     "panic inituvm: more than a page", "uvm.cpp"},
    {"uvmfirst", "void uvmfirst(pagetable_t pagetable, uchar *source, uint64 size)",
     "Loads the first program, less than a page, at address 0 of an empty table.", "panic uvmfirst: more than a page",
     "uvm.cpp"},
    {"uvmalloc", "uint64 uvmalloc(pagetable_t pagetable, uint64 oldsz, uint64 newsz, uint64 xperm)",
     "Grows user memory from oldsz to newsz with zeroed pages, R U and xperm; returns newsz, or oldsz when newsz is "
     "less.",
     "0 without memory, and what was added is taken back", "uvm.cpp"},
    {"uvmdealloc", "uint64 uvmdealloc(pagetable_t pagetable, uint64 oldsz, uint64 newsz)",
     "Frees the whole pages between newsz and oldsz; returns newsz, or oldsz when newsz is not less.", "none",
     "uvm.cpp"},
    {"uvmunmap", "void uvmunmap(pagetable_t pagetable, uint64 va, uint64 npages, int do_free)",
     "Removes npages mappings from va on, uncounts them, and with do_free frees the frames (with fork=cow those that "
     "nobody else maps).",
     "panic uvmunmap: not aligned; with the older policy panic uvmunmap: walk or uvmunmap: not mapped", "uvm.cpp"},
    {"uvmclear", "void uvmclear(pagetable_t pagetable, uint64 va)", "Clears U in the PTE of va: exec's guard page.",
     "panic uvmclear when there is no PTE", "uvm.cpp"},
    {"uvmcopy", "int uvmcopy(pagetable_t old_pagetable, pagetable_t new_pagetable, uint64 sz)",
     "Gives the new table what the old one maps below sz: copies of the frames, or with fork=cow the same frames "
     "write-protected.",
     "-1 without memory, and everything done is undone; with the older policy panic uvmcopy: pte should exist or "
     "uvmcopy: page not present",
     "uvmcopy.cpp"},
    {"uvmfree", "void uvmfree(pagetable_t pagetable, uint64 sz)",
     "Frees user memory below sz and then the page-table pages.", "panic freewalk: leaf when a mapping is left",
     "uvm.cpp"},
    {"freewalk", "void freewalk(pagetable_t pagetable)",
     "Frees a page-table page and those below it; all leaves must have been removed.", "panic freewalk: leaf",
     "uvm.cpp"},
    {"mygrowproc", "uint64 mygrowproc(uint64 n)",
     "Gives the current process an area of n bytes, rounded up to pages, which are there and zeroed; returns its "
     "start.",
     "-1 and nothing has changed: n is 0 or too much, nine areas are in use, or there is no memory", "mygrow.cpp"},
    {"myreduceproc", "int myreduceproc(uint64 start)", "Frees the current process's area that begins at start.",
     "-1 and nothing has changed: there is none", "mygrow.cpp"},
    {"myallocuvm", "int myallocuvm(pagetable_t pagetable, uint64 start, uint64 end)",
     "Maps zeroed pages, R W U, from start up to end, two page-aligned addresses between which nothing is mapped.",
     "-1 without memory, and everything done is undone", "myuvm.cpp"},
    {"mydeallocuvm", "void mydeallocuvm(pagetable_t pagetable, uint64 start, uint64 end)",
     "Unmaps and frees the pages that are mapped from start up to end.", "none", "myuvm.cpp"},
    {"vmfault", "uint64 vmfault(pagetable_t pagetable, uint64 va, int read)",
     "Maps a zeroed page, W R U, for an address that was granted but not mapped; returns the frame.",
     "0 when va is at or above the process's sz, mapped already, or there is no memory", "vmfault.cpp"},
    {"cowfault", "int cowfault(pagetable_t pagetable, uint64 va)",
     "Makes the shared page at va the process's own and writable, and fences va.",
     "-1 when it is no copy-on-write page of the user's, or there is no memory", "cow.cpp"},
    {"copyout", "int copyout(pagetable_t pagetable, uint64 dstva, char *source, uint64 len)",
     "Copies len bytes from kernel memory to user memory, putting granted pages in place.",
     "-1 at the first page that the user may not write; what was copied stays", "copy.cpp"},
    {"copyin", "int copyin(pagetable_t pagetable, char *destination, uint64 srcva, uint64 len)",
     "Copies len bytes from user memory to kernel memory, putting granted pages in place.",
     "-1 at the first page that is not the user's; what was copied stays", "copy.cpp"},
    {"copyinstr", "int copyinstr(pagetable_t pagetable, char *destination, uint64 srcva, uint64 max)",
     "Copies a string from user memory, its zero byte included.",
     "-1 when there is no zero byte among max bytes, or a page is not mapped", "copy.cpp"},
    {"procinit", "void procinit(void)",
     "Makes every slot of proc[] unused, with its kernel stack mapped; pids begin at 1.",
     "panic kalloc without memory for the stacks", "proc.cpp"},
    {"userinit", "void userinit(void)", "Makes the first process, which will exec /init, runnable.",
     "panic userinit without memory", "proc.cpp"},
    {"allocpid", "int allocpid(void)", "The next pid: 1, 2, 3 and so on, and 1 again after 2,147,483,647.", "none",
     "proc.cpp"},
    {"allocproc", "struct proc *allocproc(void)",
     "A process in state USED with a pid, a trapframe and an empty address space, its lock held.",
     "0 when all slots are in use or there is no memory, and nothing is kept", "proc.cpp"},
    {"freeproc", "void freeproc(struct proc *p)",
     "Frees trapframe, areas, user memory and page table of p, whose lock is held, and makes its slot UNUSED.", "none",
     "proc.cpp"},
    {"proc_pagetable", "pagetable_t proc_pagetable(struct proc *p)",
     "A page table with no user memory, with the trampoline and p's trapframe mapped.",
     "0 without memory, and nothing is kept", "proc.cpp"},
    {"proc_freepagetable", "void proc_freepagetable(pagetable_t pagetable, uint64 sz)",
     "Frees a process's page table and its user memory below sz.", "panic freewalk: leaf when a mapping is left",
     "proc.cpp"},
    {"growproc", "int growproc(int n)",
     "Grows or shrinks the current process's memory by n bytes, up to TRAPFRAME or its first area.",
     "-1 and nothing has changed", "grow.cpp"},
    {"shrinkproc", "int shrinkproc(int n)", "Shrinks the current process's memory by n bytes.",
     "-1 and nothing has changed: there are not so many", "grow.cpp"},
    {"fork", "int fork(void)", "Makes a copy of the current process; returns the child's pid.",
     "-1 without a slot or memory, and nothing has changed", "fork.cpp"},
    {"reparent", "void reparent(struct proc *p)", "Gives p's children to init, and wakes it; wait_lock is held.",
     "none", "exit.cpp"},
    {"exit", "void exit(int status)",
     "Makes the current process a zombie that its parent can wait for. Returns, where xv6's does not.",
     "panic init exiting", "exit.cpp"},
    {"kill", "int kill(int pid)", "Marks the process killed, and wakes it if it sleeps.",
     "-1 when there is no such process", "exit.cpp"},
    {"wakeup", "void wakeup(void *chan)", "Makes every process that sleeps on chan RUNNABLE.", "none", "sleep.cpp"},
    {"pick_next", "struct proc *pick_next(void)",
     "The scheduler's choice: the first RUNNABLE process in proc[], from scheduler_next on, in a circle.",
     "0 when there is none", "scheduler.cpp"},
    {"procdump", "void procdump(void)", "Prints a line for each process on the console, and one for each of its areas.",
     "none", "procdump.cpp"},
    {"uvmstack", "uint64 uvmstack(pagetable_t pagetable, uint64 sz, uint64 npages)",
     "Adds to user memory that ends at sz a guard page without U and, above it, npages of stack; returns the new size.",
     "0 without memory, and what was added is taken back", "userstack.cpp"},
    {"pushargv", "uint64 pushargv(pagetable_t pagetable, uint64 sp, uint64 stackbase, char **argv)",
     "Pushes the strings of argv on a new stack, and then the array of their addresses; returns where that is.",
     "0 for more than MAXARG strings, or when they do not fit above stackbase", "userstack.cpp"},
    {"flags2perm", "int flags2perm(int flags)", "PTE_X for flag 1 of an ELF segment, PTE_W for flag 2.", "none",
     "exec.cpp"},
    {"loadseg", "int loadseg(pagetable_t pagetable, uint64 va, struct inode *ip, uint64 offset, uint64 size)",
     "Reads size bytes at offset of a file into the user pages from va on.",
     "-1 when the file has fewer bytes; panic loadseg: address should exist", "exec.cpp"},
    {"exec", "int exec(char *path, char **argv)",
     "Replaces the current process's program by the file at path; returns argc.", "-1 and the process is as it was",
     "exec.cpp"},
};

static_assert(std::size(FACTS) == FUNCTIONS, "a row of facts for each row of HARTLAB_KERNEL_FUNCTIONS");

constexpr bool in_the_tables_order() {
    for (std::size_t i = 0; i < FUNCTIONS; ++i) {
        if (FACTS[i].name != FUNCTION_NAMES[i]) return false;
    }
    return true;
}
static_assert(in_the_tables_order(), "the facts are in the order of HARTLAB_KERNEL_FUNCTIONS");

}  // namespace

std::span<const FunctionFacts> function_facts() { return FACTS; }

}  // namespace hartlab
