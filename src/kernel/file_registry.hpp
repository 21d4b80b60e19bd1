// The model's file system: read-only files, registered by path from the host, each an immutable array of bytes.
// A value: a snapshot copies pointers. Inode numbers are never reused.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hartlab {

class FileRegistry {
public:
    using Bytes = std::shared_ptr<const std::vector<std::uint8_t>>;

    /// Registers `bytes` under `path`, in place of what was there; who has the old file open keeps it. Returns its number.
    std::uint32_t add(const std::string& path, std::vector<std::uint8_t> bytes);
    /// 0 when there is no such file.
    std::uint32_t lookup(const std::string& path) const;
    /// Null for a number that was never given.
    Bytes bytes(std::uint32_t inum) const;
    std::vector<std::string> paths() const;

private:
    std::map<std::string, std::uint32_t> by_path_;
    std::vector<Bytes> by_number_;  // number n at n - 1
};

}  // namespace hartlab
