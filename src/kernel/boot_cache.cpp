#include "kernel/boot_cache.hpp"

#include <algorithm>
#include <deque>
#include <mutex>

namespace hartlab {

namespace {

struct Booted {
    KernelConfig config;
    KernelState state;
};

/// The states last used, newest first, of no more RAM in all than this: each keeps a whole booted memory.
class BootCache {
public:
    std::shared_ptr<const Booted> find(const KernelConfig& config) {
        const std::lock_guard lock(mutex_);
        const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const auto& b) { return b->config == config; });
        if (found == kept_.end()) return nullptr;
        std::rotate(kept_.begin(), found, found + 1);
        return kept_.front();
    }

    void keep(std::shared_ptr<const Booted> booted) {
        const std::lock_guard lock(mutex_);
        kept_.push_front(std::move(booted));
        std::uint64_t total = 0;
        const auto too_much = std::find_if(kept_.begin(), kept_.end(), [&](const auto& b) {
            total += b->config.machine.ram_size;
            return total > MAX_RAM_KEPT;
        });
        kept_.erase(too_much, kept_.end());
    }

private:
    static constexpr std::uint64_t MAX_RAM_KEPT = std::uint64_t{512} << 20;

    std::mutex mutex_;
    std::deque<std::shared_ptr<const Booted>> kept_;
};

}  // namespace

std::unique_ptr<Kernel> new_kernel(const KernelConfig& config) {
    static BootCache cache;
    if (const auto booted = cache.find(config)) return std::make_unique<Kernel>(config, booted->state);
    auto kernel = std::make_unique<Kernel>(config);
    cache.keep(std::make_shared<const Booted>(Booted{config, kernel->capture()}));
    return kernel;
}

}  // namespace hartlab
