#include "inspect/exits.hpp"

#include "inspect/words.hpp"

namespace hartlab::inspect {

Fields ExitRow::fields() {
    using T = ExitRow;
    return {
        field("pid", &T::pid, "the process that ended"),
        field("parent", &T::parent, "who was to wait for it: its parent, or init for an orphan; 0 for nobody"),
        field("name", &T::name, "its name"),
        field("status", &T::status, "what it gave exit; -1 when it was killed"),
        field("time", &T::time, "instructions retired when it ended"),
        field("by_fault", &T::by_fault, "a fault killed it"),
        field("cause", &T::cause, "that fault in words; empty when there was none"),
        field("scause", &T::scause, "scause of that fault"),
        field("sepc", &T::sepc, "the instruction that faulted"),
        field("stval", &T::stval, "the address that it accessed"),
    };
}

std::vector<ExitRow> exits(const ExitLog& log) {
    std::vector<ExitRow> rows(log.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Exit& exit = log[i];
        ExitRow& row = rows[i];
        row = {.pid = exit.pid,
               .parent = exit.parent,
               .status = exit.status,
               .by_fault = exit.by_fault,
               .time = exit.time,
               .scause = exit.scause,
               .sepc = exit.sepc,
               .stval = exit.stval,
               .name = {},
               .cause = {}};
        set_text(row.name, exit.name);
        if (exit.by_fault) set_text(row.cause, cause_words(exit.scause));
    }
    return rows;
}

}  // namespace hartlab::inspect
