// The parts of the ELF64 format that exec reads [System V ABI, chapters 4 and 5]. Just the layout; the checks are exec.cpp's.
#pragma once

#include <array>
#include <cstdint>

namespace hartlab::elf {

inline constexpr std::array<std::uint8_t, 4> MAGIC = {0x7f, 'E', 'L', 'F'};
inline constexpr std::uint8_t CLASS64 = 2;  // ident[4]
inline constexpr std::uint8_t LSB = 1;      // ident[5]
inline constexpr std::uint16_t MACHINE_RISCV = 243;
inline constexpr std::uint16_t TYPE_EXEC = 2;
inline constexpr std::uint32_t LOAD = 1;  // type of a segment that goes into memory
inline constexpr std::uint32_t FLAG_X = 1, FLAG_W = 2, FLAG_R = 4;

struct Header {
    std::array<std::uint8_t, 16> ident;  // magic, class, data encoding, version ...
    std::uint16_t type;
    std::uint16_t machine;
    std::uint32_t version;
    std::uint64_t entry;
    std::uint64_t phoff;  // where the program headers are in the file
    std::uint64_t shoff;
    std::uint32_t flags;
    std::uint16_t ehsize;
    std::uint16_t phentsize;
    std::uint16_t phnum;
    std::uint16_t shentsize;
    std::uint16_t shnum;
    std::uint16_t shstrndx;
};
static_assert(sizeof(Header) == 64);

struct ProgramHeader {
    std::uint32_t type;
    std::uint32_t flags;
    std::uint64_t offset;  // of the segment in the file
    std::uint64_t vaddr;
    std::uint64_t paddr;
    std::uint64_t filesz;
    std::uint64_t memsz;  // what filesz lacks is zeros
    std::uint64_t align;
};
static_assert(sizeof(ProgramHeader) == 56);

}  // namespace hartlab::elf
