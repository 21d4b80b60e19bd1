// The bracket around guest execution inside which host_fast.hpp may be used: it owns the calling
// thread's floating-point environment, whatever other libraries left in it (FTZ and DAZ too), and
// gives it back.
//
// The hart's run loop has one, around its inner loop alone. Floating-point code of the host that
// runs inside would leave its flags with the guest: callbacks, devices and statistics that compute
// with doubles belong outside, as does another hart.
#pragma once

#include <cstdint>

#include "hart/fp/host.hpp"

namespace hartlab::fp {

class HostFpScope {
public:
    // The flags that the host raises in this scope end up in `fflags`, the guest's own.
    explicit HostFpScope(std::uint8_t& fflags) : fflags_(fflags), saved_(host::enter()) {}
    HostFpScope(const HostFpScope&) = delete;
    HostFpScope& operator=(const HostFpScope&) = delete;
    ~HostFpScope() {
        harvest();
        host::leave(saved_);
    }

    // Moves what the host has raised so far into fflags. To be called before the guest reads or
    // writes fflags or fcsr: from then on fflags is the whole truth, until the next operation.
    void harvest() { fflags_ |= host::take_flags(); }

private:
    std::uint8_t& fflags_;
    host::Control saved_;
};

}  // namespace hartlab::fp
