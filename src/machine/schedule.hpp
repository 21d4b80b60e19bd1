// Whose turn it is among the harts of a machine. They run one at a time, each for so many instructions; so memory is
// sequentially consistent, and an interleaving is a list of turns: those that were given, and then those that the seed makes.
//
// The seed makes rounds, in which every hart has a turn of the same length, whether it executes instructions in it or waits. A turn
// moves its own hart's clock on. Whenever every hart has had a turn all clocks are brought to the furthest; and if all harts wait,
// on to the next timer. So a run is a function of its turns, whoever made them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace hartlab {

struct HartTurn {
    std::uint8_t hart = 0;
    std::uint64_t instructions = 0;
};

struct Schedule {
    static constexpr std::uint64_t MOST_TURNS = 1 << 24;  // that record() gives
    using Turns = std::shared_ptr<const std::vector<HartTurn>>;

    // The present turn.
    std::uint32_t hart = 0;
    std::uint32_t had_turns = 0;  // harts, as bits, that have had a turn since clocks were level
    std::uint64_t left = 0;       // instructions
    // Turns that were given; null for none.
    Turns given;
    std::uint64_t taken = 0;  // of them
    // Turns that the seed makes.
    std::uint64_t seed = 0, quantum = 0;
    std::uint64_t rounds = 0;       // begun
    std::uint32_t round_turns = 0;  // of the present round begun; all when it is over
    struct Round {
        unsigned first;
        std::uint64_t instructions;  // of each turn
    };
    Round present{};  // round

    HartTurn next(unsigned harts);
    /// The turns from here on are `turns` and then those of a seed; the present turn is as long as it was until now. False if
    /// nothing of it was: then it has not been.
    bool change(unsigned harts, std::vector<HartTurn> turns, std::uint64_t new_seed, std::uint64_t new_quantum);
    /// All turns so far, the present one included. Precondition: count() <= MOST_TURNS.
    std::vector<HartTurn> record(unsigned harts) const;
    std::uint64_t count(unsigned harts) const { return taken + (rounds ? (rounds - 1) * harts + round_turns : 0); }

    /// Makes the present round again, as the seed has it.
    void recall_round(unsigned harts) {
        if (rounds != 0) present = round(rounds - 1, harts);
    }

private:
    Round round(std::uint64_t number, unsigned harts) const;
};

}  // namespace hartlab
