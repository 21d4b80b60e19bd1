// What an instruction's meaning may do beside changing registers is said by its return type, and the loop in
// hart/interpreter.cpp handles each kind:
//
//   void        it completes and the next instruction follows
//   Taken       a branch: whether it goes to pc + imm
//   Target      a jump: where it goes
//   Completion  it may fault; the fault is then in Hart::fault
//   Return      mret, sret: a Target, or a fault
//
// The functions stand in namespace semantics, named as their rows of the instruction list are.
#pragma once

#include <cstdint>
#include <optional>

namespace hartlab {

enum class Taken : bool { no, yes };
enum class Completion : bool { faulted, done };
struct Target {
    std::uint64_t pc;
};
using Return = std::optional<Target>;

constexpr Taken taken_if(bool condition) { return condition ? Taken::yes : Taken::no; }
constexpr Completion done_if(bool completed) { return completed ? Completion::done : Completion::faulted; }

}  // namespace hartlab
