// A split virtqueue in guest memory, from the device's end [virtio 2.7]. Every index and address in it is the guest's and
// may be anything: what cannot be followed is an error, which the device answers by asking to be reset.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "memory/ram.hpp"

namespace hartlab {

/// A piece of guest memory that belongs to a request.
struct Buffer {
    PhysAddr pa;
    std::uint32_t length = 0;
    bool writable = false;  // by the device
};

struct Virtqueue {
    static constexpr std::uint32_t MAX_SIZE = 1024;

    std::uint32_t size = 0;
    bool ready = false;
    PhysAddr descriptors, available, used;
    std::uint16_t next_available = 0, next_used = 0;
    bool indirect = false;  // VIRTIO_F_INDIRECT_DESC was negotiated

    struct Chain {
        std::uint16_t head = 0;
        std::vector<Buffer> buffers;
    };
    enum class Next : std::uint8_t { chain, none, broken };
    /// Takes the next chain that the driver has made available.
    Next take(const Ram& ram, Chain& chain);
    /// Gives a chain back, of whose buffers `written` bytes were written. False when the ring is not in memory.
    bool give_back(Ram& ram, std::uint16_t head, std::uint32_t written);
    /// Whether the driver wants to be interrupted for used buffers.
    bool wants_interrupt(const Ram& ram) const;

private:
    bool follow(const Ram& ram, PhysAddr table, std::uint32_t table_size, std::uint16_t head, bool in_indirect,
                std::vector<Buffer>& buffers) const;
};

}  // namespace hartlab
