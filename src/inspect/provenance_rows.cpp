#include "inspect/provenance_rows.hpp"

#include "base/fault.hpp"
#include "inspect/words.hpp"

namespace hartlab::inspect {

Fields DeedColumns::fields() {
    using D = DeedColumns;
    return {
        field("", &D::happened, "it has happened since the record was begun"),
        field("_time", &D::time, "instructions retired when it did"),
        field("_pid", &D::pid, "the process for which; 0 for none"),
        field("_what", &D::what,
              "what the kernel was serving: a system call's name, fault, interrupt, or kernel for no process"),
        field("_cause", &D::cause, "scause of that trap"),
        field("_syscall", &D::syscall, "number of that system call"),
        field("_epc", &D::epc, "the user instruction that trapped"),
    };
}

Fields ProvenanceRow::fields() {
    using P = ProvenanceRow;
    Fields f = {
        field("pa", &P::pa, "physical address of the frame"),
        field("mapped_va", &P::mapped_va, "virtual address at which it was mapped last"),
    };
    append_nested(f, &P::allocated, DeedColumns::fields(), "allocated");
    append_nested(f, &P::mapped, DeedColumns::fields(), "mapped");
    append_nested(f, &P::freed, DeedColumns::fields(), "freed");
    return f;
}

namespace {

std::string_view occasion(const Deed& deed) {
    if (!deed.happened) return "";
    if (deed.pid == 0) return "kernel";
    if (deed.cause == static_cast<std::uint64_t>(Cause::ecall_from_u)) return syscall_name(deed.syscall);
    return deed.cause & CAUSE_INTERRUPT ? "interrupt" : "fault";
}

DeedColumns columns(const Deed& deed) {
    DeedColumns c{deed.happened, deed.pid, deed.time, deed.cause, deed.syscall, deed.epc, {}};
    set_text(c.what, occasion(deed));
    return c;
}

}  // namespace

std::vector<ProvenanceRow> provenance(const Provenance& record, PhysAddr base) {
    std::vector<ProvenanceRow> rows;
    const std::vector<FrameHistory>& frames = record.frames();
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const FrameHistory& h = frames[i];
        if (!h.allocated.happened && !h.mapped.happened && !h.freed.happened) continue;
        rows.push_back(
            {base.value + i * PGSIZE, h.mapped_va, columns(h.allocated), columns(h.mapped), columns(h.freed)});
    }
    return rows;
}

}  // namespace hartlab::inspect
