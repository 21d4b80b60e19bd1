// Every row type of the library: for exporting the dtypes, and for the reference page that documents their fields.
#pragma once

#include <vector>

#include "inspect/row.hpp"

namespace hartlab::inspect {

std::vector<RowType> all_row_types();

}  // namespace hartlab::inspect
