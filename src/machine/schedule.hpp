// Whose turn it is among the harts of a machine. They run one at a time, each for a quantum of instructions, in rounds; so
// memory is sequentially consistent, and an interleaving is a function of the seed alone.
//
// In a round every hart's clock moves on by the same number of ticks, whether it executes instructions or waits.
#pragma once

#include <cstdint>

namespace hartlab {

struct Schedule {
    unsigned first = 0;      // hart of this round
    unsigned done = 0;       // turns of this round that are over
    std::uint64_t left = 0;  // instructions of the present turn
    std::uint64_t end = 0;   // of the round, in ticks
    std::uint64_t random = 0;

    unsigned hart(unsigned harts) const { return (first + done) % harts; }

    /// Begins a round of about `quantum` instructions at `now`: between half and one and a half times as many, and at least a
    /// tick. Which hart is first, and how many they are, depends on the seed.
    void begin_round(unsigned harts, std::uint64_t now, std::uint64_t quantum, std::uint64_t instructions_per_tick) {
        const std::uint64_t ticks = 1 + (quantum / 2 + next() % quantum) / instructions_per_tick;
        first = static_cast<unsigned>(next() % harts);
        done = 0;
        end = now + ticks;
        left = ticks * instructions_per_tick;
    }

private:
    std::uint64_t next() {  // a Weyl sequence, mixed
        random += 0x9e37'79b9'7f4a'7c15;
        std::uint64_t z = random;
        z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
        z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
        return z ^ (z >> 31);
    }
};

}  // namespace hartlab
