// How processes ended, by pid: what a shell would remember after wait() has freed the slot. Not part of the simulated
// machine, and read by no kernel function; a value that is saved with it, so that a restore forgets later deaths.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace hartlab {

struct Exit {
    std::int32_t pid = 0;
    std::int32_t parent = 0;  // who was to wait for it; 0 for a pointer that leads nowhere
    std::int32_t status = 0;
    std::string name;
    std::uint64_t time = 0;  // instructions retired
    // Of the fault that killed it, if one did.
    bool by_fault = false;
    std::uint64_t scause = 0, sepc = 0, stval = 0;

    template <class Archive>
    void fields(Archive& archive) {
        archive(pid, parent, status, name, time, by_fault, scause, sepc, stval);
    }
};

class ExitLog {
public:
    /// Older ends are forgotten: a guest that forks for ever must not fill the host.
    static constexpr std::size_t CAPACITY = 4096;

    /// The process is about to exit because of this fault; add() will put the two together.
    void note_fault(std::int32_t pid, std::uint64_t scause, std::uint64_t sepc, std::uint64_t stval) {
        fault_.pid = pid;
        fault_.by_fault = true;
        fault_.scause = scause;
        fault_.sepc = sepc;
        fault_.stval = stval;
    }
    void add(Exit exit) {
        own();
        if (fault_.by_fault && fault_.pid == exit.pid) {
            exit.by_fault = true;
            exit.scause = fault_.scause;
            exit.sepc = fault_.sepc;
            exit.stval = fault_.stval;
        }
        fault_ = {};
        if (exits_->size() == CAPACITY) exits_->pop_front();
        exits_->push_back(std::move(exit));
    }
    /// The end of that process, or null when it lives, never was, or ended too long ago.
    const Exit* find(std::int32_t pid) const {
        if (!exits_) return nullptr;
        for (auto it = exits_->rbegin(); it != exits_->rend(); ++it) {
            if (it->pid == pid) return &*it;
        }
        return nullptr;
    }
    std::size_t size() const { return exits_ ? exits_->size() : 0; }
    /// Precondition: i < size(). The oldest is number 0.
    const Exit& operator[](std::size_t i) const { return (*exits_)[i]; }

    template <class Archive>
    void fields(Archive& archive) {
        std::vector<Exit> all;
        if (exits_) all.assign(exits_->begin(), exits_->end());
        archive(all, fault_);
        exits_ = all.empty() ? nullptr : std::make_shared<std::deque<Exit>>(all.begin(), all.end());
    }
    /// Whether it can have come about.
    bool whole() const { return size() <= CAPACITY; }

private:
    /// Copies share their entries until one of them grows.
    void own() {
        if (!exits_) exits_ = std::make_shared<std::deque<Exit>>();
        if (exits_.use_count() > 1) exits_ = std::make_shared<std::deque<Exit>>(*exits_);
    }

    std::shared_ptr<std::deque<Exit>> exits_;
    Exit fault_;
};

}  // namespace hartlab
