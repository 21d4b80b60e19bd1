#include "inspect/all_rows.hpp"

#include "inspect/areas.hpp"
#include "inspect/audit.hpp"
#include "inspect/board_rows.hpp"
#include "inspect/diff.hpp"
#include "inspect/exits.hpp"
#include "inspect/files.hpp"
#include "inspect/frames.hpp"
#include "inspect/free_list.hpp"
#include "inspect/page_table.hpp"
#include "inspect/processes.hpp"
#include "inspect/provenance_rows.hpp"
#include "inspect/registers.hpp"
#include "inspect/tlb_rows.hpp"
#include "inspect/trace.hpp"
#include "inspect/traps.hpp"

namespace hartlab::inspect {

namespace {

template <class... Rows>
std::vector<RowType> row_types() {
    return {row_type<Rows>()...};
}

}  // namespace

std::vector<RowType> all_row_types() {
    return row_types<PteRow, WalkRow, FrameRow, FreeListRow, ProcessRow, ExitRow, TrapframeRow, ContextRow, AreaRow,
                     FileRow, PipeRow, TlbRow, TlbCountsRow, StaleUseRow, RegisterRow, TraceRow, TrapRow, ProvenanceRow,
                     ViolationRow, FrameChangeRow, PteChangeRow, RegisterChangeRow, ProcessChangeRow, FreeListChangeRow,
                     TurnRow, TypedRow>();
}

}  // namespace hartlab::inspect
