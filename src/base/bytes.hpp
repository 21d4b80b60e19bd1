// Values as bytes that mean the same on every host: little-endian, without padding, containers behind their length.
//
// A struct says once what it consists of, for both directions: a function `fields(archive, value)` beside whoever saves it, or
// for a class with private members a method `fields(archive)`, passes every member to the archive.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "base/address.hpp"

namespace hartlab {

/// Bytes that are not what they should be: from a file, say, which may hold anything.
class BadBytes : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

inline void require(bool condition, const char* what) {
    if (!condition) throw BadBytes(what);
}

template <class T>
concept Scalar = std::integral<T> || std::is_enum_v<T>;

template <class Archive, class T>
void member_or_free_fields(Archive& archive, T& value) {
    if constexpr (requires { value.fields(archive); }) {
        value.fields(archive);
    } else {
        fields(archive, value);
    }
}

class ByteWriter {
public:
    template <class... T>
    void operator()(T&... values) {
        (put(values), ...);
    }
    void raw(const std::uint8_t* bytes, std::size_t size) { bytes_.append(reinterpret_cast<const char*>(bytes), size); }
    const std::string& bytes() const { return bytes_; }

private:
    template <Scalar T>
    void put(T value) {
        auto rest = static_cast<std::uint64_t>(value);
        for (std::size_t i = 0; i < sizeof value; ++i, rest >>= 8) bytes_.push_back(static_cast<char>(rest & 0xff));
    }
    template <class Tag>
    void put(Address<Tag>& address) {
        put(address.value);
    }
    template <class Tag>
    void put(PageNumber<Tag>& number) {
        put(number.value);
    }
    void put(std::string& text) {
        put(std::uint64_t{text.size()});
        bytes_ += text;
    }
    template <class T>
    void put(std::optional<T>& value) {
        put(value.has_value());
        if (value) put(*value);
    }
    template <class T, std::size_t N>
    void put(std::array<T, N>& values) {
        for (T& value : values) put(value);
    }
    template <class T>
    void put(std::vector<T>& values) {
        put(std::uint64_t{values.size()});
        for (T& value : values) put(value);
    }
    template <class T>
        requires std::is_class_v<T>
    void put(T& value) {
        member_or_free_fields(*this, value);
    }

    std::string bytes_;
};

/// Reads what a ByteWriter has written. Throws BadBytes where the bytes end too early, and keeps no more memory than a fixed
/// multiple of them. What the values may be is for the caller to check.
class ByteReader {
public:
    ByteReader(const std::uint8_t* bytes, std::size_t size) : next_(bytes), left_(size) {}

    template <class... T>
    void operator()(T&... values) {
        (take(values), ...);
    }
    /// The next `size` bytes, which stay where they are.
    const std::uint8_t* raw(std::uint64_t size) {
        require(size <= left_, "the data end too early");
        const std::uint8_t* const here = next_;
        next_ += size;
        left_ -= size;
        return here;
    }
    std::size_t left() const { return left_; }

private:
    template <Scalar T>
    void take(T& value) {
        const std::uint8_t* const bytes = raw(sizeof value);
        std::uint64_t read = 0;
        for (std::size_t i = 0; i < sizeof value; ++i) read |= std::uint64_t{bytes[i]} << (8 * i);
        if constexpr (std::same_as<T, bool>) require(read <= 1, "a truth value is neither 0 nor 1");
        value = static_cast<T>(read);
    }
    template <class Tag>
    void take(Address<Tag>& address) {
        take(address.value);
    }
    template <class Tag>
    void take(PageNumber<Tag>& number) {
        take(number.value);
    }
    void take(std::string& text) {
        const std::uint64_t size = length();
        text.assign(reinterpret_cast<const char*>(raw(size)), size);
    }
    template <class T>
    void take(std::optional<T>& value) {
        bool there = false;
        take(there);
        value.reset();
        if (there) take(value.emplace());
    }
    template <class T, std::size_t N>
    void take(std::array<T, N>& values) {
        for (T& value : values) take(value);
    }
    template <class T>
    void take(std::vector<T>& values) {
        values.assign(length(), T());
        for (T& value : values) take(value);
    }
    template <class T>
        requires std::is_class_v<T>
    void take(T& value) {
        member_or_free_fields(*this, value);
    }
    /// Of a container, each element of which takes a byte at least.
    std::uint64_t length() {
        std::uint64_t size = 0;
        take(size);
        require(size <= left_, "the data end too early");
        return size;
    }

    const std::uint8_t* next_;
    std::size_t left_;
};

}  // namespace hartlab
