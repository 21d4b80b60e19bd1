#include "inspect/diff.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "inspect/frames.hpp"
#include "inspect/page_table.hpp"
#include "inspect/processes.hpp"
#include "inspect/registers.hpp"
#include "inspect/vma_list.hpp"
#include "inspect/words.hpp"

namespace hartlab::inspect {

Fields FrameChangeRow::fields() {
    using F = FrameChangeRow;
    return {
        field("pa", &F::pa, "physical address of the frame"),
        field("bytes_changed", &F::bytes_changed, "bytes that differ"),
        field("first", &F::first, "offset of the first byte that differs; -1 when only the owner does"),
        field("last", &F::last, "offset of the last byte that differs"),
        field("owner_before", &F::owner_before, "what the frame was; empty for a bare machine"),
        field("owner_after", &F::owner_after, "what it is"),
        field("pid_before", &F::pid_before, "whose it was; 0 the kernel, -1 nobody"),
        field("pid_after", &F::pid_after, "whose it is"),
    };
}

Fields PteChangeRow::fields() {
    using P = PteChangeRow;
    return {
        field("pid", &P::pid, "whose page table; 0 for the kernel's, or a bare machine's"),
        field("va", &P::va, "virtual address"),
        field("level", &P::level, "of the leaf: 0 maps 4 KiB"),
        field("before", &P::before, "the leaf as it was; 0 for none"),
        field("after", &P::after, "the leaf as it is; 0 for none"),
        field("change", &P::change, "mapped, unmapped, moved (to another frame) or flags"),
    };
}

Fields RegisterChangeRow::fields() {
    using R = RegisterChangeRow;
    return {
        field("name", &R::name, "the register"),
        field("before", &R::before, "its value before"),
        field("after", &R::after, "its value after"),
    };
}

Fields ProcessChangeRow::fields() {
    using P = ProcessChangeRow;
    return {
        field("pid", &P::pid, "the process"),
        field("slot", &P::slot, "its index in proc[]"),
        field("field", &P::column,
              "the column of the process table that differs; exists for a process that came or went, area for an area"),
        field("before", &P::before, "its value before; 0 for text; of an area its length, 0 when it was not there"),
        field("after", &P::after, "its value after; 0 for text; of an area its length, 0 when it is gone"),
        field("text_before", &P::text_before, "its text before; empty for a number; of an area where it began"),
        field("text_after", &P::text_after, "its text after; empty for a number; of an area where it begins"),
    };
}

Fields FreeListChangeRow::fields() {
    using F = FreeListChangeRow;
    return {
        field("pa", &F::pa, "physical address of the page"),
        field("change", &F::change, "added or removed"),
        field("index", &F::index, "its place in the list that has it; 0 is handed out next"),
    };
}

namespace {

void require_same_size(const MemoryView& before, const MemoryView& after) {
    if (before.size() == after.size() && before.base() == after.base()) return;
    throw std::invalid_argument("the two states have RAM of different size: " + std::to_string(before.size()) +
                                " and " + std::to_string(after.size()) + " bytes");
}

/// Counts the bytes of a page that differ. False when none does.
bool compare_pages(const std::uint8_t* a, const std::uint8_t* b, FrameChangeRow& row) {
    if (a == b || std::memcmp(a, b, PGSIZE) == 0) return false;
    row.first = -1;
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(PGSIZE); ++i) {
        if (a[i] == b[i]) continue;
        ++row.bytes_changed;
        if (row.first < 0) row.first = i;
        row.last = i;
    }
    return true;
}

/// The censuses are null for a bare machine.
std::vector<FrameChangeRow> changed_frames(const MemoryView& before, const MemoryView& after,
                                           const Census* census_before, const Census* census_after,
                                           Interruption& interruption) {
    std::vector<FrameChangeRow> rows;
    for (std::uint64_t i = 0; i < before.page_count(); ++i) {
        interruption.work();
        FrameChangeRow row{};
        row.first = row.last = -1;
        bool changed = compare_pages(before.frame(i), after.frame(i), row);
        if (census_before) {
            const FrameRow &a = census_before->frames[i], &b = census_after->frames[i];
            // A stack belongs to a slot of proc[]; whose pid that slot has at the moment is no change of the frame.
            const bool stack = static_cast<Owner>(a.code) == Owner::kernel_stack;
            changed |= a.code != b.code || (a.pid != b.pid && !stack);
            set_text(row.owner_before, text_of(a.owner));
            set_text(row.owner_after, text_of(b.owner));
            row.pid_before = a.pid;
            row.pid_after = b.pid;
        }
        if (!changed) continue;
        row.pa = before.base().value + (i << PGSHIFT);
        rows.push_back(row);
    }
    return rows;
}

std::vector<RegisterChangeRow> changed_registers(const MachineView& before, const MachineView& after) {
    const std::vector<RegisterRow> a = registers(*before.hart, {}, before.instructions_per_tick);
    const std::vector<RegisterRow> b = registers(*after.hart, {}, after.instructions_per_tick);
    std::vector<RegisterChangeRow> rows;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].value == b[i].value) continue;
        RegisterChangeRow row{{}, a[i].value, b[i].value};
        set_text(row.name, text_of(a[i].name));
        rows.push_back(row);
    }
    return rows;
}

/// Leaves in the order of addresses; none for a root of 0.
Rows<PteRow> leaves(const MemoryView& memory, PhysAddr root, Poll poll) {
    return root ? page_table_entries(memory, root, {}, poll) : Rows<PteRow>{};
}

void add_pte_change(std::vector<PteChangeRow>& rows, std::int32_t pid, const PteRow* before, const PteRow* after) {
    const PteRow& shape = before ? *before : *after;
    PteChangeRow row{pid, shape.level, shape.va, before ? before->pte : 0, after ? after->pte : 0, {}};
    set_text(row.change, !before ? "mapped" : !after ? "unmapped" : before->pa != after->pa ? "moved" : "flags");
    rows.push_back(row);
}

void compare_tables(std::vector<PteChangeRow>& rows, std::int32_t pid, const Rows<PteRow>& before,
                    const Rows<PteRow>& after) {
    const auto earlier = [](const PteRow& x, const PteRow& y) {
        return x.va != y.va ? x.va < y.va : x.level > y.level;
    };
    auto a = before.begin(), b = after.begin();
    while (a != before.end() || b != after.end()) {
        if (b == after.end() || (a != before.end() && earlier(*a, *b))) {
            add_pte_change(rows, pid, &*a++, nullptr);
        } else if (a == before.end() || earlier(*b, *a)) {
            add_pte_change(rows, pid, nullptr, &*b++);
        } else {
            if (a->pte != b->pte) add_pte_change(rows, pid, &*a, &*b);
            ++a, ++b;
        }
    }
}

/// A process in both states: the same pid, made at the same moment.
const ProcessRow* counterpart(const std::vector<ProcessRow>& rows, const ProcessRow& p) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const ProcessRow& q) { return q.pid == p.pid && q.born == p.born; });
    return found == rows.end() ? nullptr : &*found;
}

std::vector<PteChangeRow> changed_ptes(const KernelView& before, const KernelView& after,
                                       const std::vector<ProcessRow>& old, const std::vector<ProcessRow>& now,
                                       bool kernel_table, Poll poll) {
    std::vector<PteChangeRow> rows;
    const auto compare = [&](std::int32_t pid, std::uint64_t root_before, std::uint64_t root_after) {
        compare_tables(rows, pid, leaves(before.memory(), PhysAddr(root_before), poll),
                       leaves(after.memory(), PhysAddr(root_after), poll));
    };
    if (kernel_table) compare(0, before.data->kernel_pagetable, after.data->kernel_pagetable);
    for (const ProcessRow& p : old) {
        const ProcessRow* q = counterpart(now, p);
        compare(p.pid, p.pagetable, q ? q->pagetable : 0);
    }
    for (const ProcessRow& q : now) {
        if (!counterpart(old, q)) compare(q.pid, 0, q.pagetable);
    }
    return rows;
}

std::uint64_t number_in(const ProcessRow& row, const Field& f) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&row) + f.offset;
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, f.size);
    return f.kind == 'i' ? static_cast<std::uint64_t>(sign_extend(value, static_cast<unsigned>(f.size) * 8)) : value;
}

std::string_view text_in(const ProcessRow& row, const Field& f) {
    const auto* text = reinterpret_cast<const char*>(&row) + f.offset;
    return {text, static_cast<std::size_t>(std::find(text, text + f.size, '\0') - text)};
}

/// One row for each column of the process table that differs.
void compare_processes(std::vector<ProcessChangeRow>& rows, const ProcessRow& before, const ProcessRow& after) {
    static const RowType type = row_type<ProcessRow>();
    for (const Field& f : type.fields) {
        ProcessChangeRow row{};
        row.pid = after.pid;
        row.slot = after.slot;
        set_text(row.column, f.name);
        if (f.kind == 'S') {
            if (text_in(before, f) == text_in(after, f)) continue;
            set_text(row.text_before, text_in(before, f));
            set_text(row.text_after, text_in(after, f));
        } else {
            row.before = number_in(before, f);
            row.after = number_in(after, f);
            if (row.before == row.after) continue;
        }
        rows.push_back(row);
    }
}

/// One row for each area that came, went or has another length.
void compare_areas(std::vector<ProcessChangeRow>& rows, const ProcessRow& p, const VmaList& before,
                   const VmaList& after) {
    const auto length = [](const VmaList& list, std::uint64_t start) {
        const auto found = std::find_if(list.begin(), list.end(), [&](const Vma* v) { return v->start == start; });
        return found == list.end() ? 0 : (*found)->length;
    };
    std::vector<std::uint64_t> starts;
    for (const VmaList* list : {&before, &after}) {
        for (const Vma* v : *list) starts.push_back(v->start);
    }
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    for (const std::uint64_t start : starts) {
        ProcessChangeRow row{p.pid, p.slot, {}, length(before, start), length(after, start), {}, {}};
        if (row.before == row.after) continue;
        set_text(row.column, "area");
        if (row.before) set_text(row.text_before, hex(start));
        if (row.after) set_text(row.text_after, hex(start));
        rows.push_back(row);
    }
}

std::vector<ProcessChangeRow> changed_processes(const KernelView& before, const std::vector<ProcessRow>& old,
                                                const KernelView& after, const std::vector<ProcessRow>& now) {
    const auto areas_in = [](const KernelView& kernel, const ProcessRow& p) {
        const auto slot = static_cast<std::size_t>(p.slot);
        return VmaList(kernel.data->proc[slot], slot);
    };
    std::vector<ProcessChangeRow> rows;
    const auto came_or_went = [&](const ProcessRow& p, bool exists) {
        ProcessChangeRow row{};
        row.pid = p.pid;
        row.slot = p.slot;
        set_text(row.column, "exists");
        row.before = !exists;
        row.after = exists;
        set_text(exists ? row.text_after : row.text_before, text_of(p.name));
        rows.push_back(row);
    };
    for (const ProcessRow& p : old) {
        if (const ProcessRow* q = counterpart(now, p)) {
            compare_processes(rows, p, *q);
            compare_areas(rows, *q, areas_in(before, p), areas_in(after, *q));
        } else {
            came_or_went(p, false);
        }
    }
    for (const ProcessRow& q : now) {
        if (!counterpart(old, q)) came_or_went(q, true);
    }
    return rows;
}

void note_free_list(Difference& d, const KernelView& before, const KernelView& after, Poll poll) {
    const auto healthy = [&](const KernelView& kernel) {
        Rows<FreeListRow> rows = free_list(kernel, poll);
        if (!rows.empty() && static_cast<FreeVerdict>(rows.back().code) != FreeVerdict::ok) rows.pop_back();
        return rows;
    };
    const Rows<FreeListRow> old = healthy(before), now = healthy(after);
    d.free_before = old.size();
    d.free_after = now.size();
    const auto add_missing = [&](const Rows<FreeListRow>& from, const Rows<FreeListRow>& in, std::string_view change) {
        const MemoryView& memory = before.memory();
        std::vector<bool> present(memory.page_count());
        for (const FreeListRow& row : in) present[memory.frame_of(PhysAddr(row.pa))] = true;
        for (const FreeListRow& row : from) {
            if (present[memory.frame_of(PhysAddr(row.pa))]) continue;
            FreeListChangeRow changed{row.pa, {}, row.index};
            set_text(changed.change, change);
            d.free_list.push_back(changed);
        }
    };
    add_missing(old, now, "removed");
    add_missing(now, old, "added");
}

}  // namespace

Difference diff(const KernelView& before, const KernelView& after, const DiffOptions& options, Poll poll) {
    require_same_size(before.memory(), after.memory());
    Interruption interruption(poll);
    Difference d;
    if (options.frames) {
        const Census a = take_census(before, poll), b = take_census(after, poll);
        d.frames = changed_frames(before.memory(), after.memory(), &a, &b, interruption);
    }
    if (options.registers) d.registers = changed_registers(before.machine, after.machine);
    if (options.ptes || options.processes) {
        const std::vector<ProcessRow> old = processes(before, false, poll), now = processes(after, false, poll);
        if (options.ptes) d.ptes = changed_ptes(before, after, old, now, options.kernel_ptes, poll);
        if (options.processes) d.processes = changed_processes(before, old, after, now);
    }
    if (options.free_list) note_free_list(d, before, after, poll);
    return d;
}

Difference diff(const MachineView& before, const MachineView& after, const DiffOptions& options, Poll poll) {
    require_same_size(before.memory, after.memory);
    Interruption interruption(poll);
    Difference d;
    if (options.frames) d.frames = changed_frames(before.memory, after.memory, nullptr, nullptr, interruption);
    if (options.registers) d.registers = changed_registers(before, after);
    if (options.ptes) {
        const auto root = [](const MachineView& m) { return current_address_space(m).value_or(AddressSpace{}).root; };
        compare_tables(d.ptes, 0, leaves(before.memory, root(before), poll), leaves(after.memory, root(after), poll));
    }
    return d;
}

}  // namespace hartlab::inspect
