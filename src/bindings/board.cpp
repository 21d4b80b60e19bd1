// The board around a machine's harts: console, disk, boot ROM and the test programs' interface to their host.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/machine_parts.hpp"
#include "bindings/views.hpp"
#include "inspect/board_rows.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

Board& board(MachineHandle& handle) {
    Board* const board = handle.machine().board();
    if (!board) throw py::value_error("this machine has no board");
    return *board;
}

Disk& disk(MachineHandle& handle) {
    Disk* const disk = board(handle).disk();
    if (!disk) throw py::value_error("this machine has no disk");
    return *disk;
}

Disk& disk_range(MachineHandle& handle, std::uint64_t offset, std::uint64_t size) {
    Disk& all = disk(handle);
    if (!all.contains(offset, size)) throw py::index_error("that range is not inside the disk");
    return all;
}

py::bytes output(MachineHandle& handle, std::size_t from) {
    const std::string& all = board(handle).uart.console.output();
    return py::bytes(from < all.size() ? all.substr(from) : std::string());
}

void type(MachineHandle& handle, const py::bytes& data) {
    board(handle);
    handle.machine().type(std::string_view(data));
}

void change_schedule(MachineHandle& handle, const std::vector<unsigned>& harts,
                     const std::vector<std::uint64_t>& instructions, std::uint64_t seed, std::uint64_t quantum) {
    if (harts.size() != instructions.size()) throw py::value_error("each turn has a hart and a length");
    std::vector<HartTurn> turns;
    turns.reserve(harts.size());
    for (std::size_t i = 0; i < harts.size(); ++i) {
        if (harts[i] >= Clint::MAX_HARTS) throw py::value_error("there is no such hart");
        turns.push_back({static_cast<std::uint8_t>(harts[i]), instructions[i]});
    }
    handle.machine().change_schedule(std::move(turns), seed, quantum);
}

void set_rom(MachineHandle& handle, const py::bytes& data) {
    const std::string_view bytes = data;
    if (bytes.size() > BootRom::SIZE) throw py::value_error("the boot ROM has no room for that");
    board(handle).set_rom(std::make_shared<const std::vector<std::uint8_t>>(bytes.begin(), bytes.end()));
}

void set_htif(MachineHandle& handle, std::uint64_t tohost, std::uint64_t fromhost) {
    for (const std::uint64_t pa : {tohost, fromhost}) {
        if (pa != 0 && (pa % 8 != 0 || !handle.machine().ram().contains(PhysAddr(pa), 8)))
            throw py::value_error("tohost and fromhost are aligned doublewords in RAM");
    }
    board(handle).set_htif(tohost, fromhost);
    for (std::size_t i = 0; i < handle.machine().hart_count(); ++i) handle.machine().hart(i).mmu.flush_host_cache();
}

}  // namespace

void add_board(MachineClass& machine) {
    machine.def("console_output", &output, "start"_a = 0, "What the guest has printed, from byte `start` on.")
        .def_property_readonly(
            "console_length", [](MachineHandle& h) { return board(h).uart.console.output().size(); },
            "Bytes that the guest has printed and that were kept.")
        .def_property_readonly(
            "console_dropped", [](MachineHandle& h) { return board(h).uart.console.dropped(); },
            "Bytes that the guest has printed beyond what is kept.")
        .def("console_input", &type, "data"_a, "Types `data` at the console.")
        .def_property_readonly(
            "console_pending", [](MachineHandle& h) { return board(h).uart.console.pending_input.size(); },
            "Bytes typed that the serial port has had no room for yet.")
        .def(
            "stop_at_output",
            [](MachineHandle& h, const py::bytes& text, std::size_t start) {
                h.machine().stop_at_output(std::string(text), start);
            },
            "text"_a, "start"_a = 0,
            "Ends runs when the console has printed `text` after byte `start`; b\"\" for never.")
        .def_property_readonly(
            "exit_code", [](MachineHandle& h) { return h.machine().exit_code(); },
            "What the guest switched the power off with.")
        .def(
            "typed_table", [](MachineHandle& h) { return table(inspect::typed_rows(board(h).uart.console)); },
            "What was typed and when, as a table.")
        .def(
            "turn_table", [](MachineHandle& h) { return table(inspect::turn_rows(h.machine().turns())); },
            "The turns of the harts, the present one included, as a table. ValueError when they are too many.")
        .def("change_schedule", &change_schedule, "harts"_a, "instructions"_a, "seed"_a, "quantum"_a,
             "Ends the present turn; these follow, and then those of the seed.")
        .def(
            "stop_at_write",
            [](MachineHandle& h, PhysAddr first, std::uint64_t size) {
                if (size != 0 && !h.machine().ram().contains(first, size))
                    throw py::index_error("that range is not inside RAM");
                h.machine().stop_at_write(first, size);
            },
            "first"_a, "size"_a, "Ends runs behind an instruction that writes to this range of RAM; 0 bytes for never.")
        .def("set_rom", &set_rom, "data"_a, "What is at 0x1000, for the hart to begin in.")
        .def(
            "reset", [](MachineHandle& h, std::uint64_t pc) { h.machine().reset(pc); }, "pc"_a,
            "Harts and devices come out of reset, the harts at `pc`; memory, disk and time stay.")
        .def("set_htif", &set_htif, "tohost"_a, "fromhost"_a,
             "Physical addresses of a test program's tohost and fromhost; 0 for none.")
        .def(
            "insert_disk", [](MachineHandle& h, std::uint64_t size) { board(h).insert_disk(size); }, "size"_a,
            "Puts a zeroed disk into the first virtio slot.")
        .def_property_readonly(
            "disk_size",
            [](MachineHandle& h) -> std::optional<std::uint64_t> {
                const Disk* const disk = board(h).disk();
                return disk ? std::optional(disk->size()) : std::nullopt;
            },
            "Bytes of the disk; None where there is none.")
        .def(
            "disk_read",
            [](MachineHandle& h, std::uint64_t offset, std::uint64_t size) {
                return py::bytes(reinterpret_cast<const char*>(disk_range(h, offset, size).at(offset)), size);
            },
            "offset"_a, "size"_a, "Bytes of the disk. IndexError when not all of them are on it.")
        .def(
            "disk_write",
            [](MachineHandle& h, std::uint64_t offset, const py::bytes& data) {
                const std::string_view bytes = data;
                disk_range(h, offset, bytes.size()).write(offset, bytes.data(), bytes.size());
            },
            "offset"_a, "data"_a, "Writes to the disk. IndexError, and nothing written, when not all of it fits.")
        .def(
            "disk_changes", [](MachineHandle& h) { return disk(h).changed_pages(); },
            "Numbers of the pages of 4096 bytes that have changed since this was last asked, ascending.");
}

}  // namespace hartlab::bindings
