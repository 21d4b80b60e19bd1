// A machine: RAM, bus, devices and harts wired together, with the run loop over them and its state as a value.
// It knows nothing of any kernel; the kernel model and a guest kernel are both its clients.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "devices/clint.hpp"
#include "hart/hart.hpp"
#include "memory/bus.hpp"
#include "memory/ram.hpp"

namespace hartlab {

struct MachineConfig {
    std::uint64_t ram_size = std::uint64_t{32} << 20;
    TlbGeometry tlb;
    bool hardware_ad = true;
    std::uint64_t instructions_per_tick = 1;

    friend bool operator==(const MachineConfig&, const MachineConfig&) = default;
};

/// All of a machine's state; immutable once made. Copying it copies pointers to shared pages.
struct MachineState {
    RamImage ram;
    HartState hart;
    Tlb tlb;
    Clint clint;
};

struct RunResult {
    StopReason reason{};
    std::uint64_t instructions = 0;  // retired in this run
};

class Machine final : private DeviceObserver {
public:
    explicit Machine(const MachineConfig& config);
    /// A machine in that state, which one of the same configuration was captured in. Shares with it what neither changes.
    Machine(const MachineConfig& config, const MachineState& state);

    const MachineConfig& config() const { return config_; }
    Ram& ram() { return *ram_; }
    const Ram& ram() const { return *ram_; }
    /// RAM outlives the machine for as long as a view of it does.
    std::shared_ptr<Ram> shared_ram() const { return ram_; }
    Bus& bus() { return bus_; }
    Hart& hart() { return *hart_; }
    const Hart& hart() const { return *hart_; }
    Clint& clint() { return clint_; }

    /// Runs until a stop or `max_instructions`; while the hart waits, time is skipped to the next timer.
    RunResult run(std::uint64_t max_instructions);

    MachineState capture();
    void restore(const MachineState& state);

private:
    Machine(const MachineConfig& config, std::shared_ptr<Ram> ram);
    void before_device_access() override;
    void after_device_access() override;
    /// Brings the clock and the hart's interrupt lines up to date.
    void poll_timer();

    MachineConfig config_;
    std::shared_ptr<Ram> ram_;
    Bus bus_;
    Clint clint_;
    CodeCache code_;
    std::unique_ptr<Hart> hart_;
};

}  // namespace hartlab
