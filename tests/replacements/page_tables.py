"""vm.cpp and kvm.cpp in Python."""

from __future__ import annotations

from typing import Any


def is_leaf(k: Any, pte: int) -> bool:
    return bool(pte & (k.PTE_R | k.PTE_W | k.PTE_X))


def count(k: Any, pagetable: int, va: int, pa: int, change: int) -> int:
    """Add to the reference count of a frame that a user's page table maps; the new count."""
    counted = va < k.TRAPFRAME and k.KERNBASE <= pa < k.phystop and pagetable != k.data.kernel_pagetable
    if not counted:
        return 0
    now: int = k.load32(k.references(pa)) + change
    k.store32(k.references(pa), now)
    return now


def walk(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    if va >= k.MAXVA:
        k.panic("walk")
    for level in (2, 1):
        address = pagetable + 8 * k.PX(level, va)
        pte = k.load64(address)
        if pte & k.PTE_V:
            if is_leaf(k, pte):
                return address
            pagetable = k.PTE2PA(pte)
            continue
        pagetable = k.kalloc() if alloc else 0
        if not pagetable:
            return 0
        k.memset(pagetable, 0, k.PGSIZE)
        k.store64(address, k.PA2PTE(pagetable) | k.PTE_V)
    return int(pagetable + 8 * k.PX(0, va))


def walkaddr(k: Any, pagetable: int, va: int) -> int:
    if va >= k.MAXVA:
        return 0
    address = k.walk(pagetable, va, False)
    pte = k.load64(address) if address else 0
    return k.PTE2PA(pte) if pte & k.PTE_V and pte & k.PTE_U else 0


def mappages(k: Any, pagetable: int, va: int, size: int, pa: int, perm: int) -> int:
    if va % k.PGSIZE:
        k.panic("mappages: va not aligned")
    if size % k.PGSIZE:
        k.panic("mappages: size not aligned")
    if size == 0:
        k.panic("mappages: size")
    for offset in range(0, size, k.PGSIZE):
        address = k.walk(pagetable, va + offset, True)
        if not address:
            for done in range(0, offset, k.PGSIZE):
                k.store64(k.walk(pagetable, va + done, False), 0)
                count(k, pagetable, va + done, pa + done, -1)
            return -1
        if k.load64(address) & k.PTE_V:
            k.panic("mappages: remap")
        k.store64(address, k.PA2PTE(pa + offset) | perm | k.PTE_V)
        count(k, pagetable, va + offset, pa + offset, +1)
    return 0


def ismapped(k: Any, pagetable: int, va: int) -> int:
    address = k.walk(pagetable, va, False)
    return 1 if address and k.load64(address) & k.PTE_V else 0


def kvmmap(k: Any, pagetable: int, va: int, pa: int, size: int, perm: int) -> None:
    if k.mappages(pagetable, va, size, pa, perm) != 0:
        k.panic("kvmmap")


def kvmpa(k: Any, va: int) -> int:
    address = k.walk(k.data.kernel_pagetable, va, False)
    pte = k.load64(address) if address else 0
    if not pte & k.PTE_V:
        k.panic("kvmpa")
    return int(k.PTE2PA(pte) + va % k.PGSIZE)


def kvminit(k: Any) -> None:
    table: int = k.kalloc()
    if not table:
        k.panic("kvminit")
    k.memset(table, 0, k.PGSIZE)
    k.data.kernel_pagetable = table
    r_w, r_x = k.PTE_R | k.PTE_W, k.PTE_R | k.PTE_X
    k.kvmmap(table, k.UART0, k.UART0, k.PGSIZE, r_w)
    k.kvmmap(table, k.VIRTIO0, k.VIRTIO0, k.PGSIZE, r_w)
    k.kvmmap(table, k.SEAM_STACK, k.SEAM_STACK, k.SEAM_STACK_SIZE + k.SEAM_DATA_SIZE, r_w)
    k.kvmmap(table, k.SEAM_TEXT, k.SEAM_TEXT, k.SEAM_TEXT_SIZE, r_x)
    k.kvmmap(table, k.PLIC, k.PLIC, k.PLIC_SIZE, r_w)
    k.kvmmap(table, k.KERNBASE, k.KERNBASE, k.ETEXT - k.KERNBASE, r_x)
    k.kvmmap(table, k.ETEXT, k.ETEXT, k.phystop - k.ETEXT, r_w)
    k.kvmmap(table, k.TRAMPOLINE, k.TRAMPOLINE_PAGE, k.PGSIZE, r_x)


def proc_mapstacks(k: Any, pagetable: int) -> None:
    for slot in range(k.NPROC):
        page = k.kalloc()
        if not page:
            k.panic("kalloc")
        k.kvmmap(pagetable, k.KSTACK(slot), page, k.PGSIZE, k.PTE_R | k.PTE_W)


def kvminithart(k: Any) -> None:
    k.sfence_vma()
    k.satp = k.MAKE_SATP(k.data.kernel_pagetable)
    k.sfence_vma()


FUNCTIONS = {
    "walk": walk,
    "walkaddr": walkaddr,
    "mappages": mappages,
    "ismapped": ismapped,
    "kvmmap": kvmmap,
    "kvmpa": kvmpa,
    "kvminit": kvminit,
    "proc_mapstacks": proc_mapstacks,
    "kvminithart": kvminithart,
}
