// Files in use. Their bytes are with the host's registry; the kernel's table holds who they are and how often they are open.
// Beside the registered files there are the root directory, which is empty to whoever reads it, and the console.
#include "kernel/inode.hpp"

#include <algorithm>

#include "kernel/in_hex.hpp"
#include "kernel/kernel.hpp"

namespace hartlab {

namespace {

constexpr std::uint32_t OWN_DEV = 0;  // what the kernel itself provides; registered files are on device 1
constexpr std::uint32_t REGISTRY_DEV = 1;
constexpr std::uint32_t ROOT_INUM = 1, CONSOLE_INUM = 2;

struct Found {
    std::uint32_t dev = 0, inum = 0;
    std::int16_t type = 0;
    std::uint64_t size = 0;
};

/// The path without its slashes at either end, doubled ones, and "." elements: every directory is the root.
std::string plain(const std::string& path) {
    std::string result;
    for (std::size_t start = 0; start < path.size();) {
        const std::size_t end = std::min(path.find('/', start), path.size());
        const std::string element = path.substr(start, end - start);
        if (!element.empty() && element != ".") result += (result.empty() ? "" : "/") + element;
        start = end + 1;
    }
    return result;
}

std::optional<Found> look_up(Kernel& kernel, const std::string& path) {
    if (path.empty()) return std::nullopt;
    const std::string name = plain(path);
    for (const std::string& candidate : {path, "/" + name, name}) {
        const std::uint32_t inum = kernel.files.lookup(candidate);
        if (inum != 0) return Found{REGISTRY_DEV, inum, T_FILE, kernel.files.bytes(inum)->size()};
    }
    if (name.empty()) return Found{OWN_DEV, ROOT_INUM, T_DIR, 0};
    if (name == "console") return Found{OWN_DEV, CONSOLE_INUM, T_DEVICE, 0};
    return std::nullopt;
}

}  // namespace

RamStruct<Inode> inode_at(Kernel& kernel, PhysAddr ip, const char* function) {
    const std::uint64_t offset = ip - kernel.data()(&KernelData::inode, 0).address();
    if (offset % sizeof(Inode) != 0 || offset / sizeof(Inode) >= NINODE) {
        kernel.panic("kerneltrap", function, ip.value, in_hex(ip) + " is no element of the inode table");
    }
    return kernel.at<Inode>(ip);
}

PhysAddr namei(Kernel& kernel, const std::string& path) {
    const std::optional<Found> found = look_up(kernel, path);
    if (!found) return {};

    PhysAddr free_slot;
    for (std::size_t i = 0; i < NINODE; ++i) {
        const RamStruct<Inode> ip = kernel.data()(&KernelData::inode, i);
        if (ip[&Inode::ref] <= 0) {
            if (!free_slot) free_slot = ip.address();
        } else if (ip[&Inode::dev] == found->dev && ip[&Inode::inum] == found->inum) {
            return idup(kernel, ip.address());
        }
    }
    // Departs: xv6 panics "iget: no inodes", and so lets a program that opens many files stop the machine.
    if (!free_slot) return {};
    const RamStruct<Inode> ip = kernel.at<Inode>(free_slot);
    ip[&Inode::dev] = found->dev;
    ip[&Inode::inum] = found->inum;
    ip[&Inode::ref] = 1;
    ip[&Inode::type] = found->type;
    ip[&Inode::major] = static_cast<std::int16_t>(found->type == T_DEVICE ? CONSOLE : 0);
    ip[&Inode::size] = found->size;
    return free_slot;
}

PhysAddr idup(Kernel& kernel, PhysAddr address) {
    inode_at(kernel, address, "idup")[&Inode::ref] += 1;
    return address;
}

void iput(Kernel& kernel, PhysAddr address) {
    const RamStruct<Inode> ip = inode_at(kernel, address, "iput");
    if (ip[&Inode::ref] < 1) kernel.panic("iput", "iput", address.value, "the inode is not in use");
    ip[&Inode::ref] -= 1;
}

std::uint64_t readi(Kernel& kernel, PhysAddr address, PhysAddr destination, std::uint64_t offset, std::uint64_t n) {
    const RamStruct<Inode> ip = inode_at(kernel, address, "readi");
    if (ip[&Inode::dev] != REGISTRY_DEV) return 0;
    const FileRegistry::Bytes bytes = kernel.files.bytes(ip[&Inode::inum]);
    if (!bytes || offset >= bytes->size()) return 0;
    const std::uint64_t length = std::min<std::uint64_t>(n, bytes->size() - offset);
    kernel.write_bytes(destination, bytes->data() + offset, length);
    return length;
}

}  // namespace hartlab
