#include "devices/virtqueue.hpp"

namespace hartlab {

namespace {

struct Descriptor {
    std::uint64_t addr;
    std::uint32_t len;
    std::uint16_t flags, next;
};
static_assert(sizeof(Descriptor) == 16);

constexpr std::uint16_t DESC_F_NEXT = 1, DESC_F_WRITE = 2, DESC_F_INDIRECT = 4;
constexpr std::uint16_t AVAIL_F_NO_INTERRUPT = 1;
// Both rings: flags, idx, and the entries.
constexpr std::uint64_t IDX = 2, RING = 4;

template <class T>
std::optional<T> read(const Ram& ram, PhysAddr pa) {
    return ram.contains(pa, sizeof(T)) ? std::optional(ram.load<T>(pa)) : std::nullopt;
}

}  // namespace

bool Virtqueue::follow(const Ram& ram, PhysAddr table, std::uint32_t table_size, std::uint16_t head, bool in_indirect,
                       std::vector<Buffer>& buffers) const {
    std::uint32_t index = head;
    for (std::uint32_t steps = 0; steps < table_size; ++steps) {  // more would go round in a circle
        if (index >= table_size) return false;
        const auto d = read<Descriptor>(ram, table + sizeof(Descriptor) * index);
        if (!d) return false;
        if (d->flags & DESC_F_INDIRECT) {
            const std::uint32_t entries = d->len / sizeof(Descriptor);
            const bool allowed = indirect && !in_indirect && !(d->flags & DESC_F_NEXT);
            if (!allowed || d->len % sizeof(Descriptor) != 0 || entries == 0 || entries > MAX_SIZE) return false;
            return follow(ram, PhysAddr(d->addr), entries, 0, true, buffers);
        }
        if (d->len != 0) {
            if (!ram.contains(PhysAddr(d->addr), d->len)) return false;
            buffers.push_back({PhysAddr(d->addr), d->len, (d->flags & DESC_F_WRITE) != 0});
        }
        if (!(d->flags & DESC_F_NEXT)) return true;
        index = d->next;
    }
    return false;
}

Virtqueue::Next Virtqueue::take(const Ram& ram, Chain& chain) {
    const auto idx = read<std::uint16_t>(ram, available + IDX);
    if (!idx || static_cast<std::uint16_t>(*idx - next_available) > size) return Next::broken;
    if (*idx == next_available) return Next::none;
    const auto head = read<std::uint16_t>(ram, available + RING + 2ull * (next_available % size));
    if (!head) return Next::broken;
    chain.head = *head;
    chain.buffers.clear();
    if (!follow(ram, descriptors, size, *head, false, chain.buffers)) return Next::broken;
    ++next_available;
    return Next::chain;
}

bool Virtqueue::give_back(Ram& ram, std::uint16_t head, std::uint32_t written) {
    const PhysAddr entry = used + RING + 8ull * (next_used % size);
    if (!ram.contains(entry, 8) || !ram.contains(used, RING)) return false;
    ram.store<std::uint32_t>(entry, head);
    ram.store<std::uint32_t>(entry + 4, written);
    ram.store<std::uint16_t>(used + IDX, ++next_used);
    return true;
}

bool Virtqueue::wants_interrupt(const Ram& ram) const {
    const auto flags = read<std::uint16_t>(ram, available);
    return flags && !(*flags & AVAIL_F_NO_INTERRUPT);
}

}  // namespace hartlab
