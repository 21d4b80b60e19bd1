#include "inspect/vma_list.hpp"

#include <cstddef>

#include "inspect/words.hpp"

namespace hartlab::inspect {

VmaList::VmaList(const Proc& p, std::size_t slot) {
    const std::uint64_t vm = KernelView::proc_address(slot).value + offsetof(Proc, vm);
    std::uint64_t link = vm + offsetof(Vma, next);
    std::uint64_t next = p.vm[0].next;
    while (next != 0) {
        const std::uint64_t offset = next - vm, index = offset / sizeof(Vma);
        problem_at = link;
        if (offset % sizeof(Vma) != 0 || index == 0 || index >= NVMA) {
            problem = "leads to " + hex(next) + ", which is no area of the process";
            return;
        }
        if (count == areas.size()) {
            problem = "does not end";
            return;
        }
        const Vma& v = p.vm[index];
        if (v.length == 0 || v.start > TRAPFRAME || v.length > TRAPFRAME - v.start ||
            (v.start | v.length) % PGSIZE != 0) {
            problem = "has an area of " + hex(v.length) + " bytes at " + hex(v.start) +
                      ", which are no whole pages below TRAPFRAME";
            return;
        }
        areas[count++] = &v;
        link = next + offsetof(Vma, next);
        next = v.next;
    }
}

bool VmaList::has(std::uint64_t va) const {
    for (const Vma* v : *this) {
        if (va - v->start < v->length) return true;
    }
    return false;
}

}  // namespace hartlab::inspect
