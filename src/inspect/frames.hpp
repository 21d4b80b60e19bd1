// The census: who owns each frame of RAM, found by a walk over the machine (proc[], page tables, free list, file table),
// never from a list kept on the side.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "inspect/free_list.hpp"
#include "inspect/interruption.hpp"
#include "inspect/page_table.hpp"
#include "inspect/row.hpp"
#include "inspect/rows.hpp"
#include "inspect/state_view.hpp"

namespace hartlab::inspect {

enum class Owner : std::int32_t {
    lost,  // nobody's: neither free nor reached from anywhere
    free,
    page_table,
    user,
    trapframe,
    kernel_stack,
    pipe,
    buffer,        // a page that exec holds an argument in
    kernel_image,  // below end()
    unmanaged,     // kinit has not run
};
inline constexpr int OWNERS = 10;

std::string_view owner_name(Owner owner);

struct FrameRow {
    std::uint64_t pa;
    std::uint64_t va;        // where its first owner has it mapped, or a table's first address; 0 for none
    std::uint64_t mappings;  // leaves of user page tables below TRAPFRAME that map it
    char owner[16];
    std::int32_t code;             // an Owner
    std::int32_t pid;              // the first owner; 0 for the kernel, -1 for none
    std::int32_t reference_count;  // as it stands in RAM (kept with fork="cow")
    std::int32_t level;            // of a page table; -1 otherwise
    bool writable;                 // a user's leaf has W set
    bool two_places;               // claimed twice, in a way that cannot be right

    static constexpr std::string_view NAME = "frames";
    static Fields fields();
};

/// Two claims on one frame that exclude each other.
struct Conflict {
    std::uint64_t pa;
    Owner first, second;
    std::int32_t first_pid, second_pid;
    std::uint64_t first_va, second_va;
};

/// What the census found wrong with an entry of a process's page table.
enum class EntryFinding : std::uint8_t {
    refused,      // the MMU would not follow it (an EntryProblem)
    outside_ram,  // a leaf that maps what is not RAM
    above_maxva,  // a leaf where no process may have one
    beyond_size,  // a leaf beyond sz and in no area
};

struct EntryReport {
    EntryFinding finding{};
    EntryProblem problem{};
    std::int32_t pid = 0;  // 0: the kernel's page table
    std::uint64_t va = 0, pte = 0, pte_address = 0;
};

/// The frames, and what was found wrong on the way.
struct Census {
    Rows<FrameRow> frames;            // one for each frame of RAM, in order
    std::vector<Conflict> conflicts;  // at most MAX_FINDINGS of each
    std::vector<EntryReport> entries;
    FreeListRow free_list_end{};  // its verdict says where the list breaks, if it does; index is the list's length
    bool cut_short = false;       // there were more findings, or hostile superpages, than are listed

    static constexpr std::size_t MAX_FINDINGS = 10'000;
};

Census take_census(const KernelView& kernel, Poll poll = nullptr);
Rows<FrameRow> frames(const KernelView& kernel, Poll poll = nullptr);

}  // namespace hartlab::inspect
