// Each check is a function of Auditor that reads the census and RAM and adds what it finds; none of them changes anything.
#include "inspect/audit.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>

#include "inspect/areas.hpp"
#include "inspect/frames.hpp"
#include "inspect/page_table.hpp"
#include "inspect/tlb_rows.hpp"
#include "inspect/vma_list.hpp"
#include "inspect/words.hpp"

namespace hartlab::inspect {

Fields ViolationRow::fields() {
    using V = ViolationRow;
    return {
        field("kind", &V::kind, "what must hold and does not"),
        field("code", &V::code, "the kind as a number"),
        field("severity", &V::severity, "error; or note, for what is worth knowing and no violation by itself"),
        field("pid", &V::pid, "the process concerned; 0 the kernel, -1 none"),
        field("pa", &V::pa, "physical address of the frame or entry"),
        field("va", &V::va, "virtual address"),
        field("other", &V::other, "another address or number that the message speaks of"),
        field("message", &V::message, "a sentence with the addresses"),
    };
}

std::string_view violation_name(ViolationKind kind) {
    static constexpr std::string_view NAMES[VIOLATION_KINDS] = {
        "two_places",   "lost_frame",   "free_list", "free_junk",  "free_count",  "reference_count",
        "user_reaches", "broken_entry", "trapframe", "trampoline", "beyond_size", "process",
        "file",         "area",         "tlb_stale", "cut_short"};
    const auto index = static_cast<std::size_t>(kind);
    return index < std::size(NAMES) ? NAMES[index] : "?";
}

std::string_view severity_name(Severity severity) { return severity == Severity::error ? "error" : "note"; }

namespace {

/// A pid as a sentence has it.
std::string who(std::int32_t pid) {
    if (pid > 0) return "process " + std::to_string(pid);
    return pid == 0 ? "the kernel" : "nobody";
}

std::string claim_words(Owner owner, std::int32_t pid, std::uint64_t va) {
    switch (owner) {
    case Owner::free: return "on the free list";
    case Owner::user: return "mapped by " + who(pid) + " at " + hex(va);
    case Owner::page_table: return "a page table of " + who(pid);
    case Owner::trapframe: return "the trapframe of " + who(pid);
    case Owner::kernel_stack: return "the kernel stack at " + hex(va);
    case Owner::pipe: return "a pipe";
    case Owner::buffer: return "a buffer of exec";
    case Owner::kernel_image: return "part of the kernel's image";
    default: return std::string(owner_name(owner));
    }
}

std::string_view problem_words(EntryProblem problem) {
    switch (problem) {
    case EntryProblem::table_outside_memory: return "points to a table that is not in RAM";
    case EntryProblem::reserved_encoding: return "has W without R, or reserved bits set";
    case EntryProblem::pointer_with_adu: return "is a pointer with A, D or U set";
    case EntryProblem::no_leaf: return "is a pointer at level 0";
    case EntryProblem::misaligned_superpage: return "is a misaligned superpage";
    default: return "is refused";
    }
}

class Auditor {
public:
    Auditor(const KernelView& kernel, const AuditOptions& options, Poll poll) :
        kernel_(kernel), memory_(kernel.memory()), data_(*kernel.data), options_(options), interruption_(poll),
        census_(take_census(kernel, poll)) {}

    std::vector<Violation> run() {
        if (kernel_.booted < BootStage::kinit) return {};
        check_free_list();
        check_conflicts();
        check_frames();
        check_entries();
        check_kernel_table();
        for (std::size_t slot = 0; slot < NPROC; ++slot) check_process(slot);
        check_files();
        if (options_.tlb) check_tlb();
        if (census_.cut_short || dropped_) {
            found_.push_back(
                {ViolationKind::cut_short, Severity::error, 0, 0, -1, dropped_,
                 "there is more than this report has room for (" + std::to_string(dropped_) + " violations left out)"});
        }
        std::stable_sort(found_.begin(), found_.end(),
                         [](const Violation& a, const Violation& b) { return a.severity < b.severity; });
        return std::move(found_);
    }

private:
    void add(ViolationKind kind, std::int32_t pid, std::uint64_t pa, std::uint64_t va, std::uint64_t other,
             std::string message, Severity severity = Severity::error) {
        if (found_.size() >= options_.limit) {
            ++dropped_;
            return;
        }
        found_.push_back({kind, severity, pa, va, pid, other, std::move(message)});
    }

    std::optional<Leaf> user_leaf(std::int32_t pid, std::uint64_t va) const {
        const std::optional<std::size_t> slot = kernel_.find_pid(pid);
        return slot ? find_leaf(memory_, PhysAddr(data_.proc[*slot].pagetable), VirtAddr(va)) : std::nullopt;
    }

    void check_conflicts() {
        for (const Conflict& c : census_.conflicts) {
            const bool user_first = c.first == Owner::user;
            std::string message = "frame " + hex(c.pa) + " is " + claim_words(c.first, c.first_pid, c.first_va) +
                                  ", and also " + claim_words(c.second, c.second_pid, c.second_va);
            const std::int32_t pid = user_first ? c.first_pid : c.second_pid;
            const std::uint64_t va = user_first ? c.first_va : c.second_va;
            ViolationKind kind = ViolationKind::two_places;
            if (user_first || c.second == Owner::user) {
                const std::optional<Leaf> leaf = user_leaf(pid, va);
                if (leaf && (leaf->pte & PTE_U)) kind = ViolationKind::user_reaches;
            }
            add(kind, pid, c.pa, va, user_first ? c.second_va : c.first_va, std::move(message));
        }
    }

    void check_frames() {
        std::uint64_t lost = 0, first_lost = 0;
        for (const FrameRow& row : census_.frames) {
            interruption_.work();
            const auto owner = static_cast<Owner>(row.code);
            if (owner == Owner::lost && list_is_broken() && lost++ == 0) first_lost = row.pa;
            if (owner == Owner::lost && !list_is_broken()) {
                const std::string count =
                    row.reference_count ? "; its reference count is " + std::to_string(row.reference_count) : "";
                add(ViolationKind::lost_frame, -1, row.pa, 0, 0,
                    "frame " + hex(row.pa) + " is lost: neither free nor in use by anybody" + count);
            }
            check_sharing(row, owner);
            if (owner == Owner::free && options_.junk) check_junk(PhysAddr(row.pa));
        }
        if (lost) {
            add(ViolationKind::lost_frame, -1, first_lost, 0, lost,
                std::to_string(lost) + " frames from " + hex(first_lost) +
                    " on are lost, most of them behind the break of the free list");
        }
    }

    void check_sharing(const FrameRow& row, Owner owner) {
        const std::string mapped = "mapped " + std::to_string(row.mappings) + (row.mappings == 1 ? " time" : " times");
        const std::string count = "has a reference count of " + std::to_string(row.reference_count);
        if (row.mappings > 1 && row.writable) {
            add(ViolationKind::two_places, row.pid, row.pa, row.va, row.mappings,
                "frame " + hex(row.pa) + " is " + mapped + ", first by " + who(row.pid) + " at " + hex(row.va) +
                    ", can be written, and " + count);
            return;
        }
        // Of a frame that has two owners, or none, that is the news and not the count.
        const bool judged =
            owner == Owner::user || (owner != Owner::kernel_image && owner != Owner::lost && !row.two_places);
        if (judged && static_cast<std::int64_t>(row.reference_count) != static_cast<std::int64_t>(row.mappings)) {
            add(ViolationKind::reference_count, row.pid, row.pa, row.va,
                static_cast<std::uint64_t>(std::int64_t{row.reference_count}),
                "frame " + hex(row.pa) + " (" + std::string(owner_name(owner)) + ") is " + mapped + " and " + count);
        }
    }

    /// kfree fills a page with 1; the pointer to the next free page covers the first eight bytes.
    void check_junk(PhysAddr pa) {
        constexpr std::uint8_t JUNK = 1;
        const std::uint8_t* bytes = memory_.page(pa) + sizeof(std::uint64_t);
        constexpr std::size_t length = PGSIZE - sizeof(std::uint64_t);
        // A run of equal bytes equals itself shifted by one.
        if (bytes[0] == JUNK && std::memcmp(bytes, bytes + 1, length - 1) == 0) return;
        const std::uint8_t* bad = std::find_if(bytes, bytes + length, [](std::uint8_t b) { return b != JUNK; });
        const std::uint64_t address = pa.value + sizeof(std::uint64_t) + static_cast<std::uint64_t>(bad - bytes);
        add(ViolationKind::free_junk, -1, pa.value, 0, address,
            "free frame " + hex(pa.value) + " was written to: " + hex(address) + " holds " + hex(*bad) + ", not 0x1");
    }

    bool list_is_broken() const { return static_cast<FreeVerdict>(census_.free_list_end.code) != FreeVerdict::ok; }

    void check_free_list() {
        const FreeListRow& end = census_.free_list_end;
        const auto verdict = static_cast<FreeVerdict>(end.code);
        if (verdict != FreeVerdict::ok) {
            add(ViolationKind::free_list, -1, end.pa, 0, end.index,
                "the free list breaks after " + std::to_string(end.index) + " pages at " + hex(end.pa) + ": " +
                    std::string(free_verdict_name(verdict)));
        } else if (end.index != data_.kmem.free_pages) {
            add(ViolationKind::free_count, -1, 0, 0, data_.kmem.free_pages,
                "kmem.free_pages says " + std::to_string(data_.kmem.free_pages) + ", the free list has " +
                    std::to_string(end.index));
        }
    }

    void check_entries() {
        for (const EntryReport& e : census_.entries) {
            const std::string entry = "the entry at " + hex(e.pte_address) + " for " + hex(e.va) + " of " + who(e.pid);
            const std::uint64_t target = PTE2PA(e.pte).value;
            switch (e.finding) {
            case EntryFinding::refused:
                add(ViolationKind::broken_entry, e.pid, e.pte_address, e.va, e.pte,
                    entry + " " + std::string(problem_words(e.problem)));
                break;
            case EntryFinding::outside_ram:
                add(e.pte & PTE_U ? ViolationKind::user_reaches : ViolationKind::broken_entry, e.pid, e.pte_address,
                    e.va, target, entry + " maps " + hex(target) + ", which is not RAM");
                break;
            case EntryFinding::above_maxva:
                add(ViolationKind::broken_entry, e.pid, e.pte_address, e.va, target,
                    entry + " maps an address above MAXVA");
                break;
            case EntryFinding::beyond_size:
                add(ViolationKind::beyond_size, e.pid, target, e.va, e.pte,
                    who(e.pid) + " has a page mapped at " + hex(e.va) + ", beyond its size and in no area");
                break;
            }
        }
    }

    /// One of the two pages through which traps go: at `va`, mapping `pa`, with these permissions and no others.
    void check_fixed(ViolationKind kind, std::int32_t pid, std::uint64_t pagetable, std::uint64_t va, std::uint64_t pa,
                     std::uint64_t perms) {
        const std::optional<Leaf> leaf = find_leaf(memory_, PhysAddr(pagetable), VirtAddr(va));
        const std::string what = "the " + std::string(violation_name(kind)) + " page of " + who(pid);
        if (!leaf) {
            add(kind, pid, pa, va, 0, what + " is not mapped at " + hex(va));
        } else if (leaf->pa.value != pa) {
            add(kind, pid, leaf->pa.value, va, pa,
                what + " is at " + hex(pa) + ", but " + hex(va) + " maps " + hex(leaf->pa.value));
        } else if ((leaf->pte & (PTE_R | PTE_W | PTE_X | PTE_U)) != perms) {
            add(kind, pid, pa, va, leaf->pte,
                what + " is mapped " + permission_string(leaf->pte) + ", where " + permission_string(perms) +
                    " is right");
        }
    }

    void check_kernel_table() {
        if (kernel_.booted < BootStage::kvminit) return;
        check_fixed(ViolationKind::trampoline, 0, data_.kernel_pagetable, TRAMPOLINE, TRAMPOLINE_PAGE.value,
                    PTE_R | PTE_X);
        const std::uint64_t running = data_.cpus[0].proc;
        if (running && !kernel_.slot_of(running)) {
            add(ViolationKind::process, 0, running, 0, 0,
                "cpu->proc holds " + hex(running) + ", which is no element of proc[]");
        }
    }

    void check_process(std::size_t slot) {
        const Proc& p = data_.proc[slot];
        const std::string name = "proc[" + std::to_string(slot) + "]";
        const auto complain = [&](const std::string& what, std::uint64_t value) {
            add(ViolationKind::process, p.state == UNUSED ? -1 : p.pid, KernelView::proc_address(slot).value, 0, value,
                name + " " + what);
        };
        const auto is_frame = [&](std::uint64_t pa) {
            return PhysAddr(pa).page_aligned() && memory_.contains(PhysAddr(pa)) && pa >= kernel_.end().value;
        };
        if (p.state < UNUSED || p.state > ZOMBIE)
            complain("has state " + std::to_string(p.state) + ", which is none", 0);
        if (p.state == UNUSED) {
            if (p.pagetable) complain("is unused and still has a page table, at " + hex(p.pagetable), p.pagetable);
            if (p.trapframe) complain("is unused and still has a trapframe, at " + hex(p.trapframe), p.trapframe);
            return;
        }
        if (p.pid <= 0)
            complain("is in use with pid " + std::to_string(p.pid), 0);
        else if (kernel_.find_pid(p.pid) != slot)
            complain("has the pid of another process, " + std::to_string(p.pid), 0);
        if (p.parent && !kernel_.slot_of(p.parent))
            complain("has parent " + hex(p.parent) + ", which is no element of proc[]", p.parent);
        if (p.kstack != KSTACK(slot)) complain("has kstack " + hex(p.kstack) + ", not " + hex(KSTACK(slot)), p.kstack);
        if (p.sz > TRAPFRAME) complain("has size " + hex(p.sz) + ", more than fits below the trapframe", p.sz);
        if (!is_frame(p.pagetable))
            complain("has its page table at " + hex(p.pagetable) + ", which is no frame", p.pagetable);
        if (!is_frame(p.trapframe))
            complain("has its trapframe at " + hex(p.trapframe) + ", which is no frame", p.trapframe);
        if (!is_frame(p.pagetable) || !is_frame(p.trapframe)) return;
        check_fixed(ViolationKind::trapframe, p.pid, p.pagetable, TRAPFRAME, p.trapframe, PTE_R | PTE_W);
        check_fixed(ViolationKind::trampoline, p.pid, p.pagetable, TRAMPOLINE, TRAMPOLINE_PAGE.value, PTE_R | PTE_X);
        check_areas(slot);
    }

    /// Areas ascend from sz on without touching each other's pages, and all their pages are there.
    void check_areas(std::size_t slot) {
        const Proc& p = data_.proc[slot];
        const VmaList list(p, slot);
        if (!list.problem.empty()) {
            add(ViolationKind::area, p.pid, list.problem_at, 0, list.count,
                "the list of areas of " + who(p.pid) + " " + list.problem);
        }
        std::uint64_t below = p.sz >= TRAPFRAME ? TRAPFRAME : PGROUNDUP(p.sz);
        for (const Vma* v : list) {
            if (v->start < below) {
                add(ViolationKind::area, p.pid, 0, v->start, below,
                    "the area of " + who(p.pid) + " at " + hex(v->start) + " overlaps what ends at " + hex(below) +
                        ", or is out of order");
            }
            below = v->start + v->length;
        }
        if (list.count == 0 || kernel_.find_pid(p.pid) != slot) return;
        for (const AreaRow& row : areas(kernel_, p.pid)) {
            if (text_of(row.kind) != "vma" || row.absent == 0) continue;
            add(ViolationKind::area, p.pid, 0, row.start, row.absent,
                std::to_string(row.absent) + " of " + std::to_string(row.length / PGSIZE) + " pages of the area of " +
                    who(p.pid) + " at " + hex(row.start) + " are not mapped");
        }
    }

    void check_files() {
        std::vector<std::int64_t> descriptors(NFILE);
        const std::uint64_t first = KERNEL_DATA.value + offsetof(KernelData, file);
        for (const Proc& p : data_.proc) {
            for (const std::uint64_t f : p.ofile) {
                if (p.state == UNUSED || f == 0) continue;
                const std::uint64_t offset = f - first;
                if (offset % sizeof(File) == 0 && offset / sizeof(File) < NFILE)
                    ++descriptors[offset / sizeof(File)];
                else
                    add(ViolationKind::file, p.pid, f, 0, 0,
                        who(p.pid) + " has " + hex(f) + " open, which is no struct file");
            }
        }
        for (std::size_t i = 0; i < NFILE; ++i) {
            if (data_.file[i].ref == descriptors[i]) continue;
            add(ViolationKind::file, -1, first + i * sizeof(File), 0, static_cast<std::uint64_t>(descriptors[i]),
                "file[" + std::to_string(i) + "] has a count of " + std::to_string(data_.file[i].ref) + " and " +
                    std::to_string(descriptors[i]) + " descriptors");
        }
    }

    /// A stale entry is an error when user code can harm others by it: it leads to a frame that is not, or no longer, a user
    /// page of that process, or it lets a shared page be written. Otherwise a fence is merely still to come.
    void check_tlb() {
        for (const TlbRow& row : tlb_rows(kernel_)) {
            if (!row.stale) continue;
            bool harmful = false;
            if (row.bits.U && memory_.contains(PhysAddr(row.pa))) {
                const FrameRow& frame = census_.frames[memory_.frame_of(PhysAddr(row.pa))];
                const bool foreign =
                    static_cast<Owner>(frame.code) != Owner::user || (frame.mappings == 1 && frame.pid != row.pid);
                harmful = foreign || (row.bits.W && frame.mappings > 1);
            }
            add(ViolationKind::tlb_stale, row.pid, row.pa, row.va, row.table_pte,
                "the TLB translates " + hex(row.va) + " to " + hex(row.pa) + " " + permission_string(row.pte) +
                    " (asid " + std::to_string(row.asid) + "), the page table of " + who(row.pid) +
                    (row.table_pte ? " to " + hex(PTE2PA(row.table_pte).value) + " " + permission_string(row.table_pte)
                                   : " not at all"),
                harmful ? Severity::error : Severity::note);
        }
    }

    const KernelView& kernel_;
    const MemoryView& memory_;
    const KernelData& data_;
    AuditOptions options_;
    Interruption interruption_;
    Census census_;
    std::vector<Violation> found_;
    std::uint64_t dropped_ = 0;
};

}  // namespace

std::vector<Violation> audit(const KernelView& kernel, const AuditOptions& options, Poll poll) {
    return Auditor(kernel, options, poll).run();
}

std::vector<ViolationRow> violation_rows(const std::vector<Violation>& violations) {
    std::vector<ViolationRow> rows;
    rows.reserve(violations.size());
    for (const Violation& v : violations) {
        ViolationRow row{};
        row.code = static_cast<std::int32_t>(v.kind);
        row.pid = v.pid;
        row.pa = v.pa;
        row.va = v.va;
        row.other = v.other;
        set_text(row.kind, violation_name(v.kind));
        set_text(row.severity, severity_name(v.severity));
        set_text(row.message, v.message);
        rows.push_back(row);
    }
    return rows;
}

}  // namespace hartlab::inspect
