// Registers and CSRs of the hart, and where it is.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/handle_parts.hpp"
#include "hart/isa/csr_names.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

/// For Python to look at and set CSRs of every level, whatever mode the guest is in.
class AsMachineMode {
public:
    explicit AsMachineMode(Hart& hart) : hart_(hart), privilege_(hart.state.privilege) {
        hart.state.privilege = Privilege::M;
    }
    ~AsMachineMode() { hart_.state.privilege = privilege_; }
    AsMachineMode(const AsMachineMode&) = delete;
    AsMachineMode& operator=(const AsMachineMode&) = delete;

private:
    Hart& hart_;
    Privilege privilege_;
};

std::optional<std::uint64_t> read_csr(Handle& handle, std::uint32_t number) {
    Hart& hart = handle.hart();
    const AsMachineMode rights(hart);
    const Result<std::uint64_t> value = hart.read_csr(number);
    return value ? std::optional(*value) : std::nullopt;
}

bool write_csr(Handle& handle, std::uint32_t number, std::uint64_t value) {
    Hart& hart = handle.hart();
    bool written;
    {
        const AsMachineMode rights(hart);
        written = hart.write_csr(number, value);
    }
    hart.synchronise_mmu();
    return written;
}

void set_privilege(Handle& handle, int level) {
    if (level != 0 && level != 1 && level != 3) throw py::value_error("a privilege is 0 (U), 1 (S) or 3 (M)");
    handle.hart().set_privilege(static_cast<Privilege>(level));
}

}  // namespace

void add_hart(HandleClass& handle) {
    handle
        .def(
            "x",
            [](Handle& h) {
                return std::vector<std::uint64_t>(h.hart().state.x.begin(), h.hart().state.x.begin() + 32);
            },
            "The 32 integer registers.")
        .def(
            "f", [](Handle& h) { return std::vector<std::uint64_t>(h.hart().state.f.begin(), h.hart().state.f.end()); },
            "The 32 floating-point registers as bits; singles are NaN-boxed.")
        .def(
            "set_x",
            [](Handle& h, std::size_t i, std::uint64_t value) {
                if (i != 0) h.hart().state.x.at(i) = value;
            },
            "index"_a, "value"_a, "Sets an integer register; x0 stays 0.")
        .def(
            "set_f", [](Handle& h, std::size_t i, std::uint64_t bits) { h.hart().state.f.at(i) = bits; }, "index"_a,
            "bits"_a, "Sets a floating-point register to these bits.")
        .def_property(
            "pc", [](Handle& h) { return h.hart().state.pc; },
            [](Handle& h, std::uint64_t pc) { h.hart().state.pc = pc; }, "Address of the next instruction.")
        .def_property(
            "privilege", [](Handle& h) { return static_cast<int>(h.hart().state.privilege); }, &set_privilege,
            "0 (U), 1 (S) or 3 (M).")
        .def("read_csr", &read_csr, "number"_a,
             "A CSR with the rights of M-mode; None when there is none of that number.")
        .def("write_csr", &write_csr, "number"_a, "value"_a,
             "Writes a CSR with the rights of M-mode; False when it is absent or read-only.")
        .def_property_readonly(
            "retired",
            [](Handle& h) {
                const bool one = dynamic_cast<const HartHandle*>(&h) != nullptr;
                return one ? h.hart().state.retired : h.machine().retired();
            },
            "Instructions retired so far: by all harts, or by this one.")
        .def_property_readonly(
            "time", [](Handle& h) { return h.hart().time(); }, "Ticks of the virtual clock.")
        .def_property_readonly(
            "waiting", [](Handle& h) { return h.hart().state.waiting; }, "Whether the hart is in wfi.")
        .def_property_readonly(
            "in_trap_loop", [](Handle& h) { return h.hart().in_trap_loop(); },
            "Whether the hart has last been seen to trap for ever, with nothing retired since.")
        .def_property(
            "use_blocks", [](Handle& h) { return h.hart().use.blocks; },
            [](Handle& h, bool on) { h.hart().use.blocks = on; },
            "Whether the hart runs whole basic blocks; off, one instruction at a time, with the same results.")
        .def_property(
            "use_idle_loops", [](Handle& h) { return h.hart().use.idle_loops; },
            [](Handle& h, bool on) { h.hart().use.idle_loops = on; },
            "Whether rounds in which the hart only waits may be passed over.")
        .def_property(
            "use_memory_loops", [](Handle& h) { return h.hart().use.memory_loops; },
            [](Handle& h, bool on) { h.hart().use.memory_loops = on; },
            "Whether loops that only fill or copy memory are done many turns at once, with the same results.")
        .def_property_readonly(
            "last_trap",
            [](Handle& h) {
                const Trap& t = h.hart().last_trap();
                return std::tuple(t.cause, t.tval, t.epc, static_cast<int>(t.from), static_cast<int>(t.to));
            },
            "The trap taken last: (cause, tval, epc, from privilege, to privilege).");
}

}  // namespace hartlab::bindings
