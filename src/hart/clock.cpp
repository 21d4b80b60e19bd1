#include "hart/hart.hpp"

namespace hartlab {

void Hart::pass_time(std::uint64_t instructions) {
    const std::uint64_t part = state.time_part + instructions % instructions_per_tick;
    state.time_base += instructions / instructions_per_tick + part / instructions_per_tick;
    state.time_part = part % instructions_per_tick;
}

std::uint64_t Hart::ticks_to_supervisor_timer() const {
    if (!(state.csr.menvcfg & MENVCFG_STCE)) return ~std::uint64_t{0};
    const std::uint64_t now = time();
    return now >= state.csr.stimecmp ? 0 : state.csr.stimecmp - now;
}

}  // namespace hartlab
