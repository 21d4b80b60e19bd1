// The model's file system: read-only files, registered by path from the host, each an immutable array of bytes.
// A value: a snapshot copies pointers. Inode numbers are never reused.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
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

    template <class Archive>
    void fields(Archive& archive) {
        std::vector<Named> named;
        for (const auto& [path, number] : by_path_) named.push_back({path, number});
        std::vector<std::vector<std::uint8_t>> contents;
        for (const Bytes& bytes : by_number_) contents.push_back(*bytes);
        archive(named, contents);
        *this = FileRegistry();
        for (const Named& file : named) by_path_[file.path] = file.number;
        for (auto& bytes : contents)
            by_number_.push_back(std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes)));
    }
    /// Whether it can have come about: every path is spelt as it is looked up, and of a file that there is.
    bool whole() const;

private:
    struct Named {
        std::string path;
        std::uint32_t number = 0;

        template <class Archive>
        void fields(Archive& archive) {
            archive(path, number);
        }
    };

    std::map<std::string, std::uint32_t> by_path_;
    std::vector<Bytes> by_number_;  // number n at n - 1
};

}  // namespace hartlab
