// Claims are made in an order that gives a frame to whoever is named first when two claim it: the kernel image, the
// kernel's page table and stacks, each process, pipes and buffers, and at last the free list.
#include "inspect/frames.hpp"

#include <iterator>

#include "inspect/free_list_walker.hpp"
#include "inspect/table_walker.hpp"
#include "inspect/vma_list.hpp"

namespace hartlab::inspect {

Fields FrameRow::fields() {
    return {
        field("pa", &FrameRow::pa, "physical address of the frame"),
        field("owner", &FrameRow::owner,
              "what it is: free, page_table, user, trapframe, kernel_stack, pipe, buffer, kernel_image, "
              "unmanaged (before kinit), or lost"),
        field("code", &FrameRow::code, "the owner as a number"),
        field("pid", &FrameRow::pid, "the process that it belongs to, the first of several; 0 the kernel, -1 nobody"),
        field("va", &FrameRow::va,
              "virtual address at which that process has it; of a page table, the first it is responsible for"),
        field("mappings", &FrameRow::mappings, "leaves of user page tables below TRAPFRAME that map it"),
        field("reference_count", &FrameRow::reference_count,
              "the kernel's own count, as it stands in RAM (kept with fork=\"cow\")"),
        field("level", &FrameRow::level, "of a page table: 2 is a root; otherwise -1"),
        field("writable", &FrameRow::writable, "a leaf of a user's page table lets it be written"),
        field("two_places", &FrameRow::two_places, "claimed twice, in a way that cannot be right"),
    };
}

std::string_view owner_name(Owner owner) {
    static constexpr std::string_view NAMES[OWNERS] = {"lost",         "free",         "page_table", "user",
                                                       "trapframe",    "kernel_stack", "pipe",       "buffer",
                                                       "kernel_image", "unmanaged"};
    const auto index = static_cast<std::size_t>(owner);
    return index < std::size(NAMES) ? NAMES[index] : "?";
}

namespace {

class CensusTaker {
public:
    CensusTaker(const KernelView& kernel, Poll poll) : kernel_(kernel), memory_(kernel.memory()), interruption_(poll) {}

    Census take() {
        list_frames();
        if (kernel_.booted < BootStage::kinit) return std::move(census_);
        take_kernel();
        for (std::size_t slot = 0; slot < NPROC; ++slot) {
            if (kernel_.data->proc[slot].state != UNUSED) take_process(kernel_.data->proc[slot], slot);
        }
        take_pipes();
        for (const std::uint64_t page : kernel_.data->argv) {
            if (page) claim(PhysAddr(page), Owner::buffer, 0, 0);
        }
        take_free_list();
        judge_shared_pages();
        return std::move(census_);
    }

private:
    FrameRow* frame(PhysAddr pa) { return memory_.contains(pa) ? &census_.frames[memory_.frame_of(pa)] : nullptr; }

    static void set_owner(FrameRow& row, Owner owner, std::int32_t pid, std::uint64_t va) {
        row.code = static_cast<std::int32_t>(owner);
        set_text(row.owner, owner_name(owner));
        row.pid = pid;
        row.va = va;
    }

    void list_frames() {
        const Owner managed = kernel_.booted < BootStage::kinit ? Owner::unmanaged : Owner::lost;
        const std::uint64_t image_end = kernel_.end().value;
        const std::uint64_t count = memory_.page_count();
        std::vector<std::int32_t> references(count);
        memory_.read(REFERENCE_COUNTS, references.data(), count * sizeof(std::int32_t));  // zeros if RAM is too small

        FrameRow row{};
        row.level = -1;
        set_owner(row, Owner::kernel_image, 0, 0);
        census_.frames.reserve(count);
        for (std::uint64_t i = 0; i < count; ++i) {
            interruption_.work();
            const std::uint64_t pa = memory_.base().value + (i << PGSHIFT);
            if (pa == image_end) set_owner(row, managed, -1, 0);
            FrameRow& added = census_.frames.emplace_back(row);
            added.pa = pa;
            added.reference_count = references[i];
        }
    }

    /// Makes `owner` the frame's owner, or notes that it has another. False when `pa` is not in RAM.
    bool claim(PhysAddr pa, Owner owner, std::int32_t pid, std::uint64_t va) {
        FrameRow* row = frame(pa);
        if (!row) return false;
        const auto held = static_cast<Owner>(row->code);
        if (held == Owner::lost) {
            set_owner(*row, owner, pid, va);
        } else if (!(held == Owner::user && owner == Owner::user)) {
            row->two_places = true;
            if (room(census_.conflicts))
                census_.conflicts.push_back({row->pa, held, owner, row->pid, pid, row->va, va});
        }
        return true;
    }

    template <class Findings>
    bool room(const Findings& findings) {
        if (findings.size() < Census::MAX_FINDINGS) return true;
        census_.cut_short = true;
        return false;
    }

    void report(EntryFinding finding, std::int32_t pid, const TableEntry& e) {
        if (room(census_.entries))
            census_.entries.push_back({finding, e.problem, pid, e.va, e.pte, e.pte_address.value});
    }

    /// Claims a page of a page table. False when it was read before, from here or from elsewhere: each is read once.
    bool claim_table(PhysAddr table, int level, std::int32_t pid, std::uint64_t va) {
        claim(table, Owner::page_table, pid, va);
        FrameRow* row = frame(table);
        if (row->level >= 0) return false;
        row->level = level;
        return true;
    }

    struct KernelTable {
        CensusTaker& taker;
        bool table(PhysAddr pa, int level, std::uint64_t va) { return taker.claim_table(pa, level, 0, va); }
        bool entry(const TableEntry& e) {
            if (e.problem != EntryProblem::none)
                taker.report(EntryFinding::refused, 0, e);
            else if (e.leaf() && e.va < TRAMPOLINE && e.va >= KSTACK(NPROC - 1))
                taker.take_stack(e);
            return true;
        }
    };

    struct UserTable {
        CensusTaker& taker;
        const Proc& proc;
        const VmaList& vmas;
        bool table(PhysAddr pa, int level, std::uint64_t va) { return taker.claim_table(pa, level, proc.pid, va); }
        bool entry(const TableEntry& e) {
            if (e.problem != EntryProblem::none)
                taker.report(EntryFinding::refused, proc.pid, e);
            else if (e.leaf())
                taker.take_user_leaf(proc, vmas, e);
            return true;
        }
    };

    template <class Visitor>
    void walk(std::uint64_t root, Visitor visitor) {
        if (PhysAddr(root).page_aligned() && memory_.contains(PhysAddr(root))) {
            TableWalker(memory_, interruption_, visitor).walk(PhysAddr(root));
        }
    }

    void take_kernel() {
        if (kernel_.data->kernel_pagetable) walk(kernel_.data->kernel_pagetable, KernelTable{*this});
    }

    void take_stack(const TableEntry& e) {
        const std::uint64_t slot = (TRAMPOLINE - e.va) / (2 * PGSIZE) - 1;
        const Proc& p = kernel_.data->proc[slot < NPROC ? slot : 0];
        claim(PTE2PA(e.pte), Owner::kernel_stack, slot < NPROC && p.state != UNUSED ? p.pid : 0, e.va);
    }

    void take_process(const Proc& p, std::size_t slot) {
        if (p.trapframe) claim(PhysAddr(p.trapframe), Owner::trapframe, p.pid, TRAPFRAME);
        const VmaList vmas(p, slot);
        if (p.pagetable) walk(p.pagetable, UserTable{*this, p, vmas});
    }

    void take_user_leaf(const Proc& p, const VmaList& vmas, const TableEntry& e) {
        if (e.va == TRAPFRAME || e.va == TRAMPOLINE) return;  // the trapframe is claimed through p->trapframe
        if (e.va >= MAXVA) return report(EntryFinding::above_maxva, p.pid, e);
        if (e.va >= p.sz && !vmas.has(e.va)) report(EntryFinding::beyond_size, p.pid, e);
        if (e.level > 0) return take_superpage(p, e);
        if (!claim_user(PTE2PA(e.pte), p, e.va, e.pte)) report(EntryFinding::outside_ram, p.pid, e);
    }

    bool claim_user(PhysAddr pa, const Proc& p, std::uint64_t va, std::uint64_t pte) {
        if (!claim(pa, Owner::user, p.pid, va)) return false;
        FrameRow* row = frame(pa);
        ++row->mappings;
        row->writable |= (pte & PTE_W) != 0;
        return true;
    }

    /// Claims the frames of a superpage one by one; xv6 makes none, so what many of them cost is bounded.
    void take_superpage(const Proc& p, const TableEntry& e) {
        const std::uint64_t start = PTE2PA(e.pte).value, stop = start + leaf_size(e.level);
        const std::uint64_t first = std::max(start, memory_.base().value), last = std::min(stop, memory_.end().value);
        if (first != start || last != stop) report(EntryFinding::outside_ram, p.pid, e);
        for (std::uint64_t pa = first; pa < last; pa += PGSIZE) {
            if (superpage_pieces_ == 4 * memory_.page_count()) {
                census_.cut_short = true;
                return;
            }
            ++superpage_pieces_;
            interruption_.work();
            claim_user(PhysAddr(pa), p, e.va + (pa - start), e.pte);
        }
    }

    /// The two ends of a pipe are two open files; the page is claimed once.
    void take_pipes() {
        std::vector<std::uint64_t> known;
        for (const File& f : kernel_.data->file) {
            if (f.ref <= 0 || f.type != FD_PIPE || std::count(known.begin(), known.end(), f.pipe)) continue;
            known.push_back(f.pipe);
            claim(PhysAddr(f.pipe), Owner::pipe, opener(f), 0);
        }
    }

    /// The first process that has the file open; 0 for none.
    std::int32_t opener(const File& f) const {
        const std::uint64_t index = static_cast<std::uint64_t>(&f - kernel_.data->file);
        const std::uint64_t address = KERNEL_DATA.value + offsetof(KernelData, file) + index * sizeof(File);
        for (const Proc& p : kernel_.data->proc) {
            if (p.state != UNUSED && std::count(std::begin(p.ofile), std::end(p.ofile), address)) return p.pid;
        }
        return 0;
    }

    void take_free_list() {
        const FreeListEnd end = walk_free_list(
            kernel_, interruption_, [&](std::uint64_t pa, std::uint64_t) { claim(PhysAddr(pa), Owner::free, -1, 0); });
        census_.free_list_end = {end.length, end.pa, 0, static_cast<std::int32_t>(end.verdict), {}};
        set_text(census_.free_list_end.verdict, free_verdict_name(end.verdict));
    }

    /// Sharing is right only where it is counted and nobody can write: copy on write, the model's or a student's.
    void judge_shared_pages() {
        for (FrameRow& row : census_.frames) {
            if (row.mappings < 2) continue;
            const bool counted = static_cast<std::uint64_t>(row.reference_count) == row.mappings;
            if (!counted || row.writable) row.two_places = true;
        }
    }

    const KernelView& kernel_;
    const MemoryView& memory_;
    Interruption interruption_;
    Census census_;
    std::uint64_t superpage_pieces_ = 0;
};

}  // namespace

Census take_census(const KernelView& kernel, Poll poll) { return CensusTaker(kernel, poll).take(); }

Rows<FrameRow> frames(const KernelView& kernel, Poll poll) { return take_census(kernel, poll).frames; }

}  // namespace hartlab::inspect
