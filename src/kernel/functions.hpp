// The kernel's functions, one row each: the seam table. Kernel's methods of these names call through it, and its
// entries are the native functions unless one is replaced. Addresses of kernel data are PhysAddr (the kernel's map is the identity);
// a page table is the PhysAddr of its root, 0 where xv6 returns a null pointer; int results are 0 or -1.
//
//   X(result, name, (parameters), (arguments))
#pragma once

#define HARTLAB_KERNEL_FUNCTIONS(X)                                                                                    \
    /* kalloc.cpp */                                                                                                   \
    X(void, kinit, (), ())                                                                                             \
    X(void, freerange, (PhysAddr start, PhysAddr stop), (start, stop))                                                 \
    X(void, kfree, (PhysAddr pa), (pa))                                                                                \
    X(PhysAddr, kalloc, (), ())                                                                                        \
    /* vm.cpp: page tables */                                                                                          \
    X(PhysAddr, walk, (PhysAddr pagetable, VirtAddr va, bool alloc), (pagetable, va, alloc))                           \
    X(PhysAddr, walkaddr, (PhysAddr pagetable, VirtAddr va), (pagetable, va))                                          \
    X(int, mappages, (PhysAddr pagetable, VirtAddr va, std::uint64_t size, PhysAddr pa, std::uint64_t perm),           \
      (pagetable, va, size, pa, perm))                                                                                 \
    X(int, ismapped, (PhysAddr pagetable, VirtAddr va), (pagetable, va))                                               \
    /* kvm.cpp: the kernel's own */                                                                                    \
    X(void, kvminit, (), ())                                                                                           \
    X(void, kvminithart, (), ())                                                                                       \
    X(void, kvmmap, (PhysAddr pagetable, VirtAddr va, PhysAddr pa, std::uint64_t size, std::uint64_t perm),            \
      (pagetable, va, pa, size, perm))                                                                                 \
    X(PhysAddr, kvmpa, (VirtAddr va), (va))                                                                            \
    X(void, proc_mapstacks, (PhysAddr pagetable), (pagetable))                                                         \
    /* uvm.cpp: a process's */                                                                                         \
    X(PhysAddr, uvmcreate, (), ())                                                                                     \
    X(void, uvminit, (PhysAddr pagetable, PhysAddr source, std::uint64_t size), (pagetable, source, size))             \
    X(void, uvmfirst, (PhysAddr pagetable, PhysAddr source, std::uint64_t size), (pagetable, source, size))            \
    X(std::uint64_t, uvmalloc, (PhysAddr pagetable, std::uint64_t oldsz, std::uint64_t newsz, std::uint64_t xperm),    \
      (pagetable, oldsz, newsz, xperm))                                                                                \
    X(std::uint64_t, uvmdealloc, (PhysAddr pagetable, std::uint64_t oldsz, std::uint64_t newsz),                       \
      (pagetable, oldsz, newsz))                                                                                       \
    X(void, uvmunmap, (PhysAddr pagetable, VirtAddr va, std::uint64_t npages, bool do_free),                           \
      (pagetable, va, npages, do_free))                                                                                \
    X(void, uvmclear, (PhysAddr pagetable, VirtAddr va), (pagetable, va))                                              \
    X(int, uvmcopy, (PhysAddr old_pagetable, PhysAddr new_pagetable, std::uint64_t sz),                                \
      (old_pagetable, new_pagetable, sz))                                                                              \
    X(void, uvmfree, (PhysAddr pagetable, std::uint64_t sz), (pagetable, sz))                                          \
    X(void, freewalk, (PhysAddr pagetable), (pagetable))                                                               \
    /* mygrow.cpp, myuvm.cpp: areas with holes */                                                                      \
    X(std::uint64_t, mygrowproc, (std::uint64_t n), (n))                                                               \
    X(int, myreduceproc, (std::uint64_t start), (start))                                                               \
    X(int, myallocuvm, (PhysAddr pagetable, std::uint64_t start, std::uint64_t end), (pagetable, start, end))          \
    X(void, mydeallocuvm, (PhysAddr pagetable, std::uint64_t start, std::uint64_t end), (pagetable, start, end))       \
    /* vmfault.cpp, cow.cpp: page faults */                                                                            \
    X(PhysAddr, vmfault, (PhysAddr pagetable, VirtAddr va, bool read), (pagetable, va, read))                          \
    X(int, cowfault, (PhysAddr pagetable, VirtAddr va), (pagetable, va))                                               \
    /* copy.cpp: between kernel and user */                                                                            \
    X(int, copyout, (PhysAddr pagetable, VirtAddr dstva, PhysAddr source, std::uint64_t len),                          \
      (pagetable, dstva, source, len))                                                                                 \
    X(int, copyin, (PhysAddr pagetable, PhysAddr destination, VirtAddr srcva, std::uint64_t len),                      \
      (pagetable, destination, srcva, len))                                                                            \
    X(int, copyinstr, (PhysAddr pagetable, PhysAddr destination, VirtAddr srcva, std::uint64_t max),                   \
      (pagetable, destination, srcva, max))                                                                            \
    /* proc.cpp: processes */                                                                                          \
    X(void, procinit, (), ())                                                                                          \
    X(void, userinit, (), ())                                                                                          \
    X(int, allocpid, (), ())                                                                                           \
    X(PhysAddr, allocproc, (), ())                                                                                     \
    X(void, freeproc, (PhysAddr p), (p))                                                                               \
    X(PhysAddr, proc_pagetable, (PhysAddr p), (p))                                                                     \
    X(void, proc_freepagetable, (PhysAddr pagetable, std::uint64_t sz), (pagetable, sz))                               \
    X(int, growproc, (int n), (n))                                                                                     \
    X(int, shrinkproc, (int n), (n))                                                                                   \
    X(int, fork, (), ())                                                                                               \
    X(void, reparent, (PhysAddr p), (p))                                                                               \
    X(void, exit, (int status), (status))                                                                              \
    X(int, kill, (int pid), (pid))                                                                                     \
    X(void, wakeup, (PhysAddr chan), (chan))                                                                           \
    X(PhysAddr, pick_next, (), ())                                                                                     \
    X(void, procdump, (), ())                                                                                          \
    /* userstack.cpp: a new program's stack */                                                                         \
    X(std::uint64_t, uvmstack, (PhysAddr pagetable, std::uint64_t sz, std::uint64_t npages), (pagetable, sz, npages))  \
    X(std::uint64_t, pushargv, (PhysAddr pagetable, std::uint64_t sp, std::uint64_t stackbase, PhysAddr argv),         \
      (pagetable, sp, stackbase, argv))                                                                                \
    /* exec.cpp */                                                                                                     \
    X(int, flags2perm, (int flags), (flags))                                                                           \
    X(int, loadseg, (PhysAddr pagetable, VirtAddr va, PhysAddr ip, std::uint64_t offset, std::uint64_t size),          \
      (pagetable, va, ip, offset, size))                                                                               \
    X(int, exec, (PhysAddr path, PhysAddr argv), (path, argv))
