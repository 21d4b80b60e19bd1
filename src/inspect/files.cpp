#include "inspect/files.hpp"

#include <algorithm>
#include <cstddef>

namespace hartlab::inspect {

Fields FileRow::fields() {
    using F = FileRow;
    return {
        field("pid", &F::pid, "the process"),
        field("fd", &F::fd, "its file descriptor"),
        field("type", &F::type, "none, pipe, inode or device"),
        field("code", &F::code, "the type as a number"),
        field("readable", &F::readable, "open for reading"),
        field("writable", &F::writable, "open for writing"),
        field("offset", &F::offset, "where the next read or write begins"),
        field("size", &F::size, "bytes of the file"),
        field("ref", &F::ref, "descriptors that share it"),
        field("index", &F::index, "in the kernel's table of open files; -1 for a pointer that leads nowhere"),
        field("major", &F::major, "number of the device; 1 is the console"),
        field("inum", &F::inum, "number of the inode; 0 for none"),
        field("pipe", &F::pipe, "physical address of the pipe"),
        field("address", &F::address, "the struct file"),
    };
}

Fields PipeRow::fields() {
    using P = PipeRow;
    return {
        field("pa", &P::pa, "physical address of its page"),
        field("bytes", &P::bytes, "written and not yet read"),
        field("nread", &P::nread, "bytes read so far (32 bits)"),
        field("nwrite", &P::nwrite, "bytes written so far (32 bits)"),
        field("readers", &P::readers, "descriptors open for reading"),
        field("writers", &P::writers, "descriptors open for writing"),
        field("readopen", &P::readopen, "the pipe holds its read end for open"),
        field("writeopen", &P::writeopen, "the pipe holds its write end for open"),
    };
}

namespace {

/// The element of a table in the kernel's data that a pointer means, or -1.
std::int64_t index_of(std::uint64_t pointer, std::size_t table_offset, std::size_t size, std::size_t count) {
    const std::uint64_t offset = pointer - (KERNEL_DATA.value + table_offset);
    return offset % size == 0 && offset / size < count ? static_cast<std::int64_t>(offset / size) : -1;
}

const File* file_at(const KernelData& data, std::uint64_t pointer, std::int32_t& index) {
    index = static_cast<std::int32_t>(index_of(pointer, offsetof(KernelData, file), sizeof(File), NFILE));
    return index < 0 ? nullptr : &data.file[index];
}

const Inode* inode_at(const KernelData& data, std::uint64_t pointer) {
    const std::int64_t index = index_of(pointer, offsetof(KernelData, inode), sizeof(Inode), NINODE);
    return index < 0 ? nullptr : &data.inode[index];
}

std::string_view type_name(std::int32_t type) {
    switch (type) {
    case FD_NONE: return "none";
    case FD_PIPE: return "pipe";
    case FD_INODE: return "inode";
    case FD_DEVICE: return "device";
    default: return "?";
    }
}

FileRow file_row(const KernelData& data, std::int32_t pid, int fd, std::uint64_t pointer) {
    FileRow row{};
    row.pid = pid;
    row.fd = fd;
    row.address = pointer;
    const File* f = file_at(data, pointer, row.index);
    if (!f) {
        set_text(row.type, "?");
        return row;
    }
    row.code = f->type;
    set_text(row.type, type_name(f->type));
    row.ref = f->ref;
    row.major = f->major;
    row.offset = f->off;
    row.pipe = f->type == FD_PIPE ? f->pipe : 0;
    row.readable = f->readable != 0;
    row.writable = f->writable != 0;
    if (const Inode* ip = f->ip ? inode_at(data, f->ip) : nullptr) {
        row.inum = static_cast<std::int32_t>(ip->inum);
        row.size = ip->size;
    }
    return row;
}

}  // namespace

std::vector<FileRow> open_files(const KernelView& kernel, std::int32_t pid) {
    std::vector<FileRow> rows;
    for (const Proc& p : kernel.data->proc) {
        if (p.state == UNUSED || (pid != 0 && p.pid != pid)) continue;
        for (int fd = 0; fd < NOFILE; ++fd) {
            if (p.ofile[fd]) rows.push_back(file_row(*kernel.data, p.pid, fd, p.ofile[fd]));
        }
    }
    return rows;
}

std::vector<PipeRow> pipes(const KernelView& kernel) {
    std::vector<PipeRow> rows;
    for (const File& f : kernel.data->file) {
        if (f.ref <= 0 || f.type != FD_PIPE) continue;
        auto row = std::find_if(rows.begin(), rows.end(), [&](const PipeRow& r) { return r.pa == f.pipe; });
        if (row == rows.end()) {
            const std::optional<Pipe> pipe = kernel.memory().load<Pipe>(PhysAddr(f.pipe));
            if (!pipe) continue;
            const std::uint32_t bytes = pipe->nwrite - pipe->nread;
            row = rows.insert(
                row, {f.pipe, bytes, pipe->nread, pipe->nwrite, 0, 0, pipe->readopen != 0, pipe->writeopen != 0});
        }
        row->readers += f.readable ? f.ref : 0;
        row->writers += f.writable ? f.ref : 0;
    }
    return rows;
}

}  // namespace hartlab::inspect
