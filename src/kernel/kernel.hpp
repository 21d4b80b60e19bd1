// The kernel model: the teaching kernel, function by function under xv6's names, working on a machine's RAM and hart.
// Kernel is the handle through which its functions reach memory, each other and the current process.
//
// The functions stand one file a concept beside this one, as free functions in namespace native that take a Kernel&, and
// call one another through Kernel's methods, which is to say through the seam table (kernel/functions.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/console_log.hpp"
#include "base/event.hpp"
#include "kernel/exit_log.hpp"
#include "kernel/file_registry.hpp"
#include "kernel/functions.hpp"
#include "kernel/layout.hpp"
#include "kernel/page_table_pages.hpp"
#include "kernel/panic.hpp"
#include "kernel/policies.hpp"
#include "kernel/provenance.hpp"
#include "kernel/ram_struct.hpp"
#include "kernel/seam.hpp"
#include "machine/machine.hpp"

namespace hartlab {

class Kernel;
class CHart;
struct CUnit;
/// The data of C code, for a saved state: what its static variables hold.
using CData = std::map<std::shared_ptr<const CUnit>, std::vector<std::uint8_t>>;

// A row's parameter or argument list, behind a first one.
#define HARTLAB_AND(...) __VA_OPT__(, ) __VA_ARGS__

namespace native {
#define X(result, name, parameters, arguments) result name(Kernel& kernel HARTLAB_AND parameters);
HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
}  // namespace native

/// The seam table: where each call of a kernel function goes.
struct FunctionTable {
#define X(result, name, parameters, arguments) result (*name)(Kernel & kernel HARTLAB_AND parameters) = native::name;
    HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
};

/// How far boot() goes; each stage includes those before it.
enum class BootStage : std::uint8_t { none, kinit, kvminit, kvminithart, procinit, userinit };

struct KernelConfig {
    MachineConfig machine;
    Policies policies;
    BootStage boot = BootStage::userinit;
    std::uint64_t timer_interval = 100'000;  // ticks of the virtual clock between timer interrupts
    std::vector<std::uint8_t> init;          // an ELF for /init; empty: the engine's own

    friend bool operator==(const KernelConfig&, const KernelConfig&) = default;
};

/// Why Kernel::run() returned.
enum class KernelStop : std::uint8_t {
    budget,    // max_instructions were executed
    work,      // the kernel's own work reached max_work
    finished,  // no process is left but init, and init has nothing to wait for
    idle,      // every process sleeps and only input from outside could wake one
    trap,      // asked for: a trap was taken and the kernel has not handled it yet
    syscall,   // asked for: likewise, an ecall
    exited,    // asked for: a process has just become a zombie
    switched,  // asked for: another process is about to run
    breakpoint,
    watchpoint,
    interrupted,
};

struct RunRequest {
    std::uint64_t max_instructions = 100'000'000;
    std::uint64_t max_work = 0;  // 0: max_instructions / 16 + 1,000,000; see Kernel::may_continue
    bool at_trap = false, at_syscall = false, at_exit = false, at_switch = false;
};

struct KernelRun {
    KernelStop reason{};
    std::uint64_t instructions = 0;
    std::uint64_t work = 0;
    std::uint64_t traps = 0;
    std::int32_t pid = 0;  // the process it concerns, or that was running
    std::string detail;    // for people: who waits for what when everything sleeps
};

/// All state of a kernel; immutable once made.
struct KernelState {
    MachineState machine;
    ConsoleLog console;
    FileRegistry files;
    ExitLog exits;
    BootStage booted{};
    CData c_data;
};

class Kernel {
public:
    /// Boots as far as config.boot says. Throws std::invalid_argument for a configuration that cannot be.
    explicit Kernel(const KernelConfig& config);
    /// A kernel in that state, which one of the same configuration was captured in. Shares with it what neither changes.
    Kernel(const KernelConfig& config, const KernelState& state);
    ~Kernel();
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;

    // -- parts ----------------------------------------------------------------------------------------------------------
    const KernelConfig& config() const { return config_; }
    const Policies& policies() const { return config_.policies; }
    Machine& machine() { return machine_; }
    Hart& hart() { return machine_.hart(); }
    Ram& ram() { return machine_.ram(); }
    const Ram& ram() const { return machine_.ram(); }
    PhysAddr end() const { return kernel_end(ram().size()); }
    PhysAddr phystop() const { return ram().end(); }
    FileRegistry files;
    ConsoleLog console;
    ExitLog exits;

    // -- the kernel's functions, through the seam table -------------------------------------------------------------------
#define X(result, name, parameters, arguments)                                                                         \
    result name parameters { return functions.name(*this HARTLAB_AND arguments); }
    HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
    FunctionTable functions;
    /// Those that something else than the engine performs.
    Seams seams{*this};
    /// Where those in C are executed; made when it is first asked for.
    CHart& c_hart();
    /// Replaces the functions that `other` has replaced, C's data as they were when `state` was saved.
    void share_replacements(const Kernel& other, const KernelState& state);
    /// Of whoever holds this kernel, for replacements that have to find the way back to it; the engine does not look at it.
    void* holder = nullptr;

    // -- memory, as the kernel's own loads and stores reach it (memory.cpp) -----------------------------------------------
    // An address outside RAM is what it would be on hardware, a fault of the kernel: KernelPanic "kerneltrap".
    template <class T>
    T load(PhysAddr pa) {
        return memory(pa, sizeof(T), Access::load).load<T>(pa);
    }
    template <class T>
    void store(PhysAddr pa, T value) {
        memory(pa, sizeof(T), Access::store).store<T>(pa, value);
    }
    void fill(PhysAddr pa, std::uint8_t byte, std::uint64_t length);
    void copy(PhysAddr to, PhysAddr from, std::uint64_t length);
    void write_bytes(PhysAddr to, const void* host_bytes, std::uint64_t length);
    std::vector<std::uint8_t> read_bytes(PhysAddr from, std::uint64_t length);
    /// A string that ends with a zero byte, of at most `max` bytes.
    std::string read_string(PhysAddr from, std::uint64_t max);
    /// RAM, or the region of C code while C code runs: the one that has those bytes.
    Ram& memory(PhysAddr pa, std::uint64_t length, Access access) {
        if (ram().contains(pa, length)) [[likely]]
            return ram();
        return region(pa, length, access);
    }
    void check(PhysAddr pa, std::uint64_t length, Access access) {
        if (!ram().contains(pa, length)) fault(pa, access);
    }
    /// Stores a PTE and, when anyone listens, says so.
    void store_pte(PhysAddr pte_address, std::uint64_t pte);

    // -- data -------------------------------------------------------------------------------------------------------------
    RamStruct<KernelData> data() { return {*this, KERNEL_DATA}; }
    template <class Struct>
    RamStruct<Struct> at(PhysAddr pa) {
        return {*this, pa};
    }
    RamStruct<Proc> proc(std::size_t slot) { return data()(&KernelData::proc, slot); }
    /// The slot of a pointer to a struct proc. Hostile data may hold any pointer: KernelPanic when it is none.
    std::size_t proc_slot(PhysAddr p, const char* function);
    RamStruct<Cpu> mycpu() { return data()(&KernelData::cpus, 0); }
    /// The process on the hart; its address is 0 when there is none.
    RamStruct<Proc> myproc() { return {*this, PhysAddr(mycpu()[&Cpu::proc])}; }
    RamStruct<Trapframe> trapframe(RamStruct<Proc> p) { return {*this, PhysAddr(p[&Proc::trapframe])}; }
    std::optional<std::size_t> find_pid(std::int32_t pid);
    /// The reference count of the frame that holds `pa`: how many user PTEs below TRAPFRAME map it (kernel/cow.hpp).
    RamField<std::int32_t> references(PhysAddr pa);
    void acquire(PhysAddr spinlock);
    void release(PhysAddr spinlock);

    // -- trouble --------------------------------------------------------------------------------------------------------
    /// Records the panic in RAM and throws KernelPanic. Until a restore the kernel runs no further.
    [[noreturn]] void panic(std::string_view text, std::string_view function, std::uint64_t address = 0,
                            std::string_view detail = {});
    /// Records it alone: for an error that somebody else is about to raise.
    void freeze(std::string_view text, std::string_view function, std::uint64_t address = 0);
    bool panicked();
    /// Of the process on the hart; 0 when there is none.
    std::int32_t current_pid();
    /// Throws KernelPanic, naming the panic, when the kernel is frozen by one.
    void refuse_if_frozen();
    /// Charges `units` of work (one for each page, table or struct that a loop visits). False when stop() was called
    /// or a signal is pending: a loop that may still give up then undoes what it did and fails, as though kalloc had;
    /// the system call is restarted later.
    [[nodiscard]] bool may_continue(std::uint64_t units = 1);
    void charge(std::uint64_t units) { work_ += units; }
    std::uint64_t work() const { return work_; }
    bool gave_up() const { return gave_up_; }
    void forget_giving_up() { gave_up_ = false; }
    /// Why the last system call or exec failed, in words, for people. Empty when it did not.
    std::string why;
    /// Notes `reason` in why and returns -1.
    int fail(std::string reason) {
        why = std::move(reason);
        return -1;
    }
    /// Asked for about every thousand units of work and between chunks of instructions, on the thread that runs: true to stop.
    bool (*interrupt_poll)() = nullptr;

    // -- booting, running, driving (boot.cpp, run.cpp, drive.cpp) -----------------------------------------------------------
    BootStage booted() const { return booted_; }
    void boot(BootStage stage);
    KernelRun run(const RunRequest& request);
    /// Ends run() soon, from any thread.
    void stop() { hart().stop(); }

    /// A child of init with the program at `path` loaded as exec does; runnable. Its pid, or -1 (see why).
    int spawn(const std::string& path, const std::vector<std::string>& arguments);
    /// A child of init with one page of raw instructions at address 0, or more pages for more code, and a stack above.
    int spawn_code(const std::vector<std::uint8_t>& code, const std::string& name);

    struct Driven {
        enum class End : std::uint8_t { returned, blocked, gone } end{};  // gone: the process exited or was killed
        std::uint64_t result = 0;
    };
    /// Makes a system call on behalf of the process, at its next user instruction: argument registers are used and put
    /// back. A call that would block is withdrawn. Strings for exec and open are passed beside the arguments.
    Driven drive(std::int32_t pid, std::uint64_t number, const std::array<std::uint64_t, 6>& arguments);
    Driven drive_exec(std::int32_t pid, const std::string& path, const std::vector<std::string>& arguments);
    /// A user access of the process through the MMU; granted but absent pages are faulted in. The fault that would have killed it, if any.
    std::optional<Fault> user_load(std::int32_t pid, VirtAddr va, void* bytes, std::uint64_t length);
    std::optional<Fault> user_store(std::int32_t pid, VirtAddr va, const void* bytes, std::uint64_t length);
    /// Types `text` at the console: echoed and edited as consoleintr does it, as far as its buffer has room.
    void console_input(std::string_view text);

    // -- traps (trap.cpp) and sleeping (sleep.cpp), which are not seams --------------------------------------------------
    /// Handles the trap that the hart has taken from user mode: saves the registers as uservec does, and serves it.
    void usertrap();
    /// Puts the process on the hart: registers from its trapframe, satp, sret.
    void usertrapret(RamStruct<Proc> p);
    /// Marks the current process asleep on `chan`. The system call in progress returns std::nullopt after it and is restarted on wakeup.
    void sleep(PhysAddr chan);

    // -- state ------------------------------------------------------------------------------------------------------------
    KernelState capture();
    void restore(const KernelState& state);

    // -- instruments, off by default ----------------------------------------------------------------------------------------
    /// kalloc number n from now, counting from 1, finds no memory (once). 0: none.
    void inject_kalloc_failure(std::uint64_t n) { kalloc_failure_in_ = n; }
    std::uint64_t kalloc_failure_in() const { return kalloc_failure_in_; }
    /// For kalloc itself, whoever performs it: whether this call must fail. One that a replaced kalloc makes does not count.
    bool kalloc_must_fail() {
        return kalloc_failure_in_ != 0 && !seams.performs(FunctionId::kalloc) && --kalloc_failure_in_ == 0;
    }
    void set_tracing(std::size_t capacity);  // 0: off
    EventRing* events() { return events_.get(); }
    /// Adds an event of now and of the current process. Call only when events() is not null.
    std::uint64_t emit(Event event);
    /// Keeps the state as it is once event `sequence` has been recorded, and ends what is being done then: at once when
    /// the kernel records it, and behind the instruction when the hart does. Call only when events() is not null.
    void look_at(std::uint64_t sequence);
    /// What look_at has kept, if it came to that.
    std::optional<KernelState> take_look() { return std::exchange(look_, std::nullopt); }
    /// The hart executes instructions, in the middle of which its state is not whole.
    StopReason run_hart(std::uint64_t max_instructions);
    /// The event of the system call that the process in each slot is in, so that its result can be filled in.
    std::array<std::uint64_t, NPROC> syscall_events{};
    void set_provenance(bool on);
    Provenance* provenance() { return provenance_.get(); }
    /// The circumstances of what the kernel does now. Call only when provenance() is not null.
    Deed deed();

    // What has just been done, for trace and provenance. The engine's functions tell it themselves; of those that something
    // else performs it is told by the seams. Call only when observed().
    bool observed() const { return tables_ != nullptr; }
    void note_kalloc(PhysAddr pa);
    void note_kfree(PhysAddr pa);
    void note_exec(int result);
    /// The root of a page table, which need not be in use yet. May be called at any time.
    void note_table(PhysAddr root);
    /// A call of the function begins: page tables among its arguments are known from now on.
    void note_call(FunctionId id, std::span<const std::uint64_t> words);
    /// Something else than the engine has performed the function.
    void note_performed(FunctionId id, std::span<const std::uint64_t> words, std::uint64_t result);
    /// A replacement has stored a number at `pa`, where the word was `before`. It is a PTE if it lies in a known page table.
    void note_store(PhysAddr pa, std::uint64_t before);
    /// The word around `pa`, for note_store; 0 when nobody observes.
    std::uint64_t word_at(PhysAddr pa);

private:
    [[noreturn]] void fault(PhysAddr pa, Access access);
    Ram& region(PhysAddr pa, std::uint64_t length, Access access);
    void begin_observing();
    void note_pte(PhysAddr address, std::uint64_t before);
    FrameHistory* history_of(PhysAddr pa);

    KernelConfig config_;
    Machine machine_;
    BootStage booted_ = BootStage::none;
    std::uint64_t work_ = 0;
    std::uint64_t poll_at_ = 0;
    bool gave_up_ = false;
    std::uint64_t kalloc_failure_in_ = 0;
    std::unique_ptr<EventRing> events_;
    std::optional<KernelState> look_;
    bool hart_runs_ = false, look_is_due_ = false;
    std::unique_ptr<Provenance> provenance_;
    std::unique_ptr<PageTablePages> tables_;  // while either is on
    std::unique_ptr<CHart> c_hart_;
};

template <class T>
T RamField<T>::get() const {
    return kernel_->load<T>(pa_);
}
template <class T>
const RamField<T>& RamField<T>::operator=(T value) const {
    kernel_->store<T>(pa_, value);
    return *this;
}

}  // namespace hartlab
