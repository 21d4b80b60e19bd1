// What can go wrong in the guest, as values: a cause with its trap value, and Result<T> that carries either.
// A guest fault is never a C++ exception; the hart turns it into a trap, Python's accessors into hl.PageFault.
#pragma once

#include <cstdint>
#include <utility>
#include <variant>

namespace hartlab {

/// Synchronous exception codes of mcause and scause [priv Table 3.6].
enum class Cause : std::uint64_t {
    instruction_address_misaligned = 0,
    instruction_access_fault = 1,
    illegal_instruction = 2,
    breakpoint = 3,
    load_address_misaligned = 4,
    load_access_fault = 5,
    store_address_misaligned = 6,
    store_access_fault = 7,
    ecall_from_u = 8,
    ecall_from_s = 9,
    ecall_from_m = 11,
    instruction_page_fault = 12,
    load_page_fault = 13,
    store_page_fault = 15,
};

inline constexpr std::uint64_t CAUSE_INTERRUPT = std::uint64_t{1} << 63;

enum class Access : std::uint8_t { fetch, load, store };

struct Fault {
    Cause cause{};
    std::uint64_t tval = 0;  // what stval or mtval will hold: the faulting address, or the instruction's bits

    friend constexpr bool operator==(const Fault&, const Fault&) = default;
};

constexpr Fault page_fault(Access access, std::uint64_t va) {
    constexpr Cause causes[] = {Cause::instruction_page_fault, Cause::load_page_fault, Cause::store_page_fault};
    return {causes[static_cast<int>(access)], va};
}

constexpr Fault access_fault(Access access, std::uint64_t va) {
    constexpr Cause causes[] = {Cause::instruction_access_fault, Cause::load_access_fault, Cause::store_access_fault};
    return {causes[static_cast<int>(access)], va};
}

/// Of a load or a store.
constexpr Fault misaligned_address(Access access, std::uint64_t va) {
    return {access == Access::load ? Cause::load_address_misaligned : Cause::store_address_misaligned, va};
}

template <class T>
class [[nodiscard]] Result {
public:
    constexpr Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    constexpr Result(Fault fault) : state_(std::in_place_index<1>, fault) {}

    constexpr bool ok() const { return state_.index() == 0; }
    constexpr explicit operator bool() const { return ok(); }

    /// Precondition: ok().
    constexpr const T& value() const { return *std::get_if<0>(&state_); }
    constexpr const T& operator*() const { return value(); }
    constexpr const T* operator->() const { return &value(); }
    /// Precondition: not ok().
    constexpr const Fault& fault() const { return *std::get_if<1>(&state_); }

private:
    std::variant<T, Fault> state_;
};

}  // namespace hartlab
