// What C code in the kernel may call beside the functions of the table: an ecall with the service's number in t0, arguments
// and result as for a C function. All of it is bounded and metered, whatever the arguments are.
//
//   X(name)   declared in tools/kernel.h.in
#pragma once

#include <cstdint>
#include <span>

#include "base/address.hpp"

#define HARTLAB_C_SERVICES(X)                                                                                          \
    X(panic)                                                                                                           \
    X(printf)                                                                                                          \
    X(fail)                                                                                                            \
    X(myproc)                                                                                                          \
    X(memset)                                                                                                          \
    X(memmove) X(memcmp) X(acquire) X(release) X(namei) X(readi) X(idup) X(iput) X(filealloc) X(filedup) X(fileclose)

namespace hartlab {

class Kernel;

inline constexpr std::uint64_t FIRST_C_SERVICE = 0x100;  // above the numbers of functions

enum class CService : std::uint64_t {
    before = FIRST_C_SERVICE - 1,
#define X(name) name,
    HARTLAB_C_SERVICES(X)
#undef X
        end,
};

constexpr bool is_c_service(std::uint64_t number) {
    return number >= FIRST_C_SERVICE && number < static_cast<std::uint64_t>(CService::end);
}

/// Performs it: `a` are a0 to a7, of which a0 becomes the result; the other arguments of printf are at `stack`.
void perform_service(Kernel& kernel, CService service, std::span<std::uint64_t, 8> a, PhysAddr stack);

}  // namespace hartlab
