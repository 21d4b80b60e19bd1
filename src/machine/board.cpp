#include "machine/board.hpp"

#include <utility>

#include "hart/mstatus.hpp"

namespace hartlab {

Board::Board(Bus& bus, Ram& ram, bool legacy_virtio) : htif(ram, uart.console), bus_(&bus), ram_(&ram) {
    bus.attach(PhysAddr(BootRom::BASE), BootRom::SIZE, rom_);
    bus.attach(PhysAddr(TestDevice::BASE), TestDevice::SIZE, test);
    bus.attach(PhysAddr(Plic::BASE), Plic::SIZE, plic);
    bus.attach(PhysAddr(Uart::BASE), Uart::SIZE, uart);
    for (unsigned slot = 0; slot < VirtioMmio::SLOTS; ++slot) {
        virtio_[slot] = std::make_unique<VirtioMmio>(legacy_virtio);
        bus.attach(PhysAddr(VirtioMmio::BASE + slot * VirtioMmio::SIZE), VirtioMmio::SIZE, *virtio_[slot]);
    }
}

Disk& Board::insert_disk(std::uint64_t size) { return insert(std::make_unique<Disk>(size)); }

Disk& Board::insert(std::unique_ptr<Disk> disk) {
    disk_ = std::move(disk);
    virtio_[0]->insert(*disk_, *ram_);
    return *disk_;
}

void Board::set_htif(std::uint64_t tohost, std::uint64_t fromhost) {
    htif.state.tohost = tohost;
    htif.state.fromhost = fromhost;
    if (tohost)
        bus_->intercept(PhysAddr(tohost), htif);
    else
        bus_->intercept_nothing();
}

std::uint64_t Board::interrupt_lines(unsigned hart) {
    plic.set_line(Uart::IRQ, uart.interrupts());
    for (unsigned slot = 0; slot < VirtioMmio::SLOTS; ++slot) {
        plic.set_line(VirtioMmio::FIRST_IRQ + slot, virtio_[slot]->interrupts());
    }
    return (plic.interrupts(2 * hart) ? MIP_MEIP : 0) | (plic.interrupts(2 * hart + 1) ? MIP_SEIP : 0);
}

Power Board::take_power_request() {
    for (Power* power : {&test.power, &htif.state.power}) {
        if (power->request != PowerRequest::none) return std::exchange(*power, {});
    }
    return {};
}

void Board::reset() {
    plic = Plic();
    ConsoleLog console = std::move(uart.console);
    uart = Uart();
    uart.console = std::move(console);
    test = TestDevice();
    htif.state.power = {};
    for (const auto& slot : virtio_) slot->state = VirtioMmio::State();
}

BoardState Board::capture() {
    BoardState state{
        .plic = plic, .uart = uart, .test = test, .htif = htif.state, .virtio = {}, .disk = {}, .rom = rom_};
    for (unsigned slot = 0; slot < VirtioMmio::SLOTS; ++slot) state.virtio[slot] = virtio_[slot]->state;
    if (disk_) {
        state.disk = disk_->capture();
        state.disk_size = disk_->size();
    }
    return state;
}

void Board::restore(const BoardState& state) {
    plic = state.plic;
    uart = state.uart;
    test = state.test;
    rom_ = state.rom;
    htif.state = state.htif;
    set_htif(state.htif.tohost, state.htif.fromhost);
    for (unsigned slot = 0; slot < VirtioMmio::SLOTS; ++slot) virtio_[slot]->state = state.virtio[slot];
    if (state.disk) {
        if (disk_ && disk_->size() == state.disk_size)
            disk_->restore(*state.disk);
        else
            insert(std::make_unique<Disk>(state.disk_size, *state.disk));
    } else {
        virtio_[0]->remove();
        disk_.reset();
    }
}

}  // namespace hartlab
