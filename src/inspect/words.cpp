#include "inspect/words.hpp"

#include <charconv>
#include <iterator>

#include "mmu/pte.hpp"

namespace hartlab::inspect {
namespace {

/// The text at `index` of a table, or `otherwise` beyond its end.
template <std::size_t N>
std::string_view pick(const std::string_view (&table)[N], std::uint64_t index, std::string_view otherwise) {
    return index < N ? table[index] : otherwise;
}

}  // namespace

std::string_view walk_end_words(WalkEnd end) {
    static constexpr std::string_view WORDS[] = {
        "translated",
        "not canonical: bits 63-39 differ from bit 38",
        "the table is outside of memory",
        "V is 0: nothing is mapped here",
        "reserved encoding: W without R, or reserved bits",
        "a pointer with A, D or U set",
        "a pointer at level 0, where only leaves may be",
        "misaligned superpage",
        "U is 0: not for user mode",
        "U is 1: not for supervisor mode",
        "R, W or X is missing for this access",
        "A or D is 0, and the hart does not set them",
    };
    return pick(WORDS, static_cast<std::uint64_t>(end), "?");
}

std::string cause_words(std::uint64_t cause) {
    static constexpr std::string_view EXCEPTIONS[] = {
        "instruction address misaligned",
        "instruction access fault",
        "illegal instruction",
        "breakpoint",
        "load address misaligned",
        "load access fault",
        "store address misaligned",
        "store access fault",
        "ecall from U-mode",
        "ecall from S-mode",
        "",
        "ecall from M-mode",
        "instruction page fault",
        "load page fault",
        "",
        "store page fault",
    };
    static constexpr std::string_view INTERRUPTS[] = {
        "", "supervisor software interrupt", "", "machine software interrupt",    "", "supervisor timer interrupt",
        "", "machine timer interrupt",       "", "supervisor external interrupt", "", "machine external interrupt",
    };
    const bool interrupt = cause & CAUSE_INTERRUPT;
    const std::uint64_t code = cause & ~CAUSE_INTERRUPT;
    const std::string_view words = interrupt ? pick(INTERRUPTS, code, "") : pick(EXCEPTIONS, code, "");
    if (!words.empty()) return std::string(words);
    return (interrupt ? "interrupt " : "cause ") + std::to_string(code);
}

std::string_view access_name(Access access) {
    static constexpr std::string_view NAMES[] = {"fetch", "load", "store"};
    return pick(NAMES, static_cast<std::uint64_t>(access), "?");
}

std::string_view event_kind_name(EventKind kind) {
    static constexpr std::string_view NAMES[] = {"syscall",   "fault",     "interrupt",      "kalloc",
                                                 "kfree",     "pte_write", "context_switch", "tlb_fill",
                                                 "tlb_flush", "exec",      "process_exit"};
    return pick(NAMES, static_cast<std::uint64_t>(kind), "?");
}

std::string_view syscall_name(std::uint64_t number) {
    static constexpr std::string_view NAMES[] = {"",       "fork",  "exit",    "wait",  "pipe",   "read", "kill",
                                                 "exec",   "fstat", "chdir",   "dup",   "getpid", "sbrk", "sleep",
                                                 "uptime", "open",  "write",   "mknod", "unlink", "link", "mkdir",
                                                 "close",  "",      "myalloc", "myfree"};
    return pick(NAMES, number, "");
}

std::string_view proc_state_name(std::int32_t state) {
    static constexpr std::string_view NAMES[] = {"UNUSED", "USED", "SLEEPING", "RUNNABLE", "RUNNING", "ZOMBIE"};
    return pick(NAMES, static_cast<std::uint32_t>(state), "?");
}

std::string_view privilege_name(Privilege privilege) {
    static constexpr std::string_view NAMES[] = {"U", "S", "?", "M"};
    return pick(NAMES, static_cast<std::uint64_t>(privilege), "?");
}

std::string permission_string(std::uint64_t pte) {
    return {pte & PTE_R ? 'R' : '-', pte & PTE_W ? 'W' : '-', pte & PTE_X ? 'X' : '-', pte & PTE_U ? 'U' : '-'};
}

std::string flag_string(std::uint64_t pte) {
    std::string text = "VRWXUGAD";
    for (unsigned i = 0; i < text.size(); ++i) {
        if (!bit(pte, i)) text[i] = '-';
    }
    return bit(pte, 8) ? text + " c" : text;
}

std::string hex(std::uint64_t value) {
    char digits[16];
    const std::to_chars_result end = std::to_chars(std::begin(digits), std::end(digits), value, 16);
    return "0x" + std::string(digits, end.ptr);
}

}  // namespace hartlab::inspect
