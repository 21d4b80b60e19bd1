// What ends the kernel model's work early, as C++ exceptions: they unwind to Kernel's public calls and no further.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace hartlab {

/// A place in C code that takes the place of a kernel function (kernel/c_unit.hpp).
struct CodePlace {
    std::uint64_t unit = 0;  // its CUnit::number
    std::uint64_t pc = 0;
};

/// An xv6 panic, or a fault of the kernel itself (text "kerneltrap") when hostile data led it out of RAM.
class KernelPanic : public std::runtime_error {
public:
    KernelPanic(std::string text_, std::string function_, std::int32_t pid_, std::uint64_t address_,
                const std::string& detail) :
        std::runtime_error(detail), text(std::move(text_)), function(std::move(function_)), pid(pid_),
        address(address_) {}

    std::string text;              // as xv6 prints it: "remap", "kfree", "uvmunmap: not aligned"
    std::string function;          // that panicked
    std::int32_t pid;              // of the current process, 0 for none
    std::uint64_t address;         // the argument it complains of, or stval
    std::vector<CodePlace> trail;  // the C code that it went through, innermost first
};

/// C code that takes the place of a kernel function did what it must not. The kernel is frozen as by a panic.
class SeamFailure : public KernelPanic {
public:
    using KernelPanic::KernelPanic;
};

/// stop() or a signal arrived in the middle of the kernel's work, which has been undone.
class Interrupted : public std::runtime_error {
public:
    Interrupted() : std::runtime_error("interrupted") {}
};

}  // namespace hartlab
