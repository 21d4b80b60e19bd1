// What changed between two states, live or saved: frames, PTEs, registers, processes and the free list, as tables.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inspect/interruption.hpp"
#include "inspect/row.hpp"
#include "inspect/state_view.hpp"

namespace hartlab::inspect {

struct FrameChangeRow {
    std::uint64_t pa;
    std::uint64_t bytes_changed;
    std::int32_t first, last;  // offsets of the first and the last byte that differ; -1 when only the owner does
    char owner_before[16], owner_after[16];  // empty for a bare machine
    std::int32_t pid_before, pid_after;

    static constexpr std::string_view NAME = "changed frames";
    static Fields fields();
};

struct PteChangeRow {
    std::int32_t pid;  // 0: the kernel's page table, or a bare machine's
    std::int32_t level;
    std::uint64_t va;
    std::uint64_t before, after;  // the leaf; 0 for none
    char change[12];              // "mapped", "unmapped", "moved" (another frame), "flags"

    static constexpr std::string_view NAME = "changed PTEs";
    static Fields fields();
};

struct RegisterChangeRow {
    char name[16];
    std::uint64_t before, after;

    static constexpr std::string_view NAME = "changed registers";
    static Fields fields();
};

struct ProcessChangeRow {
    std::int32_t pid, slot;
    char column[16];  // a field of the process table; "exists" for a process that came or went
    std::uint64_t before, after;
    char text_before[16], text_after[16];  // of a field of text

    static constexpr std::string_view NAME = "changed processes";
    static Fields fields();
};

struct FreeListChangeRow {
    std::uint64_t pa;
    char change[12];      // "added", "removed"
    std::uint64_t index;  // its place in the list that has it

    static constexpr std::string_view NAME = "changed free list";
    static Fields fields();
};

struct Difference {
    std::vector<FrameChangeRow> frames;
    std::vector<PteChangeRow> ptes;
    std::vector<RegisterChangeRow> registers;
    std::vector<ProcessChangeRow> processes;
    std::vector<FreeListChangeRow> free_list;
    std::uint64_t free_before = 0, free_after = 0;  // length of the free list
};

struct DiffOptions {
    bool frames = true, ptes = true, registers = true, processes = true, free_list = true;
    bool kernel_ptes = true;  // of the kernel's own page table
};

/// Both views must be of RAM of one size: std::invalid_argument otherwise. Throws Interrupted.
Difference diff(const KernelView& before, const KernelView& after, const DiffOptions& options = {},
                Poll poll = nullptr);
/// Frames, registers, and the leaves of the page table that satp names.
Difference diff(const MachineView& before, const MachineView& after, const DiffOptions& options = {},
                Poll poll = nullptr);

/// A few sentences: what a reader would want to know first. Empty when nothing differs.
std::vector<std::string> in_words(const Difference& difference);

}  // namespace hartlab::inspect
