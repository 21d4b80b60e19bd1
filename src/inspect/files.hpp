// Open files and pipes as rows.
#pragma once

#include <cstdint>
#include <vector>

#include "inspect/row.hpp"
#include "inspect/state_view.hpp"

namespace hartlab::inspect {

struct FileRow {
    std::int32_t pid;
    std::int32_t fd;
    std::int32_t index;  // in the kernel's file table; -1 when the pointer is none into it
    std::int32_t code;   // FileType
    char type[8];        // none, pipe, inode, device
    std::int32_t ref;
    std::int32_t major;  // of a device
    std::int32_t inum;   // of an inode; 0 for none
    std::uint64_t offset;
    std::uint64_t size;     // of an inode's file
    std::uint64_t pipe;     // where the pipe is
    std::uint64_t address;  // struct file *
    bool readable;
    bool writable;

    static constexpr std::string_view NAME = "files";
    static Fields fields();
};

/// The open files of one process, or of all (pid 0).
std::vector<FileRow> open_files(const KernelView& kernel, std::int32_t pid = 0);

struct PipeRow {
    std::uint64_t pa;
    std::uint64_t bytes;  // written and not yet read
    std::uint64_t nread, nwrite;
    std::int32_t readers;  // open descriptors of processes
    std::int32_t writers;
    bool readopen, writeopen;  // as the pipe itself has it

    static constexpr std::string_view NAME = "pipes";
    static Fields fields();
};

std::vector<PipeRow> pipes(const KernelView& kernel);

}  // namespace hartlab::inspect
