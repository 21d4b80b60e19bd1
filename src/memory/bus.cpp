#include "memory/bus.hpp"

#include <bit>

namespace hartlab {

const Bus::Window* Bus::find(PhysAddr pa, unsigned size) const {
    if (!std::has_single_bit(size) || pa.value % size != 0) return nullptr;
    for (const Window& window : windows_) {
        const std::uint64_t offset = pa.value - window.base.value;
        if (offset < window.size && size <= window.size - offset) return &window;
    }
    return nullptr;
}

std::optional<std::uint64_t> Bus::read(PhysAddr pa, unsigned size) {
    if (ram_->contains(pa, size)) {
        std::uint64_t value = 0;
        std::memcpy(&value, ram_->at(pa), size);
        return value;
    }
    if (second_ && second_->contains(pa, size)) {
        std::uint64_t value = 0;
        std::memcpy(&value, second_->at(pa), size);
        return value;
    }
    const Window* window = find(pa, size);
    if (!window) return std::nullopt;
    if (observer_) observer_->before_device_access();
    const std::optional<std::uint64_t> value = window->device->read(pa - window->base, size);
    if (observer_) observer_->after_device_access();
    return value;
}

std::optional<std::uint16_t> Bus::fetch(PhysAddr pa) {
    const Window* window = find(pa, 2);
    if (!window || !window->device->executable()) return std::nullopt;
    const std::optional<std::uint64_t> half = window->device->read(pa - window->base, 2);
    return half ? std::optional(static_cast<std::uint16_t>(*half)) : std::nullopt;
}

bool Bus::write(PhysAddr pa, std::uint64_t value, unsigned size) {
    if (ram_->contains(pa, size)) {
        ram_->write(pa, &value, size);
        if (interceptor_ && pa - intercepted_ < 8) [[unlikely]] {
            if (observer_) observer_->before_device_access();
            interceptor_->write(pa - intercepted_, value, size);
            if (observer_) observer_->after_device_access();
        }
        return true;
    }
    if (second_ && second_->contains(pa, size)) {
        second_->write(pa, &value, size);
        return true;
    }
    const Window* window = find(pa, size);
    if (!window) return false;
    if (observer_) observer_->before_device_access();
    const bool accepted = window->device->write(pa - window->base, value, size);
    if (observer_) observer_->after_device_access();
    return accepted;
}

}  // namespace hartlab
