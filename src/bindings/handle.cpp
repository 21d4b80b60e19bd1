#include "bindings/handle.hpp"

#include <stdexcept>

#include "bindings/interrupt.hpp"
#include "kernel/boot_cache.hpp"

namespace hartlab::bindings {

void Handle::require_idle() const {
    if (closed_) throw std::runtime_error(std::string("this ") + noun_ + " has been closed");
    if (running_ || (claims_ > 0 && claimed_by_ != std::this_thread::get_id())) {
        throw std::runtime_error(std::string("this ") + noun_ +
                                 " is running: nothing else may use it until run() has returned (stop() ends it soon)");
    }
}

void Handle::close() {
    if (closed_) return;
    require_idle();
    closed_ = true;
    destroy();
}

void Handle::claim() {
    require_idle();
    claimed_by_ = std::this_thread::get_id();
    ++claims_;
}

void Handle::release_claim() {
    if (claims_ > 0) --claims_;
    forget_stop();
}

Handle::Running::Running(Handle& handle) : handle_(handle) {
    handle.require_idle();
    handle.running_ = true;
    begin_polling();
}

KernelHandle::KernelHandle(const KernelConfig& config) : KernelHandle(new_kernel(config)) {}

KernelHandle::KernelHandle(std::unique_ptr<Kernel> kernel) : Handle("kernel"), kernel_(std::move(kernel)) {
    kernel_->interrupt_poll = signal_pending;
}

}  // namespace hartlab::bindings
