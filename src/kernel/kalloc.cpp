// The physical page allocator: whole frames from `end` to PHYSTOP, free ones threaded into a list through their own first
// eight bytes. Last freed, first allocated.
//
// Departs: xv6 follows whatever the list holds. A guest may have overwritten a free page, so every pointer is looked at
// before it is believed, and a list that cannot be right is a panic that names the frame and what was found there.
#include "kernel/kalloc.hpp"

#include "kernel/in_hex.hpp"

namespace hartlab {

namespace {

[[noreturn]] void corrupted(Kernel& kernel, PhysAddr where, const std::string& what) {
    kernel.panic("kerneltrap", "kalloc", where.value, "the free list is corrupted: " + what);
}

/// The frame behind `pa` in the free list, looked at before kalloc makes it the head.
PhysAddr next_free(Kernel& kernel, PhysAddr pa) {
    const PhysAddr next(kernel.ram().load_before_write<std::uint64_t>(pa));
    if (next == pa) corrupted(kernel, pa, "frame " + in_hex(pa) + " is its own successor (freed twice?)");
    if (next && !is_kalloc_frame(kernel, next)) {
        corrupted(kernel, pa,
                  "free frame " + in_hex(pa) + " holds " + in_hex(next) +
                      " where the next free frame should be (written to after it was freed?)");
    }
    return next;
}

/// A frame that the caller writes whole before anyone can see it.
PhysAddr kalloc_to_overwrite(Kernel& kernel) {
    if (kernel.seams.performer(FunctionId::kalloc)) return kernel.kalloc();
    return take_frame(kernel, kernel.kalloc_must_fail(), Junk::left_out);
}

}  // namespace

namespace native {

/// Gives kalloc every whole frame from `end` to PHYSTOP. The lowest is freed first, so the highest is allocated first.
void kinit(Kernel& kernel) { kernel.freerange(kernel.end(), kernel.phystop()); }

/// Gives kalloc the whole pages between `start` and `stop`.
void freerange(Kernel& kernel, PhysAddr start, PhysAddr stop) {
    // Written so that addresses at the end of the address space do not wrap round.
    const std::uint64_t padding = PGROUNDUP(start.page_offset()) - start.page_offset();
    if (start > stop || stop - start < padding) return;
    for (PhysAddr p = start + padding; stop - p >= PGSIZE; p += PGSIZE) kernel.kfree(p);
}

/// Frees the frame at `pa`, which kalloc gave. panic `kfree` when it cannot have.
void kfree(Kernel& kernel, PhysAddr pa) {
    if (!is_kalloc_frame(kernel, pa)) {
        const char* why = !pa.page_aligned()  ? " is not page-aligned"
                          : pa < kernel.end() ? " is below end, where the kernel's image is"
                                              : " is at or above PHYSTOP";
        kernel.panic("kfree", "kfree", pa.value, in_hex(pa) + why);
    }
    kernel.charge(1);
    kernel.fill(pa, KFREE_JUNK, PGSIZE);  // to catch dangling references

    const RamStruct<Kmem> kmem = kernel.data()[&KernelData::kmem];
    kernel.acquire(kmem.address_of(&Kmem::lock));
    kernel.store<std::uint64_t>(pa, kmem[&Kmem::freelist]);
    kmem[&Kmem::freelist] = pa.value;
    kmem[&Kmem::free_pages] += 1;
    kernel.release(kmem.address_of(&Kmem::lock));

    if (kernel.observed() && !kernel.seams.performs(FunctionId::kfree)) kernel.note_kfree(pa);
}

/// A frame filled with junk, or 0 when none is left.
PhysAddr kalloc(Kernel& kernel) { return take_frame(kernel, kernel.kalloc_must_fail()); }

}  // namespace native

PhysAddr kalloc_zeroed(Kernel& kernel) {
    const PhysAddr pa = kalloc_to_overwrite(kernel);
    if (pa) kernel.fill(pa, 0, PGSIZE);
    return pa;
}

PhysAddr kalloc_copy(Kernel& kernel, PhysAddr source) {
    const PhysAddr pa = kalloc_to_overwrite(kernel);
    if (!pa) return pa;
    // Unless a page in use was in the free list, or there is no such page and the copy is a panic.
    const bool shows = pa == source || !kernel.ram().contains(source, PGSIZE);
    if (shows) kernel.fill(pa, KALLOC_JUNK, PGSIZE);
    kernel.copy(pa, source, PGSIZE);
    return pa;
}

PhysAddr take_frame(Kernel& kernel, bool must_fail, Junk junk) {
    kernel.charge(1);
    const RamStruct<Kmem> kmem = kernel.data()[&KernelData::kmem];
    kernel.acquire(kmem.address_of(&Kmem::lock));
    const PhysAddr pa(must_fail ? 0 : kmem[&Kmem::freelist].get());
    if (pa) {
        if (!is_kalloc_frame(kernel, pa)) {
            corrupted(kernel, kmem.address_of(&Kmem::freelist),
                      "kmem.freelist holds " + in_hex(pa) + ", which is no frame between end and PHYSTOP");
        }
        kmem[&Kmem::freelist] = next_free(kernel, pa).value;
        kmem[&Kmem::free_pages] -= 1;
    }
    kernel.release(kmem.address_of(&Kmem::lock));

    if (pa && junk == Junk::filled) kernel.fill(pa, KALLOC_JUNK, PGSIZE);
    // What a replaced kalloc does is noted once it is done.
    if (kernel.observed() && !kernel.seams.performs(FunctionId::kalloc)) kernel.note_kalloc(pa);
    return pa;
}

}  // namespace hartlab
