// How a flat struct says what its fields are, so that the bindings can make a NumPy dtype of it without knowing it.
//
// A row is a standard-layout struct of numbers, bools and fixed-length text, with two static members: NAME, and
// fields(), a list with one field(...) a member and one nested(...) a struct inside. Addresses and counts are uint64,
// identifiers int32, flags one bool each beside the raw value. No pybind11 here.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace hartlab::inspect {

/// One column: NumPy's kind ('u', 'i', 'b' for bool, 'S' for zero-padded bytes) and its size in bytes.
struct Field {
    std::string name;
    std::size_t offset = 0;
    char kind = 0;
    std::size_t size = 0;
    std::string doc;

    /// As numpy.dtype() takes it, little-endian: "<u8", "<i4", "?", "S16".
    std::string format() const {
        if (kind == 'b') return "?";
        return (kind == 'S' ? "S"
                : size == 1 ? std::string("|") + kind
                            : std::string("<") + kind) +
               std::to_string(size);
    }
};

using Fields = std::vector<Field>;

struct RowType {
    std::string name;  // of the table, in one or two words
    std::size_t itemsize = 0;
    Fields fields;
};

template <class Row>
concept IsRow = std::is_standard_layout_v<Row> && std::is_trivially_copyable_v<Row> && requires {
    std::string_view(Row::NAME);
    { Row::fields() } -> std::same_as<Fields>;
};

namespace detail {

template <class Row, class Member>
std::size_t offset_of(Member Row::* member) {
    alignas(Row) static const std::byte storage[sizeof(Row)] = {};
    const auto* probe = reinterpret_cast<const Row*>(storage);
    return static_cast<std::size_t>(reinterpret_cast<const std::byte*>(&(probe->*member)) - storage);
}

template <class Member>
constexpr char kind_of() {
    if constexpr (std::is_same_v<Member, bool>)
        return 'b';
    else if constexpr (std::is_integral_v<Member>)
        return std::is_signed_v<Member> ? 'i' : 'u';
    else {
        static_assert(std::is_same_v<std::remove_extent_t<Member>, char>, "a field is a number, a bool or char[N]");
        return 'S';
    }
}

}  // namespace detail

template <class Row, class Member>
Field field(std::string name, Member Row::* member, std::string doc) {
    return {std::move(name), detail::offset_of(member), detail::kind_of<Member>(), sizeof(Member), std::move(doc)};
}

/// Appends the fields of a struct inside `Row`, their names behind `prefix`.
template <class Row, class Inner>
void append_nested(Fields& fields, Inner Row::* member, const Fields& inner, const std::string& prefix = "") {
    for (Field f : inner) {
        f.name = prefix + f.name;
        f.offset += detail::offset_of(member);
        fields.push_back(std::move(f));
    }
}

template <IsRow Row>
RowType row_type() {
    return {std::string(Row::NAME), sizeof(Row), Row::fields()};
}

/// Assigns text to a fixed-length field: cut to fit, padded with zero bytes (no zero byte when it fills the field).
template <std::size_t N>
void set_text(char (&to)[N], std::string_view text) {
    const std::size_t length = std::min(N, text.size());
    std::memcpy(to, text.data(), length);
    std::memset(to + length, 0, N - length);
}

/// The text of a fixed-length field, or of any array of chars that ends at its first zero byte.
template <std::size_t N>
std::string_view text_of(const char (&from)[N]) {
    return {from, static_cast<std::size_t>(std::find(from, from + N, '\0') - from)};
}

}  // namespace hartlab::inspect
