// A slot for a virtio device with memory-mapped registers, and the block device that may be in it [virtio 4.2, 5.2].
// Modern (version 2), or legacy (version 1, where the driver gives a page number for a whole queue).
//
// A request is served as soon as the driver notifies the queue, and its interrupt is raised at once.
#pragma once

#include <cstdint>
#include <optional>

#include "devices/disk.hpp"
#include "devices/virtqueue.hpp"
#include "memory/device.hpp"

namespace hartlab {

class VirtioMmio final : public Device {
public:
    static constexpr std::uint64_t BASE = 0x1000'1000;  // of the first slot
    static constexpr std::uint64_t SIZE = 0x1000;       // a slot; its registers are the first 512 bytes
    static constexpr unsigned SLOTS = 8;
    static constexpr unsigned FIRST_IRQ = 1;

    /// All that the guest can change of it.
    struct State {
        std::uint32_t status = 0, interrupt_status = 0;
        std::uint32_t device_features_select = 0, driver_features_select = 0, queue_select = 0;
        std::uint64_t driver_features = 0;
        std::uint32_t guest_page_size = 0, queue_align = 4096, queue_page = 0;  // legacy
        Virtqueue queue;
    };
    State state;

    explicit VirtioMmio(bool legacy) : legacy_(legacy) {}
    VirtioMmio(const VirtioMmio&) = delete;
    VirtioMmio& operator=(const VirtioMmio&) = delete;

    /// Puts a block device into the slot; `ram` is where its queue is.
    void insert(Disk& disk, Ram& ram) { disk_ = &disk, ram_ = &ram; }
    void remove() { disk_ = nullptr; }

    std::optional<std::uint64_t> read(std::uint64_t offset, unsigned size) override;
    bool write(std::uint64_t offset, std::uint64_t value, unsigned size) override;
    bool interrupts() const { return state.interrupt_status != 0; }

private:
    std::uint64_t features() const;
    std::uint32_t read_register(std::uint64_t offset) const;
    std::uint64_t read_config(std::uint64_t offset, unsigned size) const;
    void write_register(std::uint64_t offset, std::uint32_t value);
    void set_legacy_queue();
    void serve_queue();
    void reset();
    void needs_reset();
    /// Serves a block request; the bytes that it wrote to memory, or nothing when it has no place for its status.
    std::optional<std::uint32_t> serve(const Virtqueue::Chain& chain);

    bool legacy_;
    Disk* disk_ = nullptr;
    Ram* ram_ = nullptr;
};

}  // namespace hartlab
