// What a device shows the bus: naturally aligned reads and writes of 1, 2, 4 or 8 bytes at an offset into its window.
// A device is a small copyable value; it keeps no pointer into the host and is saved with the machine.
#pragma once

#include <cstdint>
#include <optional>

namespace hartlab {

class Device {
public:
    virtual ~Device() = default;
    /// The value at `offset`, or nothing when the device answers such an access with a bus error (an access fault).
    virtual std::optional<std::uint64_t> read(std::uint64_t offset, unsigned size) = 0;
    /// False for a bus error.
    virtual bool write(std::uint64_t offset, std::uint64_t value, unsigned size) = 0;
    /// Whether instructions can be fetched from it, with reads of 2 bytes.
    virtual bool executable() const { return false; }
};

}  // namespace hartlab
