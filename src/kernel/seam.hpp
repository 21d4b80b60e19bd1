// Seams: functions of the kernel that something else than the engine performs.
//
// The table of functions (kernel/functions.hpp) has a pointer for each. That of a replaced function points at a trampoline,
// which makes 64-bit words of the arguments and asks the replacement; a native function is called as before, and pays nothing.
//
// A call of a replaced function is atomic: it cannot block or switch, no state is captured or restored in the middle of it,
// and stepping back executes it again. Which functions are replaced is configuration, as policies are: a clone shares it,
// a restore keeps it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "kernel/functions.hpp"

namespace hartlab {

class Kernel;

enum class FunctionId : std::uint8_t {
#define X(result, name, parameters, arguments) name,
    HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
};

inline constexpr std::string_view FUNCTION_NAMES[] = {
#define X(result, name, parameters, arguments) #name,
    HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
};
inline constexpr std::size_t FUNCTIONS = std::size(FUNCTION_NAMES);

std::optional<FunctionId> find_function(std::string_view name);
constexpr std::string_view function_name(FunctionId id) { return FUNCTION_NAMES[static_cast<std::size_t>(id)]; }

/// How an argument or a result is held in a word.
enum class WordType : std::uint8_t {
    nothing,
    number,    // 64 bits, unsigned
    physical,  // an address of kernel data or of a frame
    virtual_,  // an address that a page table translates
    integer,   // an int: 32 bits, sign-extended
    boolean,
};
struct Signature {
    WordType result;
    std::span<const WordType> parameters;
};
const Signature& signature(FunctionId id);
/// How many of its parameters, from the first on, are page tables.
std::size_t page_table_parameters(FunctionId id);

/// Calls the function with words: whatever the table has, or the engine's own one. Precondition: as many words as parameters.
std::uint64_t call_function(Kernel& kernel, FunctionId id, std::span<const std::uint64_t> words, bool native = false);

/// What performs a replaced function.
class Performer {
public:
    virtual ~Performer() = default;
    /// The function's result as a word. Whatever it throws ends the kernel's work, with the machine as it is.
    virtual std::uint64_t call(Kernel& kernel, FunctionId id, std::span<const std::uint64_t> words) = 0;
};

/// The replaced functions of one kernel, and which of them are being performed.
class Seams {
public:
    explicit Seams(Kernel& kernel) : kernel_(&kernel) {}
    Seams(const Seams&) = delete;
    Seams& operator=(const Seams&) = delete;

    void replace(FunctionId id, std::shared_ptr<Performer> performer);
    void restore_native(FunctionId id);
    /// Null when the function is the engine's own.
    const std::shared_ptr<Performer>& performer(FunctionId id) const {
        return performers_[static_cast<std::size_t>(id)];
    }
    /// Replaces what `other` replaces, by the same objects.
    void share(const Seams& other);

    /// Performs a replaced function: for the trampolines. panic `seam` when calls nest too deeply, or the budget is used up.
    std::uint64_t enter(FunctionId id, std::span<const std::uint64_t> words);

    /// Whether a replaced function is being performed, and which: the innermost.
    bool busy() const { return depth_ > 0; }
    bool performs(FunctionId id) const;
    FunctionId innermost() const { return calls_[depth_ - 1]; }
    /// "fork > uvmcopy": those being performed, outermost first.
    std::string chain() const;

    /// For the check for stale translations: the entry at `pte_address` was written by the innermost replaced function, or the
    /// engine's own functions that it called; or by the kernel, when none is being performed.
    void attribute_pte_write(PhysAddr pte_address);

    /// Charges the kernel for work that a replacement asked for. panic `seam` when the outermost call has used up its budget.
    void charge(std::uint64_t units);
    /// Work that an outermost call may cause: that of the run that it is part of.
    std::uint64_t work_budget = DEFAULT_WORK;

    static constexpr std::uint64_t DEFAULT_WORK = 8'000'000;
    static constexpr std::size_t MAX_DEPTH = 64;

private:
    /// The same for everything that was written since the last time.
    void attribute_pte_writes();

    Kernel* kernel_;
    std::array<std::shared_ptr<Performer>, FUNCTIONS> performers_;
    std::array<FunctionId, MAX_DEPTH> calls_{};
    std::size_t depth_ = 0;
    std::uint64_t work_limit_ = 0;  // of Kernel::work(), for the outermost call in progress
};

}  // namespace hartlab
