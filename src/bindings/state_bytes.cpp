// States as bytes, for files: hartlab/saving.py puts them there.
#include "bindings/state_bytes.hpp"

#include <pybind11/stl.h>

#include "bindings/interrupt.hpp"
#include "kernel/c_hart.hpp"
#include "kernel/state_bytes.hpp"
#include "machine/state_bytes.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

template <class State>
py::bytes encode(const State& state) {
    ByteWriter bytes;
    {
        const py::gil_scoped_release no_gil;
        write_state(bytes, state);
    }
    return py::bytes(bytes.bytes());
}

/// What `read(reader)` makes of all of `data`.
template <class Read>
auto decode(const py::bytes& data, Read&& read) {
    const std::string_view bytes = data;
    const py::gil_scoped_release no_gil;
    ByteReader reader(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    auto state = read(reader);
    require(reader.left() == 0, "there are more data than belong to it");
    return state;
}

/// Of each unit of C code its number and what its variables hold.
std::vector<std::pair<std::uint64_t, py::bytes>> c_data(const SavedKernel& saved) {
    std::vector<std::pair<std::uint64_t, py::bytes>> result;
    for (const auto& [unit, bytes] : saved.state.c_data)
        result.emplace_back(unit->number, py::bytes(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    return result;
}

void set_c_data(KernelHandle& handle, std::uint64_t number, const py::bytes& data) {
    handle.require_outside_seam("loading");
    CData all = handle.kernel().c_hart().data();
    const std::string_view bytes = data;
    for (auto& [unit, own] : all) {
        if (unit->number != number) continue;
        if (own.size() != bytes.size()) throw py::value_error("the C code has more or fewer bytes of variables");
        own.assign(bytes.begin(), bytes.end());
    }
    handle.kernel().c_hart().set_data(all);
}

}  // namespace

void add_state_bytes(SavedMachineClass& saved, MachineClass& machine) {
    saved.def(
        "encode", [](const SavedMachine& s) { return encode(s.state); },
        "All of it as bytes, which mean the same on every host.");
    machine.def(
        "decode",
        [](MachineHandle& handle, const py::bytes& data, std::uint64_t max_disk_size) {
            const MachineConfig config = handle.machine().config();
            return std::make_shared<SavedMachine>(
                decode(data, [&](ByteReader& bytes) { return read_state(bytes, config, max_disk_size); }), config);
        },
        "data"_a, "max_disk_size"_a,
        "The state that `encode` made these bytes of. ValueError when they are of no machine of this configuration.");
}

void add_state_bytes(SavedKernelClass& saved, KernelClass& kernel) {
    saved
        .def(
            "encode", [](const SavedKernel& s) { return encode(s.state); },
            "All of it but the variables of C code as bytes, which mean the same on every host.")
        .def_property_readonly("c_data", &c_data, "(number, bytes) for each unit of C code: what its variables hold.");
    kernel
        .def(
            "decode",
            [](KernelHandle& handle, const py::bytes& data) {
                const Kernel& kernel = handle.kernel();
                const MachineConfig config = kernel.config().machine;
                return std::make_shared<SavedKernel>(
                    kernel, decode(data, [&](ByteReader& bytes) { return read_kernel_state(bytes, config); }));
            },
            "data"_a,
            "The state that `encode` made these bytes of. ValueError when they are of no kernel of this configuration.")
        .def("set_c_data", &set_c_data, "number"_a, "data"_a, "What the variables of a unit of C code hold.");
}

}  // namespace hartlab::bindings
