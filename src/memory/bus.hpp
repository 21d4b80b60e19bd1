// The physical address space: RAM and the windows of devices. Reached only when an access is not an ordinary hit in RAM.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "memory/device.hpp"
#include "memory/ram.hpp"

namespace hartlab {

/// Told of every access to a device, before and after: the machine keeps its clock and interrupt lines current with it.
class DeviceObserver {
public:
    virtual ~DeviceObserver() = default;
    virtual void before_device_access() = 0;
    virtual void after_device_access() = 0;
};

class Bus {
public:
    explicit Bus(Ram& ram) : ram_(&ram) {}
    void set_observer(DeviceObserver* observer) { observer_ = observer; }

    /// `device` must outlive the bus. Windows do not overlap one another or RAM.
    void attach(PhysAddr base, std::uint64_t size, Device& device) { windows_.push_back({base, size, &device}); }

    /// Tells `device` of every write to the aligned doubleword of RAM at `pa`, after it was made: value and size as written.
    void intercept(PhysAddr pa, Device& device) { intercepted_ = pa, interceptor_ = &device; }
    void intercept_nothing() { interceptor_ = nullptr; }
    /// Whether writes to the page of `pa` may have to be told of, so that each has to come to write().
    bool intercepts(PhysAddr pa) const { return interceptor_ && pa.page_base() == intercepted_.page_base(); }

    /// A second RAM beside the first, as a hart of its own may have: of data, reached as fast as the first. It must outlive
    /// the bus. No page table is looked for in it.
    void attach_second(Ram& ram) { second_ = &ram; }
    Ram* second() { return second_; }
    /// Whether all of it is RAM, which an access that is misaligned, or in parts, may be to.
    bool is_memory(PhysAddr pa, unsigned size) const {
        return ram_->contains(pa, size) || (second_ && second_->contains(pa, size));
    }
    /// Leaves the A and D bits of PTEs as they are: a hart that must not be noticed.
    void keep_accessed_bits() { keep_accessed_bits_ = true; }
    /// A walk has found a PTE that needs them: stores it.
    void set_accessed(PhysAddr pte_address, std::uint64_t pte) {
        if (!keep_accessed_bits_) write(pte_address, pte, sizeof pte);
    }

    Ram& ram() { return *ram_; }
    const Ram& ram() const { return *ram_; }

    /// A little-endian value of `size` bytes; nothing where no device answers. The access lies within one page.
    std::optional<std::uint64_t> read(PhysAddr pa, unsigned size);
    /// Half an instruction from a device that code can be executed from; nothing elsewhere, and from RAM.
    std::optional<std::uint16_t> fetch(PhysAddr pa);
    /// False where no device answers. Writes to RAM go through its door.
    bool write(PhysAddr pa, std::uint64_t value, unsigned size);

private:
    struct Window {
        PhysAddr base;
        std::uint64_t size;
        Device* device;
    };
    /// The device at `pa`, of which it takes an access that is naturally aligned [priv 3.6.2].
    const Window* find(PhysAddr pa, unsigned size) const;

    Ram* ram_;
    Ram* second_ = nullptr;
    bool keep_accessed_bits_ = false;
    PhysAddr intercepted_;
    Device* interceptor_ = nullptr;
    DeviceObserver* observer_ = nullptr;
    std::vector<Window> windows_;
};

}  // namespace hartlab
