// The two programs that the engine brings along: the first process's, and its own /init.
#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "hart/isa/assembler.hpp"
#include "kernel/elf.hpp"
#include "kernel/kernel_text.hpp"

namespace hartlab {

namespace {

/// An ELF file with one segment, R X at address 0, where it begins to run.
std::vector<std::uint8_t> executable(const std::vector<std::uint8_t>& code) {
    constexpr std::uint64_t CODE_OFFSET = sizeof(elf::Header) + sizeof(elf::ProgramHeader);
    elf::Header header{};
    std::memcpy(header.ident.data(), elf::MAGIC.data(), elf::MAGIC.size());
    header.ident[4] = elf::CLASS64;
    header.ident[5] = elf::LSB;
    header.ident[6] = 1;  // version of the format
    header.type = elf::TYPE_EXEC;
    header.machine = elf::MACHINE_RISCV;
    header.version = 1;
    header.phoff = sizeof(elf::Header);
    header.ehsize = sizeof(elf::Header);
    header.phentsize = sizeof(elf::ProgramHeader);
    header.phnum = 1;

    elf::ProgramHeader segment{};
    segment.type = elf::LOAD;
    segment.flags = elf::FLAG_R | elf::FLAG_X;
    segment.offset = CODE_OFFSET;
    segment.filesz = segment.memsz = code.size();
    segment.align = 1;

    std::vector<std::uint8_t> file(CODE_OFFSET + code.size());
    std::memcpy(file.data(), &header, sizeof header);
    std::memcpy(file.data() + sizeof header, &segment, sizeof segment);
    std::copy(code.begin(), code.end(), file.begin() + CODE_OFFSET);
    return file;
}

}  // namespace

std::vector<std::uint8_t> initcode() {
    return {
        0x17, 0x05, 0x00, 0x00, 0x13, 0x05, 0x45, 0x02,  // 00  la a0, init
        0x97, 0x05, 0x00, 0x00, 0x93, 0x85, 0x35, 0x02,  // 08  la a1, argv
        0x93, 0x08, 0x70, 0x00, 0x73, 0x00, 0x00, 0x00,  // 10  li a7, SYS_exec; ecall
        0x93, 0x08, 0x20, 0x00, 0x73, 0x00, 0x00, 0x00,  // 18  li a7, SYS_exit; ecall
        0xef, 0xf0, 0x9f, 0xff,                          // 20  jal back to 18
        '/',  'i',  'n',  'i',  't',  0,    0,           // 24  init: "/init"
        0x24, 0,    0,    0,    0,    0,    0,    0,     // 2b  argv: init, and a null that ends in the page's zeros
        0,
    };
}

std::vector<std::uint8_t> engine_init_program() {
    const Assembled code = assemble(R"(
        # for (;;) if (wait(0) < 0) sleep(1);
        again:
            li   a0, 0
            li   a7, 3        # SYS_wait
            ecall
            bgez a0, again
            li   a0, 1
            li   a7, 13       # SYS_sleep
            ecall
            j    again
    )");
    if (!code.error.empty()) throw std::logic_error("init: " + code.error);
    return executable(code.bytes);
}

}  // namespace hartlab
