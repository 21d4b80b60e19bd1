// What an instruction's meaning may do beside changing registers is said by its return type, and the loop in
// hart/threaded_loop.cpp handles each kind:
//
//   void        it completes and the next instruction follows
//   Taken       a branch: whether it goes to pc + imm
//   Target      a jump: where it goes
//   Completion  it may fault (the fault is then in Hart::fault), or end the basic block it is in
//   Return      mret, sret: a Target, or a fault
//
// The functions stand in namespace semantics, named as their rows of the instruction list are.
#pragma once

#include <cstdint>
#include <optional>

namespace hartlab {

enum class Taken : bool { no, yes };
enum class Completion : std::uint8_t {
    done,
    moved_on,  // done, and state.pc and state.retired say so already: translation, code or interrupts may have changed
    faulted,
};
struct Target {
    std::uint64_t pc;
};
using Return = std::optional<Target>;

constexpr Taken taken_if(bool condition) { return condition ? Taken::yes : Taken::no; }

}  // namespace hartlab
