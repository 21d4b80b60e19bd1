#include "inspect/areas.hpp"

#include <algorithm>

#include "inspect/table_walker.hpp"
#include "inspect/vma_list.hpp"
#include "inspect/words.hpp"

namespace hartlab::inspect {

Fields AreaRow::fields() {
    return {
        field("kind", &AreaRow::kind,
              "text, rodata, data, program, guard, stack, heap, hole, vma, stray, trapframe or trampoline"),
        field("start", &AreaRow::start, "first virtual address"),
        field("end", &AreaRow::end, "first virtual address behind it"),
        field("length", &AreaRow::length, "bytes"),
        field("perms", &AreaRow::perms, "R, W, X, U or -; a copy-on-write page counts as writable"),
        field("present", &AreaRow::present, "pages that are mapped"),
        field("absent", &AreaRow::absent, "pages that are granted and not mapped yet"),
        field("pid", &AreaRow::pid, "the process"),
    };
}

namespace {

constexpr std::uint64_t PERMISSIONS = PTE_R | PTE_W | PTE_X | PTE_U;

/// Neighbouring pages with the same permissions.
struct PageRun {
    std::uint64_t start, end;
    std::uint64_t perms;
};

/// Finds the runs of a user's part of a page table. Honest tables have a handful; hostile ones are read no further than the limits.
struct FindRuns {
    static constexpr std::size_t MAX_RUNS = 100'000;
    std::uint64_t table_budget;
    std::vector<PageRun> runs{};

    bool table(PhysAddr, int, std::uint64_t) { return table_budget != 0 && table_budget--; }
    bool entry(const TableEntry& e) {
        if (!e.leaf() || e.problem != EntryProblem::none) return true;
        const std::uint64_t cow_as_w = bit(e.pte, 8) ? PTE_W : 0;
        const std::uint64_t perms = (e.pte | cow_as_w) & PERMISSIONS;
        if (!runs.empty() && runs.back().end == e.va && runs.back().perms == perms) {
            runs.back().end += leaf_size(e.level);
            return true;
        }
        if (runs.size() == MAX_RUNS) return false;
        runs.push_back({e.va, e.va + leaf_size(e.level), perms});
        return true;
    }
};

std::vector<PageRun> user_runs(const KernelView& kernel, const Proc& p, Poll poll) {
    const PhysAddr root(p.pagetable);
    if (!root || !root.page_aligned() || !kernel.memory().contains(root)) return {};
    FindRuns finder{kernel.memory().page_count()};
    Interruption interruption(poll);
    TableWalker walker(kernel.memory(), interruption, finder);
    walker.restrict_to(0, TRAPFRAME - 1);
    walker.walk(root);
    return std::move(finder.runs);
}

std::string_view segment_kind(std::uint64_t perms) {
    if ((perms & PTE_W) && (perms & PTE_X)) return "program";
    if (perms & PTE_X) return "text";
    return perms & PTE_W ? "data" : "rodata";
}

class AreaList {
public:
    AreaList(const KernelView& kernel, std::size_t slot, Poll poll) :
        kernel_(kernel), p_(kernel.data->proc[slot]), slot_(slot), runs_(user_runs(kernel, p_, poll)) {}

    std::vector<AreaRow> list() {
        // PGROUNDUP of a hostile sz may wrap.
        const std::uint64_t size = p_.sz >= TRAPFRAME ? TRAPFRAME : PGROUNDUP(p_.sz);
        const std::uint64_t heap = list_below_heap(size);
        if (heap < size) add("heap", heap, size, PTE_R | PTE_W | PTE_U);
        if (!rows_.empty() && rows_.back().end == size && p_.sz < size) {  // the last page is granted to sz only
            rows_.back().end = p_.sz;
            rows_.back().length = p_.sz - rows_.back().start;
        }
        list_vmas();
        list_strays(size);
        add_fixed("trapframe", TRAPFRAME);
        add_fixed("trampoline", TRAMPOLINE);
        std::stable_sort(rows_.begin(), rows_.end(),
                         [](const AreaRow& a, const AreaRow& b) { return a.start < b.start; });
        return std::move(rows_);
    }

private:
    /// Segments, guard and stack as exec lays them out; without a guard, whatever can be executed from address 0 on.
    /// Returns where the heap begins.
    std::uint64_t list_below_heap(std::uint64_t size) {
        const auto guard =
            std::find_if(runs_.begin(), runs_.end(), [&](const PageRun& r) { return !(r.perms & PTE_U); });
        const bool guarded = guard != runs_.end() && guard->start < size;
        std::uint64_t at = 0;
        for (const PageRun& run : runs_) {
            if (run.start >= size || (guarded ? run.start >= guard->start : !(run.perms & PTE_X) || run.start != at))
                break;
            if (run.start > at) add("hole", at, run.start, 0);
            at = std::min(run.end, size);
            add(segment_kind(run.perms), run.start, at, run.perms);
        }
        if (!guarded) return at;
        if (guard->start > at) add("hole", at, guard->start, 0);
        const std::uint64_t guard_end = std::min(guard->end, size);
        const std::uint64_t stack_end = std::min(guard_end + kernel_.policies.stack_pages * PGSIZE, size);
        add("guard", guard->start, guard_end, guard->perms);
        if (stack_end > guard_end) add("stack", guard_end, stack_end, PTE_R | PTE_W | PTE_U);
        return stack_end;
    }

    void list_vmas() {
        for (const Vma* v : VmaList(p_, slot_)) {
            add("vma", v->start, v->start + v->length, (v->perm & PERMISSIONS) | PTE_U);
        }
    }

    void list_strays(std::uint64_t size) {
        const std::size_t known = rows_.size();
        for (const PageRun& run : runs_) {
            std::uint64_t at = std::max(run.start, size);
            while (at < run.end) {
                // From `at` to the next VMA, and on behind it.
                std::uint64_t stop = run.end, behind = run.end;
                for (std::size_t i = 0; i < known; ++i) {
                    const AreaRow& r = rows_[i];
                    if (text_of(r.kind) != "vma" || r.end <= at || r.start >= stop) continue;
                    stop = std::max(r.start, at);
                    behind = r.end;
                }
                if (stop > at) add("stray", at, stop, run.perms);
                at = std::max(behind, stop);
            }
        }
    }

    void add_fixed(std::string_view kind, std::uint64_t va) {
        if (const std::optional<Leaf> leaf = find_leaf(kernel_.memory(), PhysAddr(p_.pagetable), VirtAddr(va))) {
            AreaRow row = add(kind, va, va + PGSIZE, leaf->pte);
            row.present = 1;
            row.absent = 0;
            rows_.back() = row;
        }
    }

    /// `perms` are those of pages to come; pages that are present say themselves.
    AreaRow& add(std::string_view kind, std::uint64_t start, std::uint64_t end, std::uint64_t perms) {
        AreaRow row{};
        row.start = start;
        row.end = end;
        row.length = end - start;
        row.pid = p_.pid;
        const auto first = std::lower_bound(runs_.begin(), runs_.end(), start,
                                            [](const PageRun& r, std::uint64_t a) { return r.end <= a; });
        for (auto run = first; run != runs_.end() && run->start < end; ++run) {
            if (row.present == 0) perms = run->perms;
            row.present += (std::min(end, run->end) - std::max(start, run->start)) >> PGSHIFT;
        }
        row.absent = (PGROUNDUP(row.length) >> PGSHIFT) - row.present;
        set_text(row.kind, kind);
        set_text(row.perms, permission_string(perms));
        rows_.push_back(row);
        return rows_.back();
    }

    const KernelView& kernel_;
    const Proc& p_;
    std::size_t slot_;
    std::vector<PageRun> runs_;
    std::vector<AreaRow> rows_;
};

}  // namespace

std::vector<AreaRow> areas(const KernelView& kernel, std::int32_t pid, Poll poll) {
    const std::optional<std::size_t> slot = kernel.find_pid(pid);
    if (!slot) return {};
    return AreaList(kernel, *slot, poll).list();
}

}  // namespace hartlab::inspect
