// The engine's codes in words, for people: reprs, traces, messages. Words are not an interface to parse.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/event.hpp"
#include "base/fault.hpp"
#include "kernel/layout.hpp"
#include "mmu/sv39_walk.hpp"

namespace hartlab::inspect {

/// "translated", "V is 0: nothing is mapped here", ...
std::string_view walk_end_words(WalkEnd end);
/// scause or mcause in words: "load page fault", "supervisor timer interrupt"; "cause 24" for what has no name.
std::string cause_words(std::uint64_t cause);
/// "fetch", "load", "store".
std::string_view access_name(Access access);
/// "syscall", "fault", ...
std::string_view event_kind_name(EventKind kind);
/// xv6's name of a system call, "fork" for 1; empty when there is none.
std::string_view syscall_name(std::uint64_t number);
/// "UNUSED", "RUNNABLE", ...; "?" for what is no state.
std::string_view proc_state_name(std::int32_t state);
/// "U", "S", "M".
std::string_view privilege_name(Privilege privilege);
/// A PTE's permissions as four characters, "R-XU".
std::string permission_string(std::uint64_t pte);
/// All flags of a PTE, "VR-XU-A- c": V R W X U G A D, then c when RSW bit 0 (copy-on-write) is set.
std::string flag_string(std::uint64_t pte);
/// "0x80001000".
std::string hex(std::uint64_t value);

}  // namespace hartlab::inspect
