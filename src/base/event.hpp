// The event trace: a bounded ring of fixed-size records. Off (a null pointer at each source) unless someone asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace hartlab {

enum class EventKind : std::uint8_t {
    syscall,    // code: number; args; result (written when it returns)
    fault,      // code: scause; va: stval; value: sepc; result: 1 when the kernel repaired it
    interrupt,  // code: scause; value: sepc
    kalloc,     // pa: frame, 0 when none was left
    kfree,      // pa: frame
    pte_write,  // pa: where the PTE is; value: the new PTE; result: the old one; va: the first address it maps, when known
    context_switch,  // pid: who runs now; value: who ran before (0: nobody)
    tlb_fill,        // va, pa: the page; value: the PTE; code: Access
    tlb_flush,       // va; value: asid; code: 0 all, 1 by address, 2 by asid, 3 both
    exec,            // value: entry, 0 when it failed; result: argc or -1
    process_exit,    // value: status
};

struct Event {
    std::uint64_t sequence = 0;  // counts every event of the machine, dropped ones too
    std::uint64_t time = 0;      // instructions retired when it happened
    EventKind kind{};
    std::int32_t pid = 0;  // 0: no process
    std::uint64_t code = 0;
    std::uint64_t va = 0;
    std::uint64_t pa = 0;
    std::uint64_t value = 0;
    std::uint64_t result = 0;
    std::uint64_t args[6] = {};
};

class EventRing {
public:
    explicit EventRing(std::size_t capacity) : ring_(capacity) {}

    /// Adds `event` and returns its sequence number; the oldest event is dropped when the ring is full.
    std::uint64_t add(Event event) {
        event.sequence = next_;
        ring_[next_ % ring_.size()] = event;
        if (++next_ == awaited_) [[unlikely]]
            reached_();
        return event.sequence;
    }
    /// Calls `reached` as soon as the event with that number, which is yet to come, has been added.
    void await(std::uint64_t sequence, std::function<void()> reached) {
        awaited_ = sequence + 1;
        reached_ = std::move(reached);
    }
    /// The event with that number, or null when it has been dropped.
    Event* find(std::uint64_t sequence) {
        return sequence < next_ && next_ - sequence <= ring_.size() ? &ring_[sequence % ring_.size()] : nullptr;
    }
    std::size_t size() const { return next_ < ring_.size() ? next_ : ring_.size(); }
    std::size_t capacity() const { return ring_.size(); }
    /// How many were added, those that have been dropped among them.
    std::uint64_t total() const { return next_; }
    std::uint64_t dropped() const { return next_ - size(); }
    /// Precondition: i < size(). The oldest kept event is number 0.
    const Event& operator[](std::size_t i) const { return ring_[(next_ - size() + i) % ring_.size()]; }
    void clear() { next_ = 0; }

private:
    std::vector<Event> ring_;
    std::uint64_t next_ = 0;
    std::uint64_t awaited_ = 0;  // what next_ will be then; 0: no event is awaited
    std::function<void()> reached_;
};

}  // namespace hartlab
