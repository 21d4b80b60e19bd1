// How a long look at the machine is given up: a poll that says "stop" makes it throw hartlab::Interrupted.
#pragma once

#include <cstdint>

#include "kernel/panic.hpp"

namespace hartlab::inspect {

/// True to give up. Called on the thread that looks, about every few milliseconds of work. May be null.
using Poll = bool (*)();

class Interruption {
public:
    explicit Interruption(Poll poll) : poll_(poll) {}

    /// Counts `units` of work (a page visited is about one) and polls now and then. Throws Interrupted.
    void work(std::uint64_t units = 1) {
        done_ += units;
        if (done_ >= INTERVAL) {
            done_ = 0;
            if (poll_ && poll_()) throw Interrupted();
        }
    }

private:
    static constexpr std::uint64_t INTERVAL = 1024;
    Poll poll_;
    std::uint64_t done_ = 0;
};

}  // namespace hartlab::inspect
