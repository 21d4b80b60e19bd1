#include "devices/plic.hpp"

#include <bit>

namespace hartlab {

namespace {

constexpr std::uint64_t PENDING = 0x1000;
constexpr std::uint64_t ENABLE = 0x2000, ENABLE_STRIDE = 0x80;
constexpr std::uint64_t CONTEXT = 0x20'0000, CONTEXT_STRIDE = 0x1000;
constexpr std::uint64_t THRESHOLD = 0, CLAIM = 4;

constexpr std::uint32_t one(unsigned source) { return std::uint32_t{1} << source % 32; }

}  // namespace

void Plic::set_line(unsigned source, bool high) {
    // A request that has been made is not taken back when the line goes low [plic 2].
    if (high) pending_[source / 32] |= one(source) & ~in_service_[source / 32];
}

unsigned Plic::best(unsigned context, std::uint32_t threshold) const {
    unsigned best = 0;
    std::uint32_t highest = threshold;
    for (unsigned word = 0; word < WORDS; ++word) {
        for (std::uint32_t left = pending_[word] & enable_[context][word]; left != 0; left &= left - 1) {
            const unsigned source = 32 * word + static_cast<unsigned>(std::countr_zero(left));
            if (priority_[source] > highest) best = source, highest = priority_[source];
        }
    }
    return best;
}

std::uint32_t Plic::claim(unsigned context) {
    const unsigned source = best(context, 0);  // whatever the threshold [plic 7]
    if (source != 0) {
        pending_[source / 32] &= ~one(source);
        in_service_[source / 32] |= one(source);
    }
    return source;
}

void Plic::complete(unsigned context, std::uint64_t source) {
    if (source >= SOURCES) return;
    const auto number = static_cast<unsigned>(source);
    if (enable_[context][number / 32] & one(number)) in_service_[number / 32] &= ~one(number);
}

std::optional<std::uint64_t> Plic::read(std::uint64_t offset, unsigned size) {
    if (size != 4) return std::nullopt;
    if (offset < 4 * SOURCES) return priority_[offset / 4];
    if (offset >= PENDING && offset < PENDING + 4 * WORDS) return pending_[(offset - PENDING) / 4];
    if (offset >= CONTEXT) {
        const std::uint64_t context = (offset - CONTEXT) / CONTEXT_STRIDE, reg = (offset - CONTEXT) % CONTEXT_STRIDE;
        if (context >= CONTEXTS) return 0;
        if (reg == THRESHOLD) return threshold_[context];
        return reg == CLAIM ? claim(static_cast<unsigned>(context)) : 0;
    }
    if (offset >= ENABLE) {
        const std::uint64_t context = (offset - ENABLE) / ENABLE_STRIDE, word = (offset - ENABLE) % ENABLE_STRIDE / 4;
        if (context < CONTEXTS && word < WORDS) return enable_[context][word];
    }
    return 0;  // reserved words read as zero and take writes
}

bool Plic::write(std::uint64_t offset, std::uint64_t value, unsigned size) {
    if (size != 4) return false;
    const auto word32 = static_cast<std::uint32_t>(value);
    if (offset < 4 * SOURCES) {
        if (offset != 0) priority_[offset / 4] = word32 & MAX_PRIORITY;
    } else if (offset >= CONTEXT) {
        const std::uint64_t context = (offset - CONTEXT) / CONTEXT_STRIDE, reg = (offset - CONTEXT) % CONTEXT_STRIDE;
        if (context >= CONTEXTS) return true;
        if (reg == THRESHOLD) threshold_[context] = word32 & MAX_PRIORITY;
        if (reg == CLAIM) complete(static_cast<unsigned>(context), value);
    } else if (offset >= ENABLE) {
        const std::uint64_t context = (offset - ENABLE) / ENABLE_STRIDE, word = (offset - ENABLE) % ENABLE_STRIDE / 4;
        if (context < CONTEXTS && word < WORDS) enable_[context][word] = word == 0 ? word32 & ~1u : word32;
    }
    return true;
}

}  // namespace hartlab
