#include "inspect/board_rows.hpp"

namespace hartlab::inspect {

Fields TurnRow::fields() {
    return {field("hart", &TurnRow::hart, "whose turn it is"),
            field("instructions", &TurnRow::instructions, "how long the turn is, executed or waited")};
}

Fields TypedRow::fields() {
    return {field("instructions", &TypedRow::instructions, "instructions retired when it was typed, of all harts"),
            field("byte", &TypedRow::byte, "what was typed")};
}

std::vector<TurnRow> turn_rows(const std::vector<HartTurn>& turns) {
    std::vector<TurnRow> rows;
    rows.reserve(turns.size());
    for (const HartTurn& turn : turns) {
        TurnRow row{};
        row.hart = turn.hart;
        row.instructions = turn.instructions;
        rows.push_back(row);
    }
    return rows;
}

std::vector<TypedRow> typed_rows(const ConsoleLog& console) {
    std::vector<TypedRow> rows;
    for (const ConsoleLog::Typed& typed : console.typed()) {
        TypedRow row{};
        row.instructions = typed.instructions;
        row.byte = static_cast<std::uint8_t>(typed.byte);
        rows.push_back(row);
    }
    return rows;
}

}  // namespace hartlab::inspect
