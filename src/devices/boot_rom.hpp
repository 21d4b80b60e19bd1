// Read-only memory that a hart begins in. Its contents never change and are shared by copies.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "memory/device.hpp"

namespace hartlab {

class BootRom final : public Device {
public:
    static constexpr std::uint64_t BASE = 0x1000;
    static constexpr std::uint64_t SIZE = 0xf000;
    using Contents = std::shared_ptr<const std::vector<std::uint8_t>>;

    /// Precondition: at most SIZE bytes; what is beyond them reads as zero. Null: there is no ROM, and nothing answers.
    explicit BootRom(Contents contents) : contents_(std::move(contents)) {}

    std::optional<std::uint64_t> read(std::uint64_t offset, unsigned size) override {
        if (!contents_) return std::nullopt;
        std::uint64_t value = 0;
        if (offset < contents_->size()) {
            std::memcpy(&value, contents_->data() + offset, std::min<std::size_t>(size, contents_->size() - offset));
        }
        return value;
    }
    bool write(std::uint64_t, std::uint64_t, unsigned) override { return false; }
    bool executable() const override { return contents_ != nullptr; }

    template <class Archive>
    void fields(Archive& archive) {
        auto bytes = contents_ ? std::optional(*contents_) : std::nullopt;
        archive(bytes);
        contents_ = bytes ? std::make_shared<const std::vector<std::uint8_t>>(std::move(*bytes)) : nullptr;
    }

private:
    Contents contents_;
};

}  // namespace hartlab
