// Instructions as text that assemble() reads back.
//
// Only spelling: what an instruction does is told elsewhere. Pure; for the Python face, traces and error messages,
// not for anything that runs per instruction executed.
#pragma once

#include <cstdint>
#include <string>

#include "hart/isa/instruction.hpp"

namespace hartlab {

struct DisassemblyOptions {
    bool aliases = true;      // `ret` rather than `jalr zero, 0(ra)`
    bool compressed = false;  // a 16-bit instruction by its own name, `c.addi a0, 1`, rather than its expansion
};

// The instruction at address `pc`, which branch targets count from. An illegal one is shown as the data that it is:
// `.word 0x00000000`, or `.half` when its length is 2.
[[nodiscard]] std::string disassemble(const Instruction& in, std::uint64_t pc, DisassemblyOptions options = {});

}  // namespace hartlab
