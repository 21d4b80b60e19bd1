#include "inspect/trace.hpp"

#include <algorithm>

#include "inspect/words.hpp"

namespace hartlab::inspect {

Fields TraceRow::fields() {
    using T = TraceRow;
    return {
        field("sequence", &T::sequence, "number of the event, counting those that were dropped"),
        field("time", &T::time, "instructions retired when it happened"),
        field("kind", &T::kind,
              "syscall, fault, interrupt, kalloc, kfree, pte_write, context_switch, tlb_fill, tlb_flush, exec or "
              "process_exit"),
        field("kind_code", &T::kind_code, "the kind as a number"),
        field("what", &T::what, "the code in words: a system call's name, a cause, an access, a form of sfence.vma"),
        field("code", &T::code,
              "number of the system call; scause; 0 fetch, 1 load, 2 store; 0 all, 1 by address, 2 by ASID, 3 both"),
        field("pid", &T::pid, "the process it concerns; 0 for none"),
        field("va", &T::va, "virtual address: stval, the page of a TLB entry, what a PTE maps"),
        field("pa", &T::pa, "physical address: the frame of kalloc and kfree (0: none was left), where a PTE is"),
        field("value", &T::value, "sepc; the new PTE; the ASID; who ran before; an entry point; an exit status"),
        field("result", &T::result, "of a system call; the old PTE; 1 for a fault that the kernel repaired"),
        field("a0", &T::a0, "first argument of a system call"),
        field("a1", &T::a1, "second argument"),
        field("a2", &T::a2, "third argument"),
        field("a3", &T::a3, "fourth argument"),
        field("a4", &T::a4, "fifth argument"),
        field("a5", &T::a5, "sixth argument"),
    };
}

namespace {

std::string code_words(const Event& event) {
    static constexpr std::string_view FLUSHES[] = {"all", "by address", "by asid", "by address and asid"};
    switch (event.kind) {
    case EventKind::syscall: return std::string(syscall_name(event.code));
    case EventKind::fault:
    case EventKind::interrupt: return cause_words(event.code);
    case EventKind::tlb_fill: return std::string(access_name(static_cast<Access>(event.code)));
    case EventKind::tlb_flush: return std::string(event.code < 4 ? FLUSHES[event.code] : "");
    default: return {};
    }
}

}  // namespace

std::vector<TraceRow> trace_rows(const EventRing& ring, std::uint64_t since) {
    std::vector<TraceRow> rows;
    const std::size_t first =
        since <= ring.dropped() ? 0 : std::min<std::uint64_t>(since - ring.dropped(), ring.size());
    rows.reserve(ring.size() - first);
    for (std::size_t i = first; i < ring.size(); ++i) {
        const Event& e = ring[i];
        TraceRow row{e.sequence, e.time,    {},        {},        static_cast<std::int32_t>(e.kind),
                     e.pid,      e.code,    e.va,      e.pa,      e.value,
                     e.result,   e.args[0], e.args[1], e.args[2], e.args[3],
                     e.args[4],  e.args[5]};
        set_text(row.kind, event_kind_name(e.kind));
        set_text(row.what, code_words(e));
        rows.push_back(row);
    }
    return rows;
}

}  // namespace hartlab::inspect
