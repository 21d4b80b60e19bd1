// The list of areas: read with suspicion, copied by fork, dropped by exec and exit.
#include "kernel/vma.hpp"

#include "kernel/in_hex.hpp"
#include "kernel/uvmcopy.hpp"

namespace hartlab {

namespace {

std::string words(const Area& area) {
    return "vm[" + std::to_string(area.slot) + "], from " + in_hex(area.start) + " to " + in_hex(area.end) + ",";
}

/// What is wrong with an area that follows one which ends at `below`; null when nothing is.
const char* problem(const Area& area, std::uint64_t below) {
    if (area.end <= area.start) return "is empty or wraps round";
    if (area.start % PGSIZE != 0 || area.length() % PGSIZE != 0) return "is not made of whole pages";
    if (area.start < below) return "overlaps what lies below it, or is out of order";
    if (area.end > TRAPFRAME) return "reaches beyond TRAPFRAME";
    return nullptr;
}

}  // namespace

Areas::Areas(Kernel& kernel, RamStruct<Proc> p, const char* function) {
    const PhysAddr vm = p.address_of(&Proc::vm);
    RamStruct<Vma> link = p(&Proc::vm, 0);
    if (link[&Vma::next] == 0) return;  // the usual case

    const std::uint64_t sz = p[&Proc::sz];
    std::uint64_t below = sz >= TRAPFRAME ? TRAPFRAME : PGROUNDUP(sz);
    while (const std::uint64_t next = link[&Vma::next]) {
        const std::uint64_t offset = next - vm.value;
        const std::size_t slot = offset / sizeof(Vma);
        const char* wrong = nullptr;
        if (offset % sizeof(Vma) != 0 || slot == 0 || slot >= NVMA) wrong = ", which is no area of this process";
        if (count_ == areas_.size()) wrong = " behind the ninth area: the list does not end";
        if (wrong) {
            kernel.panic("vma", function, link.address().value,
                         "the list of areas is corrupted: next holds " + in_hex(next) + wrong);
        }
        kernel.charge(1);
        link = p(&Proc::vm, slot);
        const std::uint64_t start = link[&Vma::start];
        const Area area{slot, start, start + link[&Vma::length]};
        if (const char* why = problem(area, below)) {
            kernel.panic("vma", function, link.address().value,
                         "the list of areas is corrupted: " + words(area) + " " + why);
        }
        areas_[count_++] = area;
        below = area.end;
    }
}

std::optional<std::size_t> Areas::free_slot() const {
    std::array<bool, NVMA> taken{true};
    for (const Area& area : *this) taken[area.slot] = true;
    for (std::size_t slot = 1; slot < NVMA; ++slot) {
        if (!taken[slot]) return slot;
    }
    return std::nullopt;
}

std::uint64_t size_limit(Kernel& kernel, RamStruct<Proc> p, const char* function) {
    const Areas areas(kernel, p, function);
    return areas.size() == 0 ? TRAPFRAME : areas[0].start;
}

bool in_an_area(Kernel& kernel, RamStruct<Proc> p, VirtAddr va, std::uint64_t length) {
    for (const Area& area : Areas(kernel, p, "fetchaddr")) {
        if (va.value >= area.start && va.value < area.end) return length <= area.end - va.value;
    }
    return false;
}

bool copy_areas(Kernel& kernel, RamStruct<Proc> p, RamStruct<Proc> np) {
    const PhysAddr from(p[&Proc::pagetable]), to(np[&Proc::pagetable]);
    RamStruct<Vma> last = np(&Proc::vm, 0);
    last[&Vma::start] = p(&Proc::vm, 0)[&Vma::start];
    for (const Area& area : Areas(kernel, p, "fork")) {
        if (!copy_pages(kernel, from, to, VirtAddr(area.start), VirtAddr(area.end))) return false;
        const RamStruct<Vma> copy = np(&Proc::vm, area.slot);
        kernel.copy(copy.address(), p(&Proc::vm, area.slot).address(), sizeof(Vma));
        copy[&Vma::next] = 0;  // the parent's leads into the parent's vm[]
        last[&Vma::next] = copy.address().value;
        last = copy;
    }
    return true;
}

void protect_areas(Kernel& kernel, RamStruct<Proc> p) {
    if (kernel.policies().fork != ForkPolicy::cow) return;
    const Areas areas(kernel, p, "fork");
    for (const Area& area : areas) {
        protect_pages(kernel, PhysAddr(p[&Proc::pagetable]), VirtAddr(area.start), VirtAddr(area.end));
    }
    if (areas.size() > 0) kernel.hart().mmu.sfence_vma(std::nullopt, std::nullopt);
}

void drop_areas(Kernel& kernel, RamStruct<Proc> p, PhysAddr pagetable, const char* function) {
    for (const Area& area : Areas(kernel, p, function)) kernel.mydeallocuvm(pagetable, area.start, area.end);
    kernel.fill(p.address_of(&Proc::vm), 0, sizeof(Proc::vm));
}

}  // namespace hartlab
