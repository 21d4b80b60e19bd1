// proc[] as rows, with the trapframe and the saved context of each process.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "inspect/interruption.hpp"
#include "inspect/row.hpp"
#include "inspect/state_view.hpp"

namespace hartlab::inspect {

struct ProcessRow {
    std::int32_t slot;
    std::int32_t pid;
    std::int32_t parent;  // pid; 0 for none, -1 when the pointer is none into proc[]
    std::int32_t code;    // ProcState
    char state[8];
    char name[16];
    std::uint64_t sz;
    std::uint64_t pages;   // user pages present: leaves below TRAPFRAME, in 4 KiB pages
    std::uint64_t tables;  // pages of its page table
    std::uint64_t pagetable;
    std::uint64_t trapframe;
    std::uint64_t kstack;
    std::uint64_t chan;
    std::uint64_t deadline;  // tick at which sleep ends
    std::uint64_t done;      // bytes that the blocked call has moved
    std::uint64_t born;      // instruction counter when it was made
    std::int32_t xstate;
    std::int32_t restart;  // number of the system call that it waits in; 0 for none
    char waits_in[8];      // its name
    std::int32_t asid;
    bool killed;
    bool current;  // on the hart

    static constexpr std::string_view NAME = "processes";
    static Fields fields();
};

/// A row for each slot in use, or for every slot.
std::vector<ProcessRow> processes(const KernelView& kernel, bool unused = false, Poll poll = nullptr);

struct TrapframeRow {
    std::int32_t slot, pid;
    std::uint64_t pa;
    Trapframe words;

    static constexpr std::string_view NAME = "trapframe";
    static Fields fields();
};

/// Nothing when there is no such process, or its trapframe pointer leads out of RAM.
std::optional<TrapframeRow> trapframe(const KernelView& kernel, std::int32_t pid);

struct ContextRow {
    std::int32_t slot, pid;
    std::uint64_t ra, sp;
    std::uint64_t s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11;

    static constexpr std::string_view NAME = "contexts";
    static Fields fields();
};

std::vector<ContextRow> contexts(const KernelView& kernel);

}  // namespace hartlab::inspect
