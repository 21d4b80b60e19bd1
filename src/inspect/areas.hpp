// The areas of a process's address space. Of what lies below sz xv6 records nothing, so that is derived from the page table:
// runs of equal permissions are segments, the page without U is the guard, the stack lies above it, the heap above that.
// Above sz are those that myalloc made, as the process's own list has them.
#pragma once

#include <cstdint>
#include <vector>

#include "inspect/interruption.hpp"
#include "inspect/row.hpp"
#include "inspect/state_view.hpp"

namespace hartlab::inspect {

struct AreaRow {
    std::uint64_t start;
    std::uint64_t end;  // first address behind it
    std::uint64_t length;
    std::uint64_t present;  // pages that are mapped
    std::uint64_t absent;   // pages that are granted and not mapped yet
    char kind[16];          // text, rodata, data, program, guard, stack, heap, hole, vma, stray, trapframe, trampoline
    char perms[4];          // "R-XU"; a copy-on-write page counts as writable
    std::int32_t pid;

    static constexpr std::string_view NAME = "areas";
    static Fields fields();
};

/// By ascending address. Empty when there is no such process. `hole`: below sz and not mapped, other than in the heap;
/// `stray`: mapped beyond sz and in no VMA; `program`: R W X at once, as the older exec has it.
std::vector<AreaRow> areas(const KernelView& kernel, std::int32_t pid, Poll poll = nullptr);

}  // namespace hartlab::inspect
