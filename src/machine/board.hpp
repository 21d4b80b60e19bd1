// The devices of QEMU's virt board beyond the CLINT, at its addresses and interrupt numbers, and how they are wired.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "devices/boot_rom.hpp"
#include "devices/disk.hpp"
#include "devices/htif.hpp"
#include "devices/plic.hpp"
#include "devices/test_device.hpp"
#include "devices/uart.hpp"
#include "devices/virtio_mmio.hpp"
#include "memory/bus.hpp"

namespace hartlab {

struct BoardState {
    Plic plic;
    Uart uart;
    TestDevice test;
    Htif::State htif;
    std::array<VirtioMmio::State, VirtioMmio::SLOTS> virtio;
    std::optional<RamImage> disk;
    std::uint64_t disk_size = 0;
    BootRom rom{nullptr};
};

class Board {
public:
    /// Attaches the devices. `bus` and `ram` must outlive the board. Virtio devices are legacy ones, or modern.
    Board(Bus& bus, Ram& ram, bool legacy_virtio);
    Board(const Board&) = delete;
    Board& operator=(const Board&) = delete;

    Plic plic;
    Uart uart;
    TestDevice test;
    Htif htif;

    void set_rom(BootRom::Contents contents) { rom_ = BootRom(std::move(contents)); }
    /// Puts a zeroed disk into the first virtio slot. Throws std::invalid_argument or std::bad_alloc.
    Disk& insert_disk(std::uint64_t size);
    Disk* disk() { return disk_.get(); }
    /// Where a program keeps `tohost` and `fromhost`; 0 for neither. Precondition: in RAM, aligned to 8.
    void set_htif(std::uint64_t tohost, std::uint64_t fromhost);

    /// What the devices interrupt `hart` with: MEIP and SEIP.
    std::uint64_t interrupt_lines(unsigned hart);
    /// What the guest has asked for, and asks no more.
    Power take_power_request();

    /// All registers of the devices; what was printed and typed, the disk, the ROM and where tohost is stay.
    void reset();
    BoardState capture();
    void restore(const BoardState& state);

private:
    Disk& insert(std::unique_ptr<Disk> disk);

    Bus* bus_;
    Ram* ram_;
    BootRom rom_{nullptr};
    std::unique_ptr<Disk> disk_;
    std::array<std::unique_ptr<VirtioMmio>, VirtioMmio::SLOTS> virtio_;
};

}  // namespace hartlab
