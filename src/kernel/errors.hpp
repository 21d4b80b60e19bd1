// What a caller of Kernel can get wrong about a process, as C++ exceptions. Nothing has changed when one is thrown.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace hartlab {

/// The process is in the middle of a system call of its own, which must return before another can be made for it.
class ProcessBusy : public std::runtime_error {
public:
    ProcessBusy(std::int32_t pid_, std::string call_, const std::string& message) :
        std::runtime_error(message), pid(pid_), call(std::move(call_)) {}

    std::int32_t pid;
    std::string call;  // "wait", "read" ...
};

/// There is no such process, or it has exited.
class ProcessGone : public std::runtime_error {
public:
    ProcessGone(std::int32_t pid_, const std::string& message) : std::runtime_error(message), pid(pid_) {}

    std::int32_t pid;
};

}  // namespace hartlab
