// The trampoline: the page that every address space maps at TRAMPOLINE, so that code can go on running while satp changes.
//
// The model does not execute it on each trap: usertrap and usertrapret (trap.cpp) have the same effect on registers, RAM,
// satp and TLB. It is there to be read, and it works: what the model does is what this code would do.
#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "hart/isa/assembler.hpp"
#include "kernel/kernel_text.hpp"
#include "kernel/memlayout.hpp"

namespace hartlab {

namespace {

/// Registers x1 to x31 in the order of the trapframe's words, whose first is at FIRST_REGISTER.
constexpr std::array<std::string_view, 31> REGISTERS = {
    "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0",  "a1",  "a2", "a3", "a4", "a5", "a6",
    "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
constexpr std::size_t FIRST_REGISTER = offsetof(Trapframe, ra);
static_assert(FIRST_REGISTER + REGISTERS.size() * sizeof(std::uint64_t) == sizeof(Trapframe));

/// `operation` (ld or sd) on a word of the trapframe, whose address is in a0.
std::string at_a0(std::string_view operation, std::string_view reg, std::size_t offset) {
    return std::string(operation) + " " + std::string(reg) + ", " + std::to_string(offset) + "(a0)\n";
}

/// The same on the word of every register but a0.
std::string each_register_but_a0(std::string_view operation) {
    std::string text;
    for (std::size_t i = 0; i < REGISTERS.size(); ++i) {
        if (REGISTERS[i] == "a0") continue;
        text += at_a0(operation, REGISTERS[i], FIRST_REGISTER + i * sizeof(std::uint64_t));
    }
    return text;
}

/// All accesses before the first fence are to the old address space, all after the second to the new one.
std::string switch_satp(std::string_view satp) {
    return "sfence.vma\ncsrw satp, " + std::string(satp) + "\nsfence.vma\n";
}

const std::string TRAPFRAME_TO_A0 = "li a0, " + std::to_string(TRAPFRAME) + "\n";

/// stvec points here while a user program runs: in S-mode, with the user's page table and all of the user's registers.
std::string uservec() {
    std::string text = "csrw sscratch, a0\n";  // one register is needed to reach the trapframe with
    text += TRAPFRAME_TO_A0;
    text += each_register_but_a0("sd");
    text += "csrr t0, sscratch\n";
    text += at_a0("sd", "t0", offsetof(Trapframe, a0));
    text += at_a0("ld", "sp", offsetof(Trapframe, kernel_sp));
    text += at_a0("ld", "tp", offsetof(Trapframe, kernel_hartid));
    text += at_a0("ld", "t0", offsetof(Trapframe, kernel_trap));
    text += at_a0("ld", "t1", offsetof(Trapframe, kernel_satp));
    text += switch_satp("t1");  // from here on the trapframe cannot be reached by its user address
    text += "jr t0\n";
    return text;
}

/// The way back, with the user's satp in a0; sepc and sstatus are set already.
std::string userret() {
    std::string text = switch_satp("a0");
    text += TRAPFRAME_TO_A0;
    text += each_register_but_a0("ld");
    text += at_a0("ld", "a0", offsetof(Trapframe, a0));
    text += "sret\n";
    return text;
}

void place(std::vector<std::uint8_t>& page, std::uint64_t offset, const std::string& source) {
    const Assembled code = assemble(source, TRAMPOLINE + offset);
    if (!code.error.empty()) throw std::logic_error("trampoline: " + code.error);
    if (page.size() > offset) throw std::logic_error("trampoline: uservec reaches into userret");
    page.resize(offset);
    page.insert(page.end(), code.bytes.begin(), code.bytes.end());
}

}  // namespace

std::vector<std::uint8_t> trampoline_code() {
    std::vector<std::uint8_t> page;
    place(page, kernel_text::USERVEC, uservec());
    place(page, kernel_text::USERRET, userret());
    return page;
}

}  // namespace hartlab
