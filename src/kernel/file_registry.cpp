#include "kernel/file_registry.hpp"

#include <algorithm>
#include <stdexcept>

namespace hartlab {

namespace {

/// The one spelling of a path: absolute, without empty, "." and ".." parts. The root is the only directory, so a path that
/// does not begin with a slash means the same as one that does.
std::string normal(const std::string& path) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; start < path.size();) {
        const std::size_t slash = std::min(path.find('/', start), path.size());
        const std::string part = path.substr(start, slash - start);
        start = slash + 1;
        if (part.empty() || part == ".") continue;
        if (part != "..") {
            parts.push_back(part);
        } else if (!parts.empty()) {
            parts.pop_back();
        }
    }
    std::string result;
    for (const std::string& part : parts) result += "/" + part;
    return result.empty() ? "/" : result;
}

}  // namespace

std::uint32_t FileRegistry::add(const std::string& path, std::vector<std::uint8_t> bytes) {
    const std::string key = normal(path);
    if (key == "/") throw std::invalid_argument("path: \"" + path + "\" names no file");
    by_number_.push_back(std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes)));
    return by_path_[key] = static_cast<std::uint32_t>(by_number_.size());
}

std::uint32_t FileRegistry::lookup(const std::string& path) const {
    const auto found = by_path_.find(normal(path));
    return found == by_path_.end() ? 0 : found->second;
}

FileRegistry::Bytes FileRegistry::bytes(std::uint32_t inum) const {
    return inum - 1 < by_number_.size() ? by_number_[inum - 1] : nullptr;
}

std::vector<std::string> FileRegistry::paths() const {
    std::vector<std::string> result;
    for (const auto& [path, number] : by_path_) result.push_back(path);
    return result;
}

bool FileRegistry::whole() const {
    return std::all_of(by_path_.begin(), by_path_.end(), [this](const auto& file) {
        return file.first == normal(file.first) && file.first != "/" && file.second - 1 < by_number_.size();
    });
}

}  // namespace hartlab
