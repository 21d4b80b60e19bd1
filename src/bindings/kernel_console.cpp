// The console and the files that the host has registered.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/kernel_parts.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

py::bytes output(KernelHandle& handle, std::size_t from) {
    const std::string& all = handle.kernel().console.output();
    return py::bytes(from < all.size() ? all.substr(from) : std::string());
}

std::optional<py::bytes> file_bytes(KernelHandle& handle, const std::string& path) {
    const FileRegistry& files = handle.kernel().files;
    const FileRegistry::Bytes bytes = files.bytes(files.lookup(path));
    if (!bytes) return std::nullopt;
    return py::bytes(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

}  // namespace

void add_console_and_files(KernelClass& kernel) {
    kernel.def("console_output", &output, "start"_a = 0, "What the guest has printed, from byte `start` on.")
        .def_property_readonly(
            "console_length", [](KernelHandle& h) { return h.kernel().console.output().size(); },
            "Bytes that the guest has printed and that were kept.")
        .def_property_readonly(
            "console_dropped", [](KernelHandle& h) { return h.kernel().console.dropped(); },
            "Bytes that the guest has printed beyond what is kept.")
        .def(
            "console_input", [](KernelHandle& h, const py::bytes& data) { h.kernel().console_input(data); }, "data"_a,
            "Types `data` at the console.")
        .def_property_readonly(
            "console_pending", [](KernelHandle& h) { return h.kernel().console.pending_input.size(); },
            "Bytes typed and not yet taken by the kernel.")
        .def(
            "add_file",
            [](KernelHandle& h, const std::string& path, const py::bytes& data) {
                const std::string_view bytes = data;
                return h.kernel().files.add(path, std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
            },
            "path"_a, "data"_a, "Registers a read-only file; its inode number.")
        .def("file_bytes", &file_bytes, "path"_a, "The contents of a registered file, or None.")
        .def("file_paths", [](KernelHandle& h) { return h.kernel().files.paths(); }, "Paths of all registered files.");
}

}  // namespace hartlab::bindings
