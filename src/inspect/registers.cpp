#include "inspect/registers.hpp"

#include "hart/isa/csr_names.hpp"
#include "hart/isa/text/register_names.hpp"
#include "hart/mstatus.hpp"

namespace hartlab::inspect {

Fields RegisterRow::fields() {
    return {
        field("name", &RegisterRow::name, "name in the calling convention, or the CSR's"),
        field("kind", &RegisterRow::kind, "pc, x, f, csr, or mode (0 U, 1 S, 3 M)"),
        field("number", &RegisterRow::number, "number in its kind; -1 for pc and mode"),
        field("value", &RegisterRow::value, "its 64 bits"),
    };
}

namespace {

/// What a CSR reads as, whoever asks: as hart/csr.cpp has it, without the rights of a privilege level.
struct CsrReader {
    const HartState& state;
    std::uint64_t instructions_per_tick;

    std::uint64_t counter(std::uint64_t offset, unsigned inhibit_bit) const {
        return bit(state.csr.mcountinhibit, inhibit_bit) ? offset : state.retired + offset;
    }
    std::uint64_t cycle() const { return counter(state.csr.mcycle_offset, 0); }
    std::uint64_t instret() const { return counter(state.csr.minstret_offset, 2); }
    std::uint64_t time() const { return state.time(instructions_per_tick); }
    std::uint64_t mstatus() const {
        const std::uint64_t value = state.csr.mstatus | MSTATUS_XL64;
        return (value & MSTATUS_FS) == MSTATUS_FS ? value | MSTATUS_SD : value;
    }
    std::uint64_t sstatus() const {
        return mstatus() & (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_FS | MSTATUS_SUM | MSTATUS_MXR |
                            MSTATUS_UXL | MSTATUS_SD);
    }
    std::uint64_t fcsr() const { return std::uint64_t{state.csr.frm} << 5 | state.csr.fflags; }
};

struct CsrColumn {
    std::string_view name;
    std::uint64_t (*read)(const CsrReader&);
};

// Every CSR that holds state; those that read a constant (misa, mvendorid ...) are not listed.
constexpr CsrColumn CSRS[] = {
    {"fflags", [](const CsrReader& r) { return std::uint64_t{r.state.csr.fflags}; }},
    {"frm", [](const CsrReader& r) { return std::uint64_t{r.state.csr.frm}; }},
    {"fcsr", [](const CsrReader& r) { return r.fcsr(); }},
    {"cycle", [](const CsrReader& r) { return r.cycle(); }},
    {"time", [](const CsrReader& r) { return r.time(); }},
    {"instret", [](const CsrReader& r) { return r.instret(); }},
    {"sstatus", [](const CsrReader& r) { return r.sstatus(); }},
    {"sie", [](const CsrReader& r) { return r.state.csr.mie & r.state.csr.mideleg; }},
    {"stvec", [](const CsrReader& r) { return r.state.csr.stvec; }},
    {"scounteren", [](const CsrReader& r) { return r.state.csr.scounteren; }},
    {"senvcfg", [](const CsrReader& r) { return r.state.csr.senvcfg; }},
    {"sscratch", [](const CsrReader& r) { return r.state.csr.sscratch; }},
    {"sepc", [](const CsrReader& r) { return r.state.csr.sepc; }},
    {"scause", [](const CsrReader& r) { return r.state.csr.scause; }},
    {"stval", [](const CsrReader& r) { return r.state.csr.stval; }},
    {"sip", [](const CsrReader& r) { return r.state.csr.mip & r.state.csr.mideleg; }},
    {"satp", [](const CsrReader& r) { return r.state.csr.satp; }},
    {"mstatus", [](const CsrReader& r) { return r.mstatus(); }},
    {"medeleg", [](const CsrReader& r) { return r.state.csr.medeleg; }},
    {"mideleg", [](const CsrReader& r) { return r.state.csr.mideleg; }},
    {"mie", [](const CsrReader& r) { return r.state.csr.mie; }},
    {"mtvec", [](const CsrReader& r) { return r.state.csr.mtvec; }},
    {"mcounteren", [](const CsrReader& r) { return r.state.csr.mcounteren; }},
    {"menvcfg", [](const CsrReader& r) { return r.state.csr.menvcfg; }},
    {"mcountinhibit", [](const CsrReader& r) { return r.state.csr.mcountinhibit; }},
    {"mscratch", [](const CsrReader& r) { return r.state.csr.mscratch; }},
    {"mepc", [](const CsrReader& r) { return r.state.csr.mepc; }},
    {"mcause", [](const CsrReader& r) { return r.state.csr.mcause; }},
    {"mtval", [](const CsrReader& r) { return r.state.csr.mtval; }},
    {"mip", [](const CsrReader& r) { return r.state.csr.mip; }},
    {"mcycle", [](const CsrReader& r) { return r.cycle(); }},
    {"minstret", [](const CsrReader& r) { return r.instret(); }},
    {"mhartid", [](const CsrReader& r) { return r.state.csr.mhartid; }},
};

}  // namespace

std::vector<RegisterRow> registers(const HartState& state, RegisterGroups groups, std::uint64_t instructions_per_tick) {
    std::vector<RegisterRow> rows;
    const auto add = [&](std::string_view name, std::string_view kind, std::int32_t number, std::uint64_t value) {
        RegisterRow row{{}, {}, number, value};
        set_text(row.name, name);
        set_text(row.kind, kind);
        rows.push_back(row);
    };
    if (groups.pc) {
        add("pc", "pc", -1, state.pc);
        add("privilege", "mode", -1, static_cast<std::uint64_t>(state.privilege));
    }
    for (std::size_t i = 0; groups.x && i < 32; ++i) {
        add(X_REGISTER_NAMES[i], "x", static_cast<std::int32_t>(i), i == 0 ? 0 : state.x[i]);
    }
    for (std::size_t i = 0; groups.f && i < 32; ++i) {
        add(F_REGISTER_NAMES[i], "f", static_cast<std::int32_t>(i), state.f[i]);
    }
    const CsrReader reader{state, instructions_per_tick ? instructions_per_tick : 1};
    for (const CsrColumn& csr : CSRS) {
        if (groups.csr) add(csr.name, "csr", *csr_number(csr.name), csr.read(reader));
    }
    return rows;
}

}  // namespace hartlab::inspect
