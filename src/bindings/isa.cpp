// The assembler, the disassembler and the instruction list.
#include <pybind11/stl.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "bindings/register.hpp"
#include "bindings/typing.hpp"
#include "hart/isa/assembler.hpp"
#include "hart/isa/csr_names.hpp"
#include "hart/isa/disassembler.hpp"
#include "hart/isa/text/register_names.hpp"
#include "hart/memory_loop.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

py::bytes assemble_text(std::string_view source, std::uint64_t origin) {
    const Assembled result = assemble(source, origin);
    if (!result.error.empty()) {
        const py::object error = py::module_::import("hartlab.errors").attr("AssemblerError");
        PyErr_SetObject(error.ptr(), error(result.error).ptr());
        throw py::error_already_set();
    }
    return {reinterpret_cast<const char*>(result.bytes.data()), result.bytes.size()};
}

/// What the hart takes the instructions for, the last of which branches to the first.
std::optional<std::string> memory_loop(std::string_view bytes) {
    std::vector<Instruction> block;
    for (std::size_t at = 0; at + 2 <= bytes.size(); at += block.back().length) {
        std::uint32_t word = 0;
        std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(sizeof word, bytes.size() - at));
        const auto low = static_cast<std::uint16_t>(word);
        block.push_back(is_compressed(low) ? decode_compressed(low) : decode(word));
    }
    const std::optional<MemoryLoop> loop = recognise_memory_loop(block.data(), block.size());
    if (!loop) return std::nullopt;
    return loop->copies ? "copies" : "fills";
}

/// (pc, length, bits, text) of each instruction; a piece at the end too short for one is shown as data.
TupleList<py::int_, py::int_, py::int_, py::str> disassemble_bytes(const py::bytes& bytes, std::uint64_t pc,
                                                                   bool aliases, bool compressed) {
    const std::string_view code = bytes;
    const DisassemblyOptions options{aliases, compressed};
    const auto halfword = [&](std::size_t at) {
        return static_cast<std::uint16_t>(static_cast<std::uint8_t>(code[at]) | static_cast<std::uint8_t>(code[at + 1])
                                                                                    << 8);
    };
    TupleList<py::int_, py::int_, py::int_, py::str> rows;
    std::size_t at = 0;
    while (at + 2 <= code.size()) {
        const std::uint16_t low = halfword(at);
        Instruction instruction;
        if (is_compressed(low)) {
            instruction = decode_compressed(low);
        } else if (at + 4 <= code.size()) {
            instruction = decode(static_cast<std::uint32_t>(low | halfword(at + 2) << 16));
        } else {
            break;
        }
        rows.append(
            py::make_tuple(pc + at, instruction.length, instruction.bits, disassemble(instruction, pc + at, options)));
        at += instruction.length;
    }
    while (at < code.size()) {
        const std::size_t size = code.size() - at >= 2 ? 2 : 1;
        const std::uint32_t bits = size == 2 ? halfword(at) : static_cast<std::uint8_t>(code[at]);
        char text[32];
        std::snprintf(text, sizeof text, size == 2 ? ".half 0x%04x" : ".byte 0x%02x", bits);
        rows.append(py::make_tuple(pc + at, size, bits, text));
        at += size;
    }
    return rows;
}

TupleList<py::str, py::int_, py::int_, py::str, py::str> instructions() {
    TupleList<py::str, py::int_, py::int_, py::str, py::str> rows;
    for (std::size_t i = 1; i < OP_COUNT; ++i) {
        const InstructionInfo& info = INSTRUCTION_TABLE[i];
        rows.append(py::make_tuple(info.mnemonic, info.match, info.mask, format_name(info.format),
                                   extension_name(info.extension)));
    }
    return rows;
}

py::typing::Dict<py::str, py::int_> csrs() {
    py::typing::Dict<py::str, py::int_> numbers;
#define X(number, name) numbers[#name] = number;
    HARTLAB_CSRS(X)
#undef X
    return numbers;
}

std::optional<int> number_of_csr(const std::string& name) {
    const auto number = csr_number(name);
    return number ? std::optional<int>(*number) : std::nullopt;
}

template <std::size_t N>
py::typing::List<py::str> names(const std::array<std::string_view, N>& table) {
    py::typing::List<py::str> list;
    for (const std::string_view name : table) list.append(name);
    return list;
}

}  // namespace

void register_isa(py::module_& m) {
    m.def("assemble", &assemble_text, "source"_a, "origin"_a = 0,
          "Machine code for `source` at address `origin`. Raises AssemblerError.");
    m.def("disassemble", &disassemble_bytes, "code"_a, "pc"_a = 0, "aliases"_a = true, "compressed"_a = false,
          "(pc, length, bits, text) of each instruction in `code`.");
    m.def("memory_loop", &memory_loop, "code"_a,
          "What the hart takes a loop for whose last instruction branches to the first: fills, copies, or None for\n"
          "neither. For the tests.");
    m.def("instructions", &instructions,
          "(mnemonic, match, mask, format, extension) of each row of the instruction list.");
    m.def("csr_number", &number_of_csr, "name"_a, "The number of a control and status register, or None.");
    m.def("csrs", &csrs, "Numbers of the control and status registers by name.");
    m.def("x_names", [] { return names(X_REGISTER_NAMES); }, "ABI names of the integer registers.");
    m.def("f_names", [] { return names(F_REGISTER_NAMES); }, "ABI names of the floating-point registers.");
}

}  // namespace hartlab::bindings
