// The vector that tables of a row for each page are made in: a std::vector whose memory, when it is large, is asked for in
// huge pages. Taking 64 MiB from the host in pages of 4 KiB costs more than filling them with a million rows.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

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
        const std::size_t whole = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
        void* memory = std::aligned_alloc(HUGE_PAGE, whole);
        if (!memory) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
        madvise(memory, whole, MADV_HUGEPAGE);  // a wish: nothing depends on its being granted
#endif
        return static_cast<Row*>(memory);
    }
    void deallocate(Row* rows, std::size_t count) {
        if (count * sizeof(Row) < LARGE)
            ::operator delete(rows);
        else
            std::free(rows);
    }
    template <class Other>
    bool operator==(const RowAllocator<Other>&) const {
        return true;
    }

private:
    static constexpr std::size_t HUGE_PAGE = std::size_t{2} << 20;
    static constexpr std::size_t LARGE = 2 * HUGE_PAGE;
};

template <class Row>
using Rows = std::vector<Row, RowAllocator<Row>>;

}  // namespace hartlab::inspect
