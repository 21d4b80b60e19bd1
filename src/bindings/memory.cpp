// Physical RAM: a view of it, and reads and writes by physical address.
#include "bindings/casters.hpp"
#include "bindings/handle_parts.hpp"
#include "bindings/views.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

void require_ram(const Ram& ram, PhysAddr pa, std::uint64_t size) {
    if (!ram.contains(pa, size)) throw py::index_error("that range is not inside RAM");
}

py::bytes read(Handle& handle, PhysAddr pa, std::uint64_t size) {
    const Ram& ram = handle.machine().ram();
    require_ram(ram, pa, size);
    return {reinterpret_cast<const char*>(ram.at(pa)), size};
}

void write(Handle& handle, PhysAddr pa, const py::buffer& data) {
    const py::buffer_info bytes = data.request();
    if (!PyBuffer_IsContiguous(bytes.view(), 'C')) throw py::value_error("data must be C-contiguous");
    Ram& ram = handle.machine().ram();
    const auto size = static_cast<std::uint64_t>(bytes.size * bytes.itemsize);
    require_ram(ram, pa, size);
    if (size != 0) ram.write(pa, bytes.ptr, size);
}

void fill(Handle& handle, PhysAddr pa, std::uint8_t byte, std::uint64_t size) {
    Ram& ram = handle.machine().ram();
    require_ram(ram, pa, size);
    if (size != 0) ram.fill(pa, byte, size);
}

}  // namespace

void add_memory(HandleClass& handle) {
    handle
        .def_property_readonly(
            "ram_base", [](Handle& h) { return h.machine().ram().base(); },
            "Physical address of the first byte of RAM.")
        .def_property_readonly(
            "ram_size", [](Handle& h) { return h.machine().ram().size(); }, "Bytes of RAM.")
        .def_property_readonly(
            "pages_written", [](Handle& h) { return h.machine().ram().pages_written(); },
            "Pages of RAM that were written to since the last capture or restore.")
        .def(
            "ram_view", [](Handle& h) { return view(h.machine().shared_ram()); },
            "All of RAM: uint8, shape (ram_size,), a read-only view that keeps RAM alive.")
        .def("ram_read", &read, "pa"_a, "size"_a, "Bytes of RAM, copied. IndexError when not all of them are in RAM.")
        .def("ram_write", &write, "pa"_a, "data"_a,
             "Writes to RAM. IndexError, and nothing written, when not all of it fits.")
        .def("ram_fill", &fill, "pa"_a, "byte"_a, "size"_a, "Fills a range of RAM with one byte.");
}

}  // namespace hartlab::bindings
