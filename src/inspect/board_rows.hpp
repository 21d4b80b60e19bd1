// What decides, beside the state it begins in, what a board does: the turns of its harts and what was typed.
#pragma once

#include <cstdint>
#include <vector>

#include "base/console_log.hpp"
#include "inspect/row.hpp"
#include "machine/schedule.hpp"

namespace hartlab::inspect {

struct TurnRow {
    std::int32_t hart;
    std::uint64_t instructions;  // that it may execute or wait

    static constexpr std::string_view NAME = "turns of harts";
    static Fields fields();
};

struct TypedRow {
    std::uint64_t instructions;  // retired when it was typed
    std::uint8_t byte;

    static constexpr std::string_view NAME = "console input";
    static Fields fields();
};

std::vector<TurnRow> turn_rows(const std::vector<HartTurn>& turns);
std::vector<TypedRow> typed_rows(const ConsoleLog& console);

}  // namespace hartlab::inspect
