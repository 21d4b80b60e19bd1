#include "bindings/views.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace py = pybind11;

namespace hartlab::bindings {

using inspect::Field;
using inspect::RowType;

py::array view(const std::shared_ptr<Ram>& ram) {
    auto* share = new std::shared_ptr<Ram>(ram);
    const py::capsule owner(share, [](void* p) { delete static_cast<std::shared_ptr<Ram>*>(p); });
    py::array_t<std::uint8_t> array({static_cast<py::ssize_t>(ram->size())}, {1}, ram->data(), owner);
    array.attr("setflags")(py::arg("write") = false);
    return array;
}

bool has_text(const RowType& type) {
    return std::any_of(type.fields.begin(), type.fields.end(), [](const Field& f) { return f.kind == 'S'; });
}

namespace {

constexpr std::size_t CODE_POINT = 4;  // NumPy keeps str as UCS-4

/// Where each field of `type` stands in an array with text widened: packed, so that no byte is left uninitialised.
struct Layout {
    std::vector<std::size_t> offsets;
    std::size_t itemsize = 0;

    explicit Layout(const RowType& type) {
        if (!has_text(type)) {
            for (const Field& f : type.fields) offsets.push_back(f.offset);
            itemsize = type.itemsize;
            return;
        }
        for (const Field& f : type.fields) {
            offsets.push_back(itemsize);
            itemsize += f.kind == 'S' ? f.size * CODE_POINT : f.size;
        }
    }
};

void widen(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
    const std::size_t length = strnlen(reinterpret_cast<const char*>(from), size);
    for (std::size_t i = 0; i < length; ++i) {
        const std::uint32_t code_point = from[i];
        std::memcpy(to + i * CODE_POINT, &code_point, CODE_POINT);
    }
    std::memset(to + length * CODE_POINT, 0, (size - length) * CODE_POINT);
}

/// Bytes to carry from a row to its place in the array: fields that are neighbours in both travel together.
struct Piece {
    std::size_t from, to, size;
    bool text;
};

std::vector<Piece> pieces_of(const RowType& type, const Layout& layout) {
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
        const Field& field = type.fields[i];
        const bool text = field.kind == 'S';
        if (!text && !pieces.empty()) {
            Piece& last = pieces.back();
            if (!last.text && last.from + last.size == field.offset && last.to + last.size == layout.offsets[i]) {
                last.size += field.size;
                continue;
            }
        }
        pieces.push_back({field.offset, layout.offsets[i], field.size, text});
    }
    return pieces;
}

}  // namespace

py::dtype table_dtype(const RowType& type) {
    const Layout layout(type);
    py::list names, formats, offsets;
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
        const Field& field = type.fields[i];
        names.append(field.name);
        formats.append(field.kind == 'S' ? "<U" + std::to_string(field.size) : field.format());
        offsets.append(layout.offsets[i]);
    }
    return {names, formats, offsets, static_cast<py::ssize_t>(layout.itemsize)};
}

py::array copied_table(const RowType& type, const void* rows, std::size_t count) {
    const Layout layout(type);
    const std::vector<Piece> pieces = pieces_of(type, layout);
    py::array array(table_dtype(type), std::vector<py::ssize_t>{static_cast<py::ssize_t>(count)});
    auto* to = static_cast<std::uint8_t*>(array.mutable_data());
    const auto* from = static_cast<const std::uint8_t*>(rows);
    for (std::size_t row = 0; row < count; ++row, to += layout.itemsize, from += type.itemsize) {
        for (const Piece& piece : pieces) {
            const std::uint8_t* source = from + piece.from;
            std::uint8_t* target = to + piece.to;
            if (!piece.text) {
                std::memcpy(target, source, piece.size);
            } else if (row > 0 && std::memcmp(source, source - type.itemsize, piece.size) == 0) {
                std::memcpy(target, target - layout.itemsize, piece.size * CODE_POINT);  // often the same again
            } else {
                widen(target, source, piece.size);
            }
        }
    }
    return array;
}

}  // namespace hartlab::bindings
