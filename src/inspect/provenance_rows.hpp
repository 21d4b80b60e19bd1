// Who allocated, mapped and freed each frame last, as rows.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "inspect/row.hpp"
#include "kernel/provenance.hpp"

namespace hartlab::inspect {

struct DeedColumns {
    bool happened;
    std::int32_t pid;
    std::uint64_t time, cause, syscall, epc;
    char what[16];  // the system call's name; "fault", "interrupt"; "kernel" for no process

    static Fields fields();
};

struct ProvenanceRow {
    std::uint64_t pa;
    std::uint64_t mapped_va;
    DeedColumns allocated, mapped, freed;

    static constexpr std::string_view NAME = "provenance";
    static Fields fields();
};

/// A row for each frame that anything happened to.
std::vector<ProvenanceRow> provenance(const Provenance& record, PhysAddr base);

}  // namespace hartlab::inspect
