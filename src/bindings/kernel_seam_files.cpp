// What a replaced function needs of the files and clocks: the methods behind `k.namei`, `k.filedup`, `k.time` and the like.
// The functions themselves are not in the table, since the files' bytes are with the host; who calls them is: fork, exit, exec.
#include "bindings/casters.hpp"
#include "bindings/kernel_parts.hpp"
#include "kernel/file.hpp"
#include "kernel/inode.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

/// The kernel, for an operation that costs `units` of work.
Kernel& charged(KernelHandle& handle, std::uint64_t units = 1) {
    Kernel& kernel = handle.kernel();
    kernel.seams.charge(units);
    return kernel;
}

PhysAddr find(KernelHandle& handle, const py::bytes& path) { return namei(charged(handle), path); }

std::uint64_t read(KernelHandle& handle, PhysAddr ip, PhysAddr to, std::uint64_t offset, std::uint64_t n) {
    return readi(charged(handle, 1 + n / PGSIZE), ip, to, offset, n);
}

}  // namespace

void add_seam_files(KernelClass& kernel) {
    kernel.def("namei", &find, "path"_a)
        .def("readi", &read, "ip"_a, "to"_a, "offset"_a, "n"_a)
        .def(
            "idup", [](KernelHandle& h, PhysAddr ip) { return idup(charged(h), ip); }, "ip"_a)
        .def(
            "iput", [](KernelHandle& h, PhysAddr ip) { iput(charged(h), ip); }, "ip"_a)
        .def("filealloc", [](KernelHandle& h) { return filealloc(charged(h)); })
        .def(
            "filedup", [](KernelHandle& h, PhysAddr f) { return filedup(charged(h), f); }, "f"_a)
        .def(
            "fileclose", [](KernelHandle& h, PhysAddr f) { fileclose(charged(h), f); }, "f"_a)
        .def_property_readonly("timer_interval", [](KernelHandle& h) { return h.kernel().config().timer_interval; });
}

}  // namespace hartlab::bindings
