#include "kernel/seam.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "kernel/kalloc.hpp"
#include "kernel/kernel.hpp"

namespace hartlab {

namespace {

// -- arguments and results as words ---------------------------------------------------------------------------------------

template <class T>
constexpr WordType word_type() {
    if constexpr (std::is_void_v<T>)
        return WordType::nothing;
    else if constexpr (std::is_same_v<T, PhysAddr>)
        return WordType::physical;
    else if constexpr (std::is_same_v<T, VirtAddr>)
        return WordType::virtual_;
    else if constexpr (std::is_same_v<T, bool>)
        return WordType::boolean;
    else if constexpr (std::is_same_v<T, int>)
        return WordType::integer;
    else {
        static_assert(std::is_same_v<T, std::uint64_t>, "a type that a kernel function may have");
        return WordType::number;
    }
}

template <class T>
std::uint64_t to_word(T value) {
    if constexpr (word_type<T>() == WordType::physical || word_type<T>() == WordType::virtual_) {
        return value.value;
    } else if constexpr (word_type<T>() == WordType::integer) {
        return static_cast<std::uint64_t>(std::int64_t{value});
    } else {
        return value;
    }
}

template <class T>
T from_word(std::uint64_t word) {
    if constexpr (word_type<T>() == WordType::nothing) {
        return;
    } else if constexpr (word_type<T>() == WordType::integer) {
        return static_cast<int>(static_cast<std::uint32_t>(word));
    } else if constexpr (word_type<T>() == WordType::boolean) {
        return word != 0;
    } else {
        return T(word);
    }
}

template <class... T>
std::array<std::uint64_t, sizeof...(T)> words_of(T... values) {
    return {to_word(values)...};
}

/// What a table entry with those types takes and gives.
template <class Function>
struct Types;
template <class Result, class... Parameters>
struct Types<Result (*)(Kernel&, Parameters...)> {
    static constexpr std::array<WordType, sizeof...(Parameters)> PARAMETERS{word_type<Parameters>()...};
    static constexpr Signature SIGNATURE{word_type<Result>(), PARAMETERS};

    static std::uint64_t call(Result (*function)(Kernel&, Parameters...), Kernel& kernel, const std::uint64_t* words) {
        return call(function, kernel, words, std::index_sequence_for<Parameters...>{});
    }
    template <std::size_t... I>
    static std::uint64_t call(Result (*function)(Kernel&, Parameters...), Kernel& kernel,
                              [[maybe_unused]] const std::uint64_t* words, std::index_sequence<I...>) {
        if constexpr (std::is_void_v<Result>) {
            function(kernel, from_word<Parameters>(words[I])...);
            return 0;
        } else {
            return to_word(function(kernel, from_word<Parameters>(words[I])...));
        }
    }
};

/// What stands in the table for a replaced function.
namespace trampoline {
#define X(result, name, parameters, arguments)                                                                         \
    result name(Kernel& kernel HARTLAB_AND parameters) {                                                               \
        const auto words = words_of arguments;                                                                         \
        return from_word<result>(kernel.seams.enter(FunctionId::name, words));                                         \
    }
HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
}  // namespace trampoline

enum class Performed : std::uint8_t { natively, otherwise };

/// Makes the table's entry the native function, or the trampoline to whatever performs it otherwise.
void point(FunctionTable& table, FunctionId id, Performed how) {
    switch (id) {
#define X(result, name, parameters, arguments)                                                                         \
    case FunctionId::name: table.name = how == Performed::natively ? native::name : trampoline::name; return;
        HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
    }
}

}  // namespace

std::optional<FunctionId> find_function(std::string_view name) {
    const auto* found = std::find(std::begin(FUNCTION_NAMES), std::end(FUNCTION_NAMES), name);
    if (found == std::end(FUNCTION_NAMES)) return std::nullopt;
    return static_cast<FunctionId>(found - std::begin(FUNCTION_NAMES));
}

const Signature& signature(FunctionId id) {
    static constexpr Signature signatures[] = {
#define X(result, name, parameters, arguments) Types<decltype(&native::name)>::SIGNATURE,
        HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
    };
    return signatures[static_cast<std::size_t>(id)];
}

std::size_t page_table_parameters(FunctionId id) {
    static constexpr std::string_view parameters[] = {
#define X(result, name, parameters, arguments) #parameters,
        HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
    };
    std::string_view rest = parameters[static_cast<std::size_t>(id)];
    std::size_t count = 0;
    for (std::size_t end = 0; end != std::string_view::npos; ++count) {
        end = rest.find_first_of(",)");
        if (!rest.substr(0, end).ends_with("pagetable")) break;
        rest.remove_prefix(end + 1);
    }
    return count;
}

std::uint64_t call_function(Kernel& kernel, FunctionId id, std::span<const std::uint64_t> words, bool native) {
    if (kernel.observed()) kernel.note_call(id, words);
    switch (id) {
#define X(result, name, parameters, arguments)                                                                         \
    case FunctionId::name:                                                                                             \
        return Types<decltype(&native::name)>::call(native ? native::name : kernel.functions.name, kernel,             \
                                                    words.data());
        HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
    }
    return 0;
}

// -- the seams of a kernel --------------------------------------------------------------------------------------------------

void Seams::replace(FunctionId id, std::shared_ptr<Performer> performer) {
    performers_[static_cast<std::size_t>(id)] = std::move(performer);
    point(kernel_->functions, id, Performed::otherwise);
}

void Seams::restore_native(FunctionId id) {
    point(kernel_->functions, id, Performed::natively);
    performers_[static_cast<std::size_t>(id)].reset();
}

void Seams::share(const Seams& other) {
    for (std::size_t i = 0; i < FUNCTIONS; ++i) {
        if (other.performers_[i]) replace(static_cast<FunctionId>(i), other.performers_[i]);
    }
}

std::uint64_t Seams::enter(FunctionId id, std::span<const std::uint64_t> words) {
    if (depth_ == MAX_DEPTH) {
        kernel_->panic("seam: too deep", function_name(id), 0,
                       "calls of replaced functions nest deeper than " + std::to_string(MAX_DEPTH) +
                           " (does one call itself without end?): " + chain());
    }
    // The replacement cannot know that it is to fail: the engine does what its own would.
    if (id == FunctionId::kalloc && kernel_->kalloc_must_fail()) return take_frame(*kernel_, true).value;
    if (depth_ == 0) work_limit_ = kernel_->work() + work_budget;
    if (kernel_->hart().mmu.stale_check()) attribute_pte_writes();
    struct Call {
        explicit Call(Seams& seams, FunctionId id) : seams_(seams) { seams_.calls_[seams_.depth_++] = id; }
        ~Call() { --seams_.depth_; }
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;

    private:
        Seams& seams_;
    };
    const Call call(*this, id);
    charge(1);

    const std::shared_ptr<Performer> performer = this->performer(id);  // alive even if it is replaced meanwhile
    const bool was_frozen = kernel_->panicked();
    if (kernel_->observed()) kernel_->note_call(id, words);
    const std::uint64_t result = performer->call(*kernel_, id, words);
    if (kernel_->hart().mmu.stale_check()) attribute_pte_writes();
    // A replacement may swallow the exception that a panic is; the kernel is frozen all the same.
    if (!was_frozen) kernel_->refuse_if_frozen();
    if (kernel_->observed()) kernel_->note_performed(id, words, result);
    return result;
}

void Seams::attribute_pte_write(PhysAddr pte_address) {
    Mmu& mmu = kernel_->hart().mmu;
    if (!busy()) return mmu.attribute_pte_write(pte_address, PteWriter::Kind::kernel);
    mmu.attribute_pte_write(pte_address, PteWriter::Kind::function, static_cast<std::uint16_t>(innermost()));
}

void Seams::attribute_pte_writes() {
    Mmu& mmu = kernel_->hart().mmu;
    // The kernel's own have been noted one by one, so that what is left was written from outside.
    if (!busy()) return mmu.attribute_pte_writes(PteWriter::Kind::unknown);
    mmu.attribute_pte_writes(PteWriter::Kind::function, static_cast<std::uint16_t>(innermost()));
}

bool Seams::performs(FunctionId id) const {
    return std::find(calls_.begin(), calls_.begin() + static_cast<std::ptrdiff_t>(depth_), id) !=
           calls_.begin() + static_cast<std::ptrdiff_t>(depth_);
}

std::string Seams::chain() const {
    constexpr std::size_t SHOWN = 4;
    std::string text;
    for (std::size_t i = 0; i < std::min(depth_, SHOWN); ++i) {
        text += (i == 0 ? "" : " > ") + std::string(function_name(calls_[i]));
    }
    return depth_ > SHOWN ? text + " > ..." : text;
}

void Seams::charge(std::uint64_t units) {
    kernel_->charge(units);
    if (depth_ == 0 || kernel_->work() <= work_limit_) return;
    kernel_->panic("seam: work", function_name(calls_[0]), 0,
                   "the call of " + std::string(function_name(calls_[0])) + ", which is replaced, has used up " +
                       std::to_string(work_budget) + " units of work (a loop without end?)");
}

}  // namespace hartlab
