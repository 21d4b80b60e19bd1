// A machine: RAM, bus, devices and harts wired together, with the run loop over them and its state as a value.
// It knows nothing of any kernel; the kernel model and a guest kernel are both its clients.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devices/clint.hpp"
#include "hart/hart.hpp"
#include "hart/trap_log.hpp"
#include "machine/board.hpp"
#include "machine/idle_loops.hpp"
#include "machine/schedule.hpp"
#include "memory/bus.hpp"
#include "memory/ram.hpp"

namespace hartlab {

struct MachineConfig {
    std::uint64_t ram_size = std::uint64_t{32} << 20;
    TlbGeometry tlb;
    bool hardware_ad = true;
    bool hardware_misaligned = true;
    std::uint64_t instructions_per_tick = 1;
    bool pmp = false;            // physical memory protection is implemented
    bool board = false;          // the devices of QEMU's virt board are there, beyond the CLINT
    bool legacy_virtio = false;  // they include virtio devices of version 1 in place of 2
    unsigned harts = 1;
    std::uint64_t quantum = 1000;  // instructions of a turn, about
    std::uint64_t seed = 1;        // of the interleaving

    friend bool operator==(const MachineConfig&, const MachineConfig&) = default;
};

/// All of a machine's state; immutable once made. Copying it copies pointers to shared pages.
struct MachineState {
    struct OfHart {
        HartState state;
        Tlb tlb;
    };
    RamImage ram;
    std::vector<OfHart> harts;
    Clint clint;
    Schedule schedule;
    std::shared_ptr<const BoardState> board;  // null where there is no board

    const HartState& hart() const { return harts.front().state; }
    const Tlb& tlb() const { return harts.front().tlb; }
    /// Instructions, of all harts.
    std::uint64_t retired() const;
};

struct RunResult {
    StopReason reason{};
    std::uint64_t instructions = 0;  // retired in this run, by all harts
};

class Machine final : private DeviceObserver, private WriteListener {
public:
    explicit Machine(const MachineConfig& config);
    /// A machine in that state, which one of the same configuration was captured in. Shares with it what neither changes.
    Machine(const MachineConfig& config, const MachineState& state);
    ~Machine() override { ram_->watch_writes(ram_->base(), 0, nullptr); }
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    const MachineConfig& config() const { return config_; }
    Ram& ram() { return *ram_; }
    const Ram& ram() const { return *ram_; }
    /// RAM outlives the machine for as long as a view of it does.
    std::shared_ptr<Ram> shared_ram() const { return ram_; }
    Bus& bus() { return bus_; }
    Hart& hart(std::size_t number = 0) { return *harts_[number]; }
    const Hart& hart(std::size_t number = 0) const { return *harts_[number]; }
    std::size_t hart_count() const { return harts_.size(); }
    /// The hart whose turn it is: of a stopped run, the one that stopped.
    std::size_t current_hart() const { return schedule_.hart; }
    const IdleLoops& idle_loops() const { return idle_loops_; }
    /// The turns that harts have had, the present one included; none for a single hart. Throws std::invalid_argument when they
    /// are too many.
    std::vector<HartTurn> turns() const;
    /// Ends the present turn: `turns` follow, and then those of the seed. Throws std::invalid_argument for what cannot be.
    void change_schedule(std::vector<HartTurn> turns, std::uint64_t seed, std::uint64_t quantum);
    Clint& clint() { return clint_; }
    /// Null where there is none.
    Board* board() { return board_.get(); }
    /// Instructions retired so far, of all harts.
    std::uint64_t retired() const;

    /// Runs until a stop or `max_instructions`; while every hart waits, time is skipped to the next timer.
    RunResult run(std::uint64_t max_instructions);
    /// Ends run() soon, from any thread or signal handler.
    void stop();
    void clear_stop();
    /// What ended the last run that ended with power_off.
    std::uint64_t exit_code() const { return exit_code_; }
    /// Makes runs end as soon as the console has printed `text` after its first `from` characters; "" for never.
    void stop_at_output(std::string text, std::size_t from);
    /// Types at the console. Precondition: there is a board.
    void type(std::string_view text);
    /// Makes runs end behind an instruction that writes to any of these bytes of RAM, itself or by a device; 0 bytes for never.
    void stop_at_write(PhysAddr first, std::uint64_t size) { ram_->watch_writes(first, size, this); }
    /// Asked every few milliseconds of a run, on the thread that runs: true to end it.
    bool (*interrupt_poll)() = nullptr;

    /// Puts harts and devices into the state they come out of reset in, at `pc`. Time, memory, disk and what was printed stay.
    void reset(std::uint64_t pc);

    /// Records the last `capacity` traps of all harts from now on, the log being empty, as it is after restore(); 0: none.
    void record_traps(std::size_t capacity);
    /// Null while none are recorded.
    const TrapLog* traps() const { return traps_.get(); }

    MachineState capture();
    void restore(const MachineState& state);

private:
    Machine(const MachineConfig& config, std::shared_ptr<Ram> ram);
    void before_device_access() override;
    void after_device_access() override;
    void written() override;
    void update_interrupt_lines();
    void update_interrupt_lines(std::size_t hart);
    std::uint64_t ticks_to_timer(std::size_t hart) const;
    std::uint64_t ticks_to_wake(std::size_t hart) const;
    RunResult run_to_stop(std::uint64_t max_instructions);
    std::optional<StopReason> stopped_by_device();
    bool turn_is_over() const { return harts_.size() > 1 && schedule_.left == 0; }
    bool end_turn(std::uint32_t& tried);
    void begin_turn();
    bool waits_for_turn_to_end(std::uint32_t& tried);
    void level_clocks();
    std::uint64_t ticks_all_wait(std::uint32_t tried);
    StopReason why_nothing_runs() const;
    static std::uint64_t wakes(const Hart& hart);
    void move_clock(Hart& hart, std::uint64_t now);

    MachineConfig config_;
    std::shared_ptr<Ram> ram_;
    Bus bus_;
    Clint clint_;
    CodeCache code_;
    std::vector<std::unique_ptr<Hart>> harts_;
    std::unique_ptr<Board> board_;
    std::unique_ptr<TrapLog> traps_;
    Schedule schedule_;
    std::uint64_t exit_code_ = 0;
    std::string awaited_output_;
    std::size_t awaited_from_ = 0;
    std::size_t output_seen_ = 0;  // of the console, when it was last looked through
    bool output_arrived_ = false;
    bool watched_was_written_ = false;
    IdleLoops idle_loops_;
};

}  // namespace hartlab
