// The audit: everything about the kernel's memory that must hold between two system calls, and whatever does not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/interruption.hpp"
#include "inspect/row.hpp"
#include "inspect/state_view.hpp"

namespace hartlab::inspect {

enum class ViolationKind : std::int32_t {
    two_places,       // a frame has two owners
    lost_frame,       // a frame has none
    free_list,        // a cycle, or a pointer to what is no free page
    free_junk,        // a free page is not filled with 1: somebody wrote to it after kfree
    free_count,       // kmem.free_pages is not the length of the list
    reference_count,  // differs from the number of mappings
    user_reaches,     // a user mapping reaches a frame that is not a user's
    broken_entry,     // a page-table entry that the MMU refuses
    trapframe,        // not mapped where it must be, or with other flags
    trampoline,       // likewise
    beyond_size,      // a user page mapped beyond sz and in no area
    process,          // a pointer or a state in struct proc that cannot be
    file,             // an open file whose count is not the number of its descriptors
    area,             // the list of areas does not make sense, or an area's page is missing
    tlb_stale,        // a TLB entry disagrees with the page table
    cut_short,        // more than this report has room for
};
inline constexpr int VIOLATION_KINDS = 16;

/// A note is worth knowing and no violation by itself: a TLB entry that awaits its fence and leads to no foreign frame.
enum class Severity : std::int32_t { error, note };

struct ViolationRow {
    char kind[16];
    char severity[8];
    std::int32_t code;  // ViolationKind
    std::int32_t pid;   // the process concerned; 0: the kernel, -1: none
    std::uint64_t pa;
    std::uint64_t va;
    std::uint64_t other;  // another address or number that the message speaks of
    char message[200];

    static constexpr std::string_view NAME = "violations";
    static Fields fields();
};

struct Violation {
    ViolationKind kind{};
    Severity severity = Severity::error;
    std::uint64_t pa = 0, va = 0;
    std::int32_t pid = -1;
    std::uint64_t other = 0;
    std::string message;  // a sentence with the addresses
};

struct AuditOptions {
    bool junk = true;  // read every free page
    bool tlb = true;
    std::size_t limit = 1000;
};

std::string_view violation_name(ViolationKind kind);
std::string_view severity_name(Severity severity);

/// Every violation, errors before notes. Empty: all is well. Throws Interrupted.
std::vector<Violation> audit(const KernelView& kernel, const AuditOptions& options = {}, Poll poll = nullptr);
std::vector<ViolationRow> violation_rows(const std::vector<Violation>& violations);

}  // namespace hartlab::inspect
