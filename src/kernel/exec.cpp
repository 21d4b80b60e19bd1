// exec: a new image is built beside the old one, which is freed only when nothing can fail any more.
//
// An ELF file is hostile: every number in it is checked before it is used, and `Kernel::why` names the one that was wrong.
#include <cstring>
#include <utility>

#include "kernel/elf.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/inode.hpp"
#include "kernel/kernel.hpp"
#include "kernel/proc.hpp"
#include "kernel/vma.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

namespace {

/// The address space in the making. Whoever gives it up frees it with proc_freepagetable.
struct Image {
    PhysAddr pagetable;
    std::uint64_t sz = 0;
    std::uint64_t entry = 0;
    std::uint64_t sp = 0;  // also the address of argv[]
    int argc = 0;
};

/// What went wrong, in words; empty: nothing.
using Reason = std::string;
const Reason OK;

Reason out_of_memory(Kernel& kernel, const std::string& for_what) {
    return kernel.gave_up() ? "interrupted" : "no memory for " + for_what;
}

/// Reads a struct of the file by way of the kernel's buffer. False when the file ends before it does.
template <class Struct>
bool read_struct(Kernel& kernel, PhysAddr ip, std::uint64_t offset, Struct& value) {
    const PhysAddr buffer = kernel.data().address_of(&KernelData::bio);
    if (readi(kernel, ip, buffer, offset, sizeof value) != sizeof value) return false;
    value = kernel.load<Struct>(buffer);
    return true;
}

Reason check_header(const elf::Header& header, std::uint64_t file_size) {
    if (header.ident[0] != elf::MAGIC[0] || std::memcmp(header.ident.data(), elf::MAGIC.data(), 4) != 0) {
        return "not an ELF file: it does not begin with 7f 45 4c 46";
    }
    if (header.ident[4] != elf::CLASS64) {
        return "class " + std::to_string(header.ident[4]) + " instead of 2, a 64-bit program";
    }
    if (header.ident[5] != elf::LSB) {
        return "data encoding " + std::to_string(header.ident[5]) + " instead of 1, little-endian";
    }
    if (header.machine != elf::MACHINE_RISCV) {
        return "machine " + std::to_string(header.machine) + " instead of 243, RISC-V";
    }
    if (header.phnum == 0) return "no program headers: there is nothing to load";
    if (header.phentsize != sizeof(elf::ProgramHeader)) {
        return "program headers of " + std::to_string(header.phentsize) + " bytes instead of 56";
    }
    if (header.phoff > file_size || (file_size - header.phoff) / sizeof(elf::ProgramHeader) < header.phnum) {
        return std::to_string(header.phnum) + " program headers at " + in_hex(header.phoff) +
               " reach outside the file of " + std::to_string(file_size) + " bytes";
    }
    return OK;
}

Reason check_segment(const elf::ProgramHeader& segment, std::uint64_t file_size, std::uint64_t limit) {
    if (segment.memsz < segment.filesz) {
        return "memsz " + in_hex(segment.memsz) + " is smaller than filesz " + in_hex(segment.filesz);
    }
    if (segment.vaddr + segment.memsz < segment.vaddr) {
        return "vaddr " + in_hex(segment.vaddr) + " plus memsz " + in_hex(segment.memsz) + " overflows";
    }
    if (segment.vaddr % PGSIZE != 0) return "vaddr " + in_hex(segment.vaddr) + " is not page-aligned";
    if (segment.vaddr + segment.memsz > limit) {
        return "it ends at " + in_hex(segment.vaddr + segment.memsz) + ", beyond the limit of " + in_hex(limit);
    }
    if (segment.filesz > file_size || segment.offset > file_size - segment.filesz) {
        return "offset " + in_hex(segment.offset) + " and filesz " + in_hex(segment.filesz) +
               " reach outside the file of " + std::to_string(file_size) + " bytes";
    }
    return OK;
}

Reason load_segment(Kernel& kernel, PhysAddr ip, const elf::ProgramHeader& segment, Image& image) {
    const bool older = kernel.policies().exec == PermPolicy::rwx;
    const std::uint64_t end = segment.vaddr + segment.memsz;
    if (end > image.sz) {
        const auto perm =
            older ? PTE_W | PTE_X : static_cast<std::uint64_t>(kernel.flags2perm(static_cast<int>(segment.flags)));
        const std::uint64_t sz = kernel.uvmalloc(image.pagetable, image.sz, end, perm);
        if (sz == 0) return out_of_memory(kernel, "its " + std::to_string(segment.memsz) + " bytes");
        image.sz = sz;
    }
    if (kernel.loadseg(image.pagetable, VirtAddr(segment.vaddr), ip, segment.offset, segment.filesz) < 0) {
        return kernel.gave_up() ? "interrupted" : "its bytes cannot be read from the file";
    }
    return OK;
}

/// The lowest address that is too high for a segment: guard page, stack and trapframe have to fit above it.
std::uint64_t segment_limit(Kernel& kernel) {
    const std::uint64_t stack = (std::uint64_t{kernel.policies().stack_pages} + 1) * PGSIZE;
    return stack < TRAPFRAME ? TRAPFRAME - stack : 0;
}

Reason load_program(Kernel& kernel, PhysAddr ip, Image& image) {
    const std::uint64_t file_size = kernel.at<Inode>(ip)[&Inode::size];
    elf::Header header{};
    if (!read_struct(kernel, ip, 0, header)) {
        return "not an ELF file: " + std::to_string(file_size) + " bytes are too few for its header";
    }
    if (Reason reason = check_header(header, file_size); !reason.empty()) return reason;

    bool loaded = false;
    for (std::uint64_t i = 0; i < header.phnum; ++i) {
        kernel.charge(1);
        const std::string name = "segment " + std::to_string(i) + ": ";
        elf::ProgramHeader segment{};
        if (!read_struct(kernel, ip, header.phoff + i * sizeof segment, segment)) {
            return name + "its header cannot be read";
        }
        if (segment.type != elf::LOAD) continue;
        Reason reason = check_segment(segment, file_size, segment_limit(kernel));
        if (reason.empty()) reason = load_segment(kernel, ip, segment, image);
        if (!reason.empty()) return name + reason;
        loaded = true;
    }
    image.entry = header.entry;
    return loaded ? OK : "no segment to load: none of " + std::to_string(header.phnum) + " is of type LOAD";
}

/// Above the program: a guard page that the user cannot touch, and the stack.
Reason make_stack(Kernel& kernel, Image& image) {
    const std::uint64_t sz = kernel.uvmstack(image.pagetable, image.sz, kernel.policies().stack_pages);
    if (sz == 0) return out_of_memory(kernel, "the stack");
    image.sz = sz;
    return OK;
}

/// How many strings an array has that pushargv has taken.
int count_arguments(Kernel& kernel, PhysAddr argv) {
    int argc = 0;
    while (argc < MAXARG && kernel.load<std::uint64_t>(argv + static_cast<std::uint64_t>(argc) * 8) != 0) ++argc;
    return argc;
}

Reason push_arguments(Kernel& kernel, Image& image, PhysAddr argv) {
    const std::uint64_t stackbase = image.sz - std::uint64_t{kernel.policies().stack_pages} * PGSIZE;
    image.sp = kernel.pushargv(image.pagetable, image.sz, stackbase, argv);
    if (image.sp == 0) {
        if (kernel.gave_up()) return "interrupted";
        return kernel.why.empty() ? "the arguments cannot be put on the stack" : std::exchange(kernel.why, {});
    }
    image.argc = count_arguments(kernel, argv);
    return OK;
}

/// Makes `image` the process's, and frees what it had.
void commit(Kernel& kernel, RamStruct<Proc> p, const Image& image, const std::string& path) {
    set_name(kernel, p, path.substr(path.rfind('/') + 1));

    const RamStruct<Trapframe> trapframe = kernel.trapframe(p);
    trapframe[&Trapframe::a1] = image.sp;  // main(argc, argv): argc is the call's result, and so in a0
    trapframe[&Trapframe::epc] = image.entry;
    trapframe[&Trapframe::sp] = image.sp;

    const PhysAddr old_pagetable(p[&Proc::pagetable]);
    const std::uint64_t old_sz = p[&Proc::sz];
    drop_areas(kernel, p, old_pagetable, "exec");
    p[&Proc::pagetable] = image.pagetable.value;
    p[&Proc::sz] = image.sz;
    kernel.proc_freepagetable(old_pagetable, old_sz);
}

void note_exec(Kernel& kernel, int result) {
    if (kernel.observed() && !kernel.seams.performs(FunctionId::exec)) kernel.note_exec(result);
}

}  // namespace

namespace native {

/// The PTE bits that a segment's flags ask for, besides R and U.
int flags2perm(Kernel& /*kernel*/, int flags) {
    std::uint64_t perm = 0;
    if (static_cast<std::uint32_t>(flags) & elf::FLAG_X) perm |= PTE_X;
    if (static_cast<std::uint32_t>(flags) & elf::FLAG_W) perm |= PTE_W;
    return static_cast<int>(perm);
}

/// Reads `size` bytes at `offset` of a file into the user pages from `va` on, which must be there (panic
/// `loadseg: address should exist`). `va` is page-aligned. 0, or -1 when the file has fewer bytes.
int loadseg(Kernel& kernel, PhysAddr pagetable, VirtAddr va, PhysAddr ip, std::uint64_t offset, std::uint64_t size) {
    for (std::uint64_t i = 0; i < size; i += PGSIZE) {
        if (!kernel.may_continue()) return -1;
        const PhysAddr pa = kernel.walkaddr(pagetable, va + i);
        if (!pa) kernel.panic("loadseg: address should exist", "loadseg", va.value + i);
        const std::uint64_t n = std::min(size - i, PGSIZE);
        if (readi(kernel, ip, pa, offset + i, n) != n) return -1;
    }
    return 0;
}

/// Replaces the current process's program by the one in the file at `path`. `argv` is an array of pointers to strings, all
/// in kernel memory, that ends with a null. Returns argc, or -1 (see Kernel::why) with the process as it was. Fences nothing:
/// the old image's translations are forgotten on the way back to user mode or, with ASIDs, by sys_exec.
int exec(Kernel& kernel, PhysAddr path_address, PhysAddr argv) {
    kernel.why.clear();
    const RamStruct<Proc> p = kernel.myproc();
    if (!p) return kernel.fail("exec: there is no current process");
    const std::string path = kernel.read_string(path_address, MAXPATH);

    Image image;
    Reason reason;
    if (const PhysAddr ip = namei(kernel, path); !ip) {
        reason = kernel.files.lookup(path) ? "all inodes are in use" : "there is no such file";
    } else {
        image.pagetable = kernel.proc_pagetable(p.address());
        reason = image.pagetable ? load_program(kernel, ip, image) : out_of_memory(kernel, "a page table");
        iput(kernel, ip);
    }
    if (reason.empty()) reason = make_stack(kernel, image);
    if (reason.empty()) reason = push_arguments(kernel, image, argv);
    if (!reason.empty()) {
        if (image.pagetable) kernel.proc_freepagetable(image.pagetable, image.sz);
        note_exec(kernel, -1);
        return kernel.fail("exec: " + path + ": " + reason);
    }
    commit(kernel, p, image, path);
    note_exec(kernel, image.argc);
    return image.argc;
}

}  // namespace native

}  // namespace hartlab
