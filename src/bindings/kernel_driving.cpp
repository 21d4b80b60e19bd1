// Processes driven from Python: spawned, system calls made on their behalf, and their memory through the MMU.
#include <pybind11/stl.h>

#include <algorithm>

#include "bindings/casters.hpp"
#include "bindings/kernel_parts.hpp"
#include "bindings/page_fault.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

std::tuple<std::string, std::int64_t> to_tuple(const Kernel::Driven& driven) {
    constexpr const char* ends[] = {"returned", "blocked", "gone"};
    return {ends[static_cast<int>(driven.end)], static_cast<std::int64_t>(driven.result)};
}

std::tuple<std::string, std::int64_t> drive(KernelHandle& handle, std::int32_t pid, std::uint64_t number,
                                            const std::array<std::uint64_t, 6>& arguments) {
    handle.require_outside_seam("a system call made for a process");
    return to_tuple(without_gil(handle, [&](Kernel& kernel) { return kernel.drive(pid, number, arguments); }));
}

std::tuple<std::string, std::int64_t> drive_exec(KernelHandle& handle, std::int32_t pid, const std::string& path,
                                                 const std::vector<std::string>& arguments) {
    handle.require_outside_seam("exec for a process");
    return to_tuple(without_gil(handle, [&](Kernel& kernel) { return kernel.drive_exec(pid, path, arguments); }));
}

int spawn(KernelHandle& handle, const std::string& path, const std::vector<std::string>& arguments) {
    handle.require_outside_seam("spawn");
    return without_gil(handle, [&](Kernel& kernel) { return kernel.spawn(path, arguments); });
}

int spawn_code(KernelHandle& handle, const py::bytes& data, const std::string& name) {
    handle.require_outside_seam("spawn");
    const std::string_view code = data;
    const std::vector<std::uint8_t> bytes(code.begin(), code.end());
    return without_gil(handle, [&](Kernel& kernel) { return kernel.spawn_code(bytes, name); });
}

py::bytes user_load(KernelHandle& handle, std::int32_t pid, VirtAddr va, std::uint64_t size) {
    handle.require_outside_seam("a load through the MMU");
    constexpr std::uint64_t PIECE = 1 << 20;  // room is made as bytes come: a fault may end it early
    std::string bytes;
    do {
        const std::size_t done = bytes.size(), n = std::min(size - done, PIECE);
        bytes.resize(done + n);
        const auto fault =
            without_gil(handle, [&](Kernel& kernel) { return kernel.user_load(pid, va + done, &bytes[done], n); });
        if (fault) raise_page_fault(*fault, "load");
    } while (bytes.size() < size);
    return py::bytes(bytes);
}

void user_store(KernelHandle& handle, std::int32_t pid, VirtAddr va, const py::bytes& data) {
    handle.require_outside_seam("a store through the MMU");
    const std::string_view bytes = data;
    const auto fault =
        without_gil(handle, [&](Kernel& kernel) { return kernel.user_store(pid, va, bytes.data(), bytes.size()); });
    if (fault) raise_page_fault(*fault, "store");
}

}  // namespace

void add_driving(KernelClass& kernel) {
    kernel
        .def_property_readonly(
            "current_pid",
            [](KernelHandle& h) {
                const RamStruct<Proc> p = h.kernel().myproc();
                return p ? std::int32_t(p[&Proc::pid]) : 0;
            },
            "The process on the hart; 0 when there is none.")
        .def("spawn", &spawn, "path"_a, "arguments"_a,
             "A new child of init, loaded from the registered file; its pid or -1.")
        .def("spawn_code", &spawn_code, "code"_a, "name"_a,
             "A new child of init with raw instructions at address 0; its pid or -1.")
        .def("drive", &drive, "pid"_a, "number"_a, "arguments"_a,
             "Makes a system call on the process's behalf; ('returned' or 'blocked' or 'gone', result).")
        .def("drive_exec", &drive_exec, "pid"_a, "path"_a, "arguments"_a, "exec on the process's behalf, likewise.")
        .def("user_load", &user_load, "pid"_a, "va"_a, "size"_a,
             "Bytes of the process's memory, through the MMU in U-mode. Raises PageFault.")
        .def("user_store", &user_store, "pid"_a, "va"_a, "data"_a,
             "Writes the process's memory, through the MMU in U-mode. Raises PageFault.");
}

}  // namespace hartlab::bindings
