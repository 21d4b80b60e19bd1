// The kernel's data as it lies in simulated RAM: the structs of xv6, field by field, and where each of them stands.
// Numbers are little-endian; pointers are kernel virtual addresses, which for RAM equal physical ones; 0 is null.
// Python's dtypes and the C header for students' kernel code are made from the same structs.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "kernel/memlayout.hpp"

namespace hartlab {

struct Spinlock {
    std::uint32_t locked;
    std::uint32_t pad;
    std::uint64_t name;      // char *
    std::uint64_t cpu;       // struct cpu *
    std::uint64_t acquired;  // how often it has been taken
};

/// What swtch saves: the callee-saved registers.
struct Context {
    std::uint64_t ra, sp;
    std::uint64_t s[12];
};

struct Cpu {
    std::uint64_t proc;  // struct proc *, 0 while the scheduler runs
    Context context;
    std::int32_t noff;
    std::int32_t intena;
};

enum ProcState : std::int32_t { UNUSED, USED, SLEEPING, RUNNABLE, RUNNING, ZOMBIE };

/// An area of user memory that myalloc made; vm[0] of a process heads the list in address order (kernel/vma.hpp).
struct Vma {
    std::uint64_t start;
    std::uint64_t length;
    std::uint64_t next;  // struct vma *
    std::uint32_t perm;  // bits of a PTE
    std::uint32_t used;  // 1 for an area in the list
};

struct Proc {
    Spinlock lock;

    // p->lock must be held when using these
    std::int32_t state;
    std::int32_t killed;
    std::uint64_t chan;  // what it sleeps on
    std::int32_t xstate;
    std::int32_t pid;

    // wait_lock must be held when using this
    std::uint64_t parent;  // struct proc *

    // private to the process
    std::uint64_t kstack;
    std::uint64_t sz;
    std::uint64_t pagetable;
    std::uint64_t trapframe;
    Context context;
    std::uint64_t ofile[NOFILE];  // struct file *
    std::uint64_t cwd;            // struct inode *
    char name[16];
    Vma vm[NVMA];

    // Departs: the model's own. A system call that blocks is restarted and keeps its progress here.
    std::int32_t restart;  // the number of the system call to go on with, 0 for none
    std::int32_t asid;
    std::uint64_t deadline;  // of sleep: the tick to wake at
    std::uint64_t done;      // bytes that read or write have moved so far
    std::uint64_t born;      // value of the instruction counter when it was made: tells two users of a slot apart
};

/// The page at TRAPFRAME: 36 words, as the trampoline's code addresses them.
struct Trapframe {
    std::uint64_t kernel_satp, kernel_sp, kernel_trap, epc, kernel_hartid;
    std::uint64_t ra, sp, gp, tp, t0, t1, t2, s0, s1;
    std::uint64_t a0, a1, a2, a3, a4, a5, a6, a7;
    std::uint64_t s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6;
};
static_assert(sizeof(Trapframe) == 36 * 8);

enum FileType : std::int32_t { FD_NONE, FD_PIPE, FD_INODE, FD_DEVICE };

struct File {
    std::int32_t type;
    std::int32_t ref;
    std::uint8_t readable, writable;
    std::uint16_t major;
    std::uint32_t off;
    std::uint64_t pipe;  // struct pipe *
    std::uint64_t ip;    // struct inode *
};

inline constexpr std::int16_t T_DIR = 1, T_FILE = 2, T_DEVICE = 3;
inline constexpr std::uint16_t CONSOLE = 1;  // device number

/// A file in use. Its bytes are with the host's registry, under number `inum`.
struct Inode {
    std::uint32_t dev;
    std::uint32_t inum;
    std::int32_t ref;
    std::int16_t type;
    std::int16_t major;
    std::uint64_t size;
};

/// At the start of a page of its own.
struct Pipe {
    Spinlock lock;
    char data[PIPESIZE];
    std::uint32_t nread, nwrite;
    std::int32_t readopen, writeopen;
};

struct ConsoleBuffer {
    Spinlock lock;
    char buf[INPUT_BUF_SIZE];
    std::uint32_t r, w, e;  // read, write and edit index
    std::uint32_t pad;
};

/// Set by a panic; until a restore the kernel runs no further. Strings end with a zero byte.
struct PanicRecord {
    std::int32_t panicked;
    std::int32_t pid;
    std::uint64_t address;
    char text[128];
    char function[32];
};

/// The kernel's data segment, at KERNEL_DATA. What is as long as RAM stands behind it: see reference_counts().
struct KernelData {
    struct {
        Spinlock lock;
        std::uint64_t freelist;    // struct run *: the first free page; each holds the address of the next
        std::uint64_t free_pages;  // Departs: kept for students who ask; audit() holds it against the list
    } kmem;
    std::uint64_t kernel_pagetable;
    std::uint64_t initproc;
    std::int32_t nextpid;
    std::uint32_t ticks;
    std::uint64_t scheduler_next;  // index in proc[] at which the round robin goes on
    std::uint64_t next_tick;       // time of the next timer interrupt
    Spinlock pid_lock, wait_lock, tickslock, ftable_lock, itable_lock;
    Cpu cpus[NCPU];
    Proc proc[NPROC];
    File file[NFILE];
    Inode inode[NINODE];
    ConsoleBuffer cons;
    PanicRecord panic;
    char initcode[64];  // the first process's program, 52 bytes
    char init_path[16];
    char bio[PGSIZE];            // the buffer through which file contents pass on their way to a user
    char path[MAXPATH];          // exec's and open's copy of a path
    std::uint64_t argv[MAXARG];  // exec's arguments, each a page from kalloc
};

inline constexpr PhysAddr KERNEL_TEXT{KERNBASE};
inline constexpr PhysAddr TRAMPOLINE_PAGE{KERNBASE + 7 * PGSIZE};  // the last page of text
inline constexpr PhysAddr ETEXT{KERNBASE + 8 * PGSIZE};
inline constexpr PhysAddr KERNEL_DATA = ETEXT;
/// One std::int32_t for each frame of RAM, behind KernelData: how many user PTEs map it (kernel/cow.hpp).
inline constexpr PhysAddr REFERENCE_COUNTS{KERNEL_DATA.value + (sizeof(KernelData) + 63) / 64 * 64};
/// The first address that kinit may give away, for a machine of that much RAM.
constexpr PhysAddr kernel_end(std::uint64_t ram_size) {
    return PhysAddr(PGROUNDUP(REFERENCE_COUNTS.value + ram_size / PGSIZE * sizeof(std::int32_t)));
}

}  // namespace hartlab
