// The only place that builds NumPy arrays over engine memory or from the engine's rows.
//
// view(): no copy, read-only, and it keeps what it looks at alive. table(): a copy of the state, the caller's own, writable.
// A table's dtype is made from the row's field list; text becomes NumPy's str, so that `t["state"] == "RUNNING"` works.
#pragma once

#include <pybind11/numpy.h>

#include <memory>
#include <vector>

#include "inspect/row.hpp"
#include "memory/ram.hpp"

namespace hartlab::bindings {

/// All of RAM as uint8. The array holds a share of `ram`, so RAM outlives the machine while a view does.
pybind11::array view(const std::shared_ptr<Ram>& ram);

/// The dtype of a table of such rows, as Python sees it.
pybind11::dtype table_dtype(const inspect::RowType& type);

/// Rows of `type`, copied field by field with text widened.
pybind11::array copied_table(const inspect::RowType& type, const void* rows, std::size_t count);

bool has_text(const inspect::RowType& type);

/// The rows as a structured array. Rows without text are moved, not copied.
template <inspect::IsRow Row, class Allocator>
pybind11::array table(std::vector<Row, Allocator> rows) {
    using Shape = std::vector<pybind11::ssize_t>;
    static const inspect::RowType type = inspect::row_type<Row>();
    if (has_text(type)) return copied_table(type, rows.data(), rows.size());
    auto* kept = new std::vector<Row, Allocator>(std::move(rows));
    const pybind11::capsule owner(kept, [](void* p) { delete static_cast<std::vector<Row, Allocator>*>(p); });
    return pybind11::array(table_dtype(type), Shape{static_cast<pybind11::ssize_t>(kept->size())}, Shape{},
                           kept->data(), owner);
}

}  // namespace hartlab::bindings
