#include "hart/hart.hpp"

namespace hartlab {

void Hart::set_clock(const HartClock& clock) {
    state.time_part =
        (clock.part + instructions_per_tick - state.retired % instructions_per_tick) % instructions_per_tick;
    state.time_base = clock.ticks - (state.retired + state.time_part) / instructions_per_tick;
}

void Hart::pass_time(std::uint64_t instructions) {
    const std::uint64_t part = clock().part + instructions % instructions_per_tick;
    set_clock({clock().ticks + instructions / instructions_per_tick + part / instructions_per_tick,
               part % instructions_per_tick});
}

std::uint64_t Hart::ticks_to_supervisor_timer() const {
    if (!(state.csr.menvcfg & MENVCFG_STCE)) return ~std::uint64_t{0};
    const std::uint64_t now = time();
    return now >= state.csr.stimecmp ? 0 : state.csr.stimecmp - now;
}

}  // namespace hartlab
