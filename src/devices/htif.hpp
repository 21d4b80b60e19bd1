// The host-target interface of test programs: a doubleword `tohost` in memory that they write commands to, and `fromhost`
// with the answers. A test ends by writing its exit code, shifted left with bit 0 set; programs print by device 1, or by
// the system call write of the frontend.
#pragma once

#include "base/console_log.hpp"
#include "devices/power.hpp"
#include "memory/device.hpp"
#include "memory/ram.hpp"

namespace hartlab {

class Htif final : public Device {
public:
    struct State {
        std::uint64_t tohost = 0, fromhost = 0;  // physical addresses; 0 for none
        Power power;
    };
    State state;

    Htif(Ram& ram, ConsoleLog& console) : ram_(&ram), console_(&console) {}

    std::optional<std::uint64_t> read(std::uint64_t, unsigned) override { return std::nullopt; }
    /// The guest has written to `tohost`.
    bool write(std::uint64_t offset, std::uint64_t value, unsigned size) override;

private:
    void command(std::uint64_t command);
    void answer(std::uint64_t command, std::uint64_t payload);
    std::uint64_t system_call(PhysAddr block);

    Ram* ram_;
    ConsoleLog* console_;
};

}  // namespace hartlab
