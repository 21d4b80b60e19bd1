// The host's end of the console: everything the guest has printed, and what was typed and not yet taken by the kernel.
// A value: saved and restored with the machine.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace hartlab {

class ConsoleLog {
public:
    /// Output beyond this many bytes is counted and not kept: a guest that prints for ever must not fill the host.
    static constexpr std::size_t MAX_OUTPUT = std::size_t{16} << 20;

    void print(std::string_view text) {
        const std::size_t room = MAX_OUTPUT - output_.size();
        output_.append(text.substr(0, room));
        if (text.size() > room) dropped_ += text.size() - room;
    }
    const std::string& output() const { return output_; }
    std::uint64_t dropped() const { return dropped_; }

    /// A byte that was typed, and when: instructions retired.
    struct Typed {
        std::uint64_t instructions = 0;
        char byte = 0;

        template <class Archive>
        void fields(Archive& archive) {
            archive(instructions, byte);
        }
    };
    void note_typed(std::uint64_t instructions, std::string_view text) {
        for (const char byte : text) typed_.push_back({instructions, byte});
    }
    const std::vector<Typed>& typed() const { return typed_; }

    template <class Archive>
    void fields(Archive& archive) {
        std::string pending(pending_input.begin(), pending_input.end());
        archive(pending, output_, dropped_, typed_);
        pending_input.assign(pending.begin(), pending.end());
    }
    /// Whether it can have come about.
    bool whole() const { return output_.size() <= MAX_OUTPUT; }

    std::deque<char> pending_input;

private:
    std::string output_;
    std::uint64_t dropped_ = 0;
    std::vector<Typed> typed_;
};

}  // namespace hartlab
