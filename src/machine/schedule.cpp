#include "machine/schedule.hpp"

#include <utility>

namespace hartlab {

namespace {

/// Number `index` of the seed's random numbers: a Weyl sequence, mixed. Any of them can be had without those before it.
std::uint64_t random_number(std::uint64_t seed, std::uint64_t index) {
    std::uint64_t z = seed + (index + 1) * 0x9e37'79b9'7f4a'7c15;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
}

}  // namespace

/// Between half and one and a half times the quantum. Which hart is first, and how many instructions they are, depends on
/// the seed.
Schedule::Round Schedule::round(std::uint64_t number, unsigned harts) const {
    return {static_cast<unsigned>(random_number(seed, 2 * number + 1) % harts),
            1 + quantum / 2 + random_number(seed, 2 * number) % quantum};
}

HartTurn Schedule::next(unsigned harts) {
    if (given && taken < given->size()) return (*given)[taken++];
    if (rounds == 0 || round_turns == harts) {
        present = round(rounds++, harts);
        round_turns = 0;
    }
    return {static_cast<std::uint8_t>((present.first + round_turns++) % harts), present.instructions};
}

bool Schedule::change(unsigned harts, std::vector<HartTurn> turns, std::uint64_t new_seed, std::uint64_t new_quantum) {
    std::vector<HartTurn> all;
    if (count(harts) <= MOST_TURNS) all = record(harts);  // of more, what has been is forgotten
    if (!all.empty()) all.back().instructions -= left;
    const bool begun = all.empty() || all.back().instructions != 0;
    if (!begun) all.pop_back();
    taken = all.size();
    all.insert(all.end(), turns.begin(), turns.end());
    given = std::make_shared<const std::vector<HartTurn>>(std::move(all));
    seed = new_seed, quantum = new_quantum;
    rounds = round_turns = 0;
    left = 0;
    return begun;
}

std::vector<HartTurn> Schedule::record(unsigned harts) const {
    std::vector<HartTurn> turns;
    turns.reserve(count(harts));
    if (given) turns.assign(given->begin(), given->begin() + static_cast<std::ptrdiff_t>(taken));
    for (std::uint64_t number = 0; number < rounds; ++number) {
        const Round each = round(number, harts);
        for (unsigned i = 0; i < (number + 1 == rounds ? round_turns : harts); ++i)
            turns.push_back({static_cast<std::uint8_t>((each.first + i) % harts), each.instructions});
    }
    return turns;
}

}  // namespace hartlab
