#include "inspect/traps.hpp"

#include <algorithm>

#include "inspect/words.hpp"

namespace hartlab::inspect {

Fields TrapRow::fields() {
    using T = TrapRow;
    return {
        field("sequence", &T::sequence, "number of the trap, counting those that were dropped"),
        field("time", &T::time, "the virtual clock, in ticks, when it was taken"),
        field("instructions", &T::instructions, "instructions that the hart had retired"),
        field("hart", &T::hart, "which hart took it"),
        field("interrupt", &T::interrupt, "whether it is an interrupt"),
        field("from", &T::from, "the mode that it came from: U, S or M"),
        field("to", &T::to, "the mode that handles it: S or M"),
        field("what", &T::what, "the cause in words"),
        field("cause", &T::cause, "as in scause, the bit of interrupts included"),
        field("tval", &T::tval, "as in stval: the address of a fault, the bits of an illegal instruction"),
        field("epc", &T::epc, "the instruction that trapped, or before which the interrupt came"),
        field("satp", &T::satp, "the page table that was in use"),
        field("a0", &T::a0, "argument register 0: of an ecall its first argument"),
        field("a1", &T::a1, "argument register 1"),
        field("a2", &T::a2, "argument register 2"),
        field("a3", &T::a3, "argument register 3"),
        field("a4", &T::a4, "argument register 4"),
        field("a5", &T::a5, "argument register 5"),
        field("a6", &T::a6, "argument register 6"),
        field("a7", &T::a7, "argument register 7: of an ecall the number of the call"),
    };
}

std::vector<TrapRow> trap_rows(const TrapLog& log, std::uint64_t since) {
    const std::uint64_t first = since <= log.dropped() ? 0 : std::min<std::uint64_t>(since - log.dropped(), log.size());
    std::vector<TrapRow> rows;
    rows.reserve(log.size() - first);
    for (std::size_t i = first; i < log.size(); ++i) {
        const TrapRecord& t = log[i];
        TrapRow row{};
        row.sequence = t.sequence;
        row.time = t.time;
        row.instructions = t.instructions;
        row.hart = static_cast<std::int32_t>(t.hart);
        row.interrupt = t.cause & CAUSE_INTERRUPT;
        set_text(row.from, privilege_name(t.from));
        set_text(row.to, privilege_name(t.to));
        set_text(row.what, cause_words(t.cause));
        row.cause = t.cause;
        row.tval = t.tval;
        row.epc = t.epc;
        row.satp = t.satp;
        row.a0 = t.a[0], row.a1 = t.a[1], row.a2 = t.a[2], row.a3 = t.a[3];
        row.a4 = t.a[4], row.a5 = t.a[5], row.a6 = t.a[6], row.a7 = t.a[7];
        rows.push_back(row);
    }
    return rows;
}

}  // namespace hartlab::inspect
