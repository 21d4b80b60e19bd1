// C functions for the kernel, compiled and linked: what a unit of them is, and the performer that stands in the seam table.
// A unit is a value that kernels share; each kernel has a copy of its bytes in its own region (kernel/c_hart.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "kernel/seam.hpp"

namespace hartlab {

struct CUnit {
    std::uint64_t number = 0;  // by which the host finds its ELF file: names and source lines
    PhysAddr text, data;       // where they are linked to, page-aligned, within SEAM_TEXT and SEAM_DATA
    std::vector<std::uint8_t> text_bytes, data_bytes;       // data_bytes include what C sets to zero
    std::array<PhysAddr, FUNCTIONS> entries{};              // of the functions that it performs; 0 for the others
    std::uint64_t max_instructions = DEFAULT_INSTRUCTIONS;  // of an outermost call

    static constexpr std::uint64_t DEFAULT_INSTRUCTIONS = 100'000'000;
};

class CPerformer final : public Performer {
public:
    explicit CPerformer(std::shared_ptr<const CUnit> unit) : unit_(std::move(unit)) {}
    std::uint64_t call(Kernel& kernel, FunctionId id, std::span<const std::uint64_t> words) override;
    const std::shared_ptr<const CUnit>& unit() const { return unit_; }

private:
    std::shared_ptr<const CUnit> unit_;
};

/// The units that perform a function.
std::set<std::shared_ptr<const CUnit>> c_units(const Seams& seams);

}  // namespace hartlab
