// The vector that tables of a row for each page are made in: a std::vector whose memory, when it is large, is asked for in
// huge pages. Taking 64 MiB from the host in pages of 4 KiB costs more than filling them with a million rows.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include "memory/host_memory.hpp"

namespace hartlab::inspect {

template <class Row>
struct RowAllocator {
    using value_type = Row;

    RowAllocator() = default;
    template <class Other>
    RowAllocator(const RowAllocator<Other>&) {}

    Row* allocate(std::size_t count) {
        const std::size_t bytes = count * sizeof(Row);
        if (bytes < LARGE) return static_cast<Row*>(::operator new(bytes));
        return static_cast<Row*>(host::allocate_table(bytes));
    }
    void deallocate(Row* rows, std::size_t count) {
        if (count * sizeof(Row) < LARGE)
            ::operator delete(rows);
        else
            host::free_table(rows);
    }
    template <class Other>
    bool operator==(const RowAllocator<Other>&) const {
        return true;
    }

private:
    static constexpr std::size_t LARGE = std::size_t{4} << 20;
};

template <class Row>
using Rows = std::vector<Row, RowAllocator<Row>>;

}  // namespace hartlab::inspect
