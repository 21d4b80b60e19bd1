#include "hart/isa/text/mnemonics.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "hart/isa/text/operand_text.hpp"
#include "hart/isa/text/pseudo.hpp"

namespace hartlab {
namespace {

Op find_op(std::string_view name) {
    for (std::size_t row = 1; row < OP_COUNT; ++row)
        if (INSTRUCTION_TABLE[row].mnemonic == name) return static_cast<Op>(row);
    return Op::illegal;
}

bool has_ordering(Op op) {
    const Format format = instruction_info(op).format;
    return format == Format::atomic || format == Format::load_reserved;
}

// How many letters must be put in, left out, changed or swapped with a neighbour to make one word of the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            const bool same = a[i - 1] == b[j - 1];
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[a.size()][b.size()];
}

}  // namespace

Mnemonic find_mnemonic(std::string_view name) {
    Mnemonic found;
    found.op = find_op(name);
    if (found.op != Op::illegal) return found;
    for (const CompressedInfo& row : COMPRESSED_TABLE)
        if (row.mnemonic == name) found.compressed = &row;
    for (std::uint8_t ordering = 1; ordering < ORDERING_SUFFIXES.size(); ++ordering) {
        const std::string_view suffix = ORDERING_SUFFIXES[ordering];
        if (!name.ends_with(suffix)) continue;
        const Op op = find_op(name.substr(0, name.size() - suffix.size()));
        if (has_ordering(op)) found.op = op, found.ordering = ordering;
    }
    return found;
}

std::string near_mnemonics(std::string_view name) {
    if (name.size() < 2 || name.size() > 16) return {};
    std::vector<std::pair<std::size_t, std::string_view>> candidates;
    const auto consider = [&](std::string_view other) { candidates.emplace_back(edit_distance(name, other), other); };
    for (std::size_t row = 1; row < OP_COUNT; ++row) consider(INSTRUCTION_TABLE[row].mnemonic);
    for (const Pseudo& pseudo : pseudo_instructions()) consider(pseudo.mnemonic);
    for (const CompressedInfo& row : COMPRESSED_TABLE) consider(row.mnemonic);
    consider("li");
    std::sort(candidates.begin(), candidates.end());
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());

    const std::size_t farthest = name.size() <= 3 ? 1 : 2;
    std::string names;
    for (std::size_t i = 0; i < candidates.size() && i < 3 && candidates[i].first <= farthest; ++i) {
        if (!names.empty()) names += ", ";
        names += candidates[i].second;
    }
    return names;
}

}  // namespace hartlab
