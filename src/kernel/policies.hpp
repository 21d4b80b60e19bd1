// The ways in which versions of xv6 differ, each a named choice. Kernel(xv6="2025") and xv6="2020" set them together.
#pragma once

#include <cstdint>

namespace hartlab {

enum class SbrkPolicy : std::uint8_t { call, eager, lazy };  // who decides: the call's second argument, or the kernel
enum class ShrinkPolicy : std::uint8_t {
    fail,
    wrap
};  // sbrk(-n) with n > sz: -1, or the sum wraps and nothing happens
enum class ForkPolicy : std::uint8_t { copy, cow };
enum class AbsentPolicy : std::uint8_t { skip, panic };  // uvmunmap and uvmcopy at a page that is not there
enum class PermPolicy : std::uint8_t { argument, rwx };  // uvmalloc and exec: permissions asked for, or R W X U always
enum class MappagesPolicy : std::uint8_t {
    aligned,
    rounding
};  // panic unless aligned ("mappages: ..."), or round ("remap")
enum class FirstPolicy : std::uint8_t { uvmfirst, uvminit };
enum class ClintPolicy : std::uint8_t { absent, mapped };  // in the kernel's page table
enum class ShrinkCallPolicy : std::uint8_t { shrinkproc, growproc };
enum class AreaPolicy : std::uint8_t { first, best, next };  // which gap myalloc takes
enum class AsidPolicy : std::uint8_t { off, on };  // a fence each way through the trampoline, or an ASID a process

struct Policies {
    SbrkPolicy sbrk = SbrkPolicy::call;
    ShrinkPolicy shrink = ShrinkPolicy::fail;
    ShrinkCallPolicy shrink_call = ShrinkCallPolicy::shrinkproc;
    ForkPolicy fork = ForkPolicy::copy;
    AbsentPolicy uvmunmap = AbsentPolicy::skip;
    AbsentPolicy uvmcopy = AbsentPolicy::skip;
    PermPolicy uvmalloc = PermPolicy::argument;
    PermPolicy exec = PermPolicy::argument;
    MappagesPolicy mappages = MappagesPolicy::aligned;
    FirstPolicy first = FirstPolicy::uvmfirst;
    ClintPolicy clint = ClintPolicy::absent;
    AreaPolicy areas = AreaPolicy::first;
    AsidPolicy asid = AsidPolicy::off;
    std::uint32_t stack_pages = 1;

    friend bool operator==(const Policies&, const Policies&) = default;

    static Policies xv6_2025() { return {}; }
    static Policies xv6_2020() {
        Policies p;
        p.sbrk = SbrkPolicy::eager;
        p.shrink = ShrinkPolicy::wrap;
        p.shrink_call = ShrinkCallPolicy::growproc;
        p.uvmunmap = AbsentPolicy::panic;
        p.uvmcopy = AbsentPolicy::panic;
        p.uvmalloc = PermPolicy::rwx;
        p.exec = PermPolicy::rwx;
        p.mappages = MappagesPolicy::rounding;
        p.first = FirstPolicy::uvminit;
        p.clint = ClintPolicy::mapped;
        return p;
    }
};

}  // namespace hartlab
