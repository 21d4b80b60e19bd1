#include "bindings/handle.hpp"

#include <stdexcept>
#include <utility>

#include "bindings/interrupt.hpp"
#include "kernel/boot_cache.hpp"

namespace hartlab::bindings {

void Handle::require_idle() const {
    if (owner_->closed_) throw std::runtime_error(std::string("this ") + noun_ + " has been closed");
    if (owner_->running_ || (owner_->claims_ > 0 && owner_->claimed_by_ != std::this_thread::get_id())) {
        throw std::runtime_error(std::string("this ") + noun_ +
                                 " is running: nothing else may use it until run() has returned (stop() ends it soon)");
    }
}

void Handle::close() {
    if (closed_) return;
    require_idle();
    require_outside_seam("close");
    closed_ = true;
    destroy();
}

void Handle::claim() {
    require_idle();
    require_outside_seam("run");
    claimed_by_ = std::this_thread::get_id();
    ++claims_;
}

void Handle::release_claim() {
    if (claims_ > 0) --claims_;
    forget_stop();
}

Handle::Running::Running(Handle& handle) : handle_(*handle.owner_) {
    handle_.require_idle();
    handle_.running_ = true;
    begin_polling();
}

Handle::InSeam::InSeam(Handle& handle) :
    handle_(handle), running_(std::exchange(handle.running_, false)),
    claimed_by_(std::exchange(handle.claimed_by_, std::this_thread::get_id())) {
    ++handle_.claims_;
}

Handle::InSeam::~InSeam() {
    --handle_.claims_;
    handle_.claimed_by_ = claimed_by_;
    handle_.running_ = running_;
}

KernelHandle::KernelHandle(const KernelConfig& config) : KernelHandle(new_kernel(config)) {}

KernelHandle::KernelHandle(std::unique_ptr<Kernel> kernel) : Handle("kernel"), kernel_(std::move(kernel)) {
    kernel_->interrupt_poll = signal_pending;
    kernel_->holder = this;
}

void KernelHandle::require_outside_seam(const char* what) const {
    if (closed() || !kernel_->seams.busy()) return;
    throw std::runtime_error(
        std::string(what) + ": not in the middle of a call of a replaced function (" + kernel_->seams.chain() +
        "), which is atomic; inspection works, and what k offers. Do it when the call has returned");
}

}  // namespace hartlab::bindings
