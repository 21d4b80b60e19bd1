// Typed access to a struct that lies in simulated RAM: `p[&Proc::sz]` reads and assigns the field in place, so that the
// kernel's code reads as C does, while every write still goes through Kernel's one checked door.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/address.hpp"

namespace hartlab {

class Kernel;

/// A field in RAM. Reads as T, assigns as T. An address outside RAM is a kernel fault (KernelPanic), as it would be in C.
template <class T>
class RamField {
public:
    RamField(Kernel& kernel, PhysAddr pa) : kernel_(&kernel), pa_(pa) {}
    operator T() const { return get(); }
    T get() const;
    const RamField& operator=(T value) const;
    const RamField& operator=(const RamField& other) const { return *this = other.get(); }
    RamField(const RamField&) = default;
    /// These wrap around: what stands in RAM may be any number, the largest included.
    const RamField& operator+=(T n) const { return *this = static_cast<T>(bits(get()) + bits(n)); }
    const RamField& operator-=(T n) const { return *this = static_cast<T>(bits(get()) - bits(n)); }
    PhysAddr address() const { return pa_; }

private:
    static constexpr auto bits(T value) { return static_cast<std::make_unsigned_t<T>>(value); }

    Kernel* kernel_;
    PhysAddr pa_;
};

template <class Struct>
class RamStruct {
public:
    RamStruct(Kernel& kernel, PhysAddr pa) : kernel_(&kernel), pa_(pa) {}

    PhysAddr address() const { return pa_; }
    explicit operator bool() const { return static_cast<bool>(pa_); }
    friend bool operator==(const RamStruct& a, const RamStruct& b) { return a.pa_ == b.pa_; }

    template <class Member>
    static std::uint64_t offset(Member Struct::* member) {
        alignas(Struct) static const std::byte storage[sizeof(Struct)] = {};
        const auto* probe = reinterpret_cast<const Struct*>(storage);
        return static_cast<std::uint64_t>(reinterpret_cast<const std::byte*>(&(probe->*member)) - storage);
    }

    /// A number: `p[&Proc::sz]`.
    template <class Member>
        requires std::is_arithmetic_v<Member> || std::is_enum_v<Member>
    RamField<Member> operator[](Member Struct::* member) const {
        return {*kernel_, pa_ + offset(member)};
    }
    /// A struct inside: `p[&Proc::lock][&Spinlock::locked]`.
    template <class Member>
        requires std::is_class_v<Member>
    RamStruct<Member> operator[](Member Struct::* member) const {
        return {*kernel_, pa_ + offset(member)};
    }
    /// An element of an array: `p(&Proc::ofile, fd)`.
    template <class Element, std::size_t N>
        requires std::is_arithmetic_v<Element>
    RamField<Element> operator()(Element (Struct::*member)[N], std::size_t index) const {
        return {*kernel_, pa_ + offset(member) + index * sizeof(Element)};
    }
    template <class Element, std::size_t N>
        requires std::is_class_v<Element>
    RamStruct<Element> operator()(Element (Struct::*member)[N], std::size_t index) const {
        return {*kernel_, pa_ + offset(member) + index * sizeof(Element)};
    }
    /// Where a member is, for code that passes its address on.
    template <class Member>
    PhysAddr address_of(Member Struct::* member) const {
        return pa_ + offset(member);
    }

private:
    Kernel* kernel_;
    PhysAddr pa_;
};

}  // namespace hartlab
