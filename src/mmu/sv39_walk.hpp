// The Sv39 page-table walk [priv 4.3.2] as a pure function: it reads PTEs through `read_pte` and changes nothing.
// An A or D bit that has to be set is reported in the result; storing it is the caller's duty. Who wants to see each
// level looks on in `read_pte`, which is called once for each, from the root down.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/fault.hpp"
#include "mmu/privilege.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

/// Why a walk ended; for people, beside the fault that the hart sees.
enum class WalkEnd : std::uint8_t {
    translated,
    non_canonical,         // bits 63-39 do not equal bit 38
    table_outside_memory,  // the PTE cannot be read: an access fault
    invalid,               // V is 0
    reserved_encoding,     // W without R, or a reserved bit set
    pointer_with_adu,      // a non-leaf with A, D or U set
    no_leaf,               // a pointer at level 0
    misaligned_superpage,
    not_user,       // U-mode, and U is 0
    user_page,      // S-mode, U is 1, and SUM is 0 (or it is a fetch)
    no_permission,  // R, W or X is missing
    needs_a_or_d,   // Svade: A is 0, or D is 0 for a store
};

struct Walk {
    WalkEnd end = WalkEnd::translated;
    int level = 0;           // of the last PTE
    PhysAddr pte_address;    // where the last PTE is
    std::uint64_t read = 0;  // the last PTE, as it is in memory; 0 when there was none to read
    std::uint64_t pte = 0;   // the leaf as it has to be: with A, and D for a store
    PhysAddr pa;             // of the byte that was asked for

    bool ok() const { return end == WalkEnd::translated; }
    /// Precondition: ok(). The leaf in memory still lacks A or D.
    bool pte_changed() const { return pte != read; }
    /// Precondition: not ok(). What the access ends in.
    Fault fault(VirtAddr va, Access access) const {
        return end == WalkEnd::table_outside_memory ? access_fault(access, va.value) : page_fault(access, va.value);
    }
};

/// Whether a leaf lets the access through; `translated` if so. [priv 4.3.2 steps 6 and 7]
constexpr WalkEnd check_leaf(std::uint64_t pte, Access access, const AccessContext& context) {
    const bool user_page = pte & PTE_U;
    if (context.privilege == Privilege::U && !user_page) return WalkEnd::not_user;
    if (context.privilege == Privilege::S && user_page && (access == Access::fetch || !context.sum)) {
        return WalkEnd::user_page;
    }
    const std::uint64_t readable = context.mxr ? PTE_R | PTE_X : PTE_R;
    const std::uint64_t wanted = access == Access::fetch ? PTE_X : access == Access::load ? readable : PTE_W;
    if (!(pte & wanted)) return WalkEnd::no_permission;
    const std::uint64_t accessed = access == Access::store ? PTE_A | PTE_D : PTE_A;
    if ((pte & accessed) != accessed && !context.hardware_ad) return WalkEnd::needs_a_or_d;
    return WalkEnd::translated;
}

/// `read_pte(PhysAddr) -> std::optional<uint64_t>`: the PTE there, or nothing where there is no memory.
template <class ReadPte>
[[gnu::always_inline]] inline Walk sv39_walk(PhysAddr root, VirtAddr va, Access access, const AccessContext& context,
                                             ReadPte&& read_pte) {
    Walk walk;
    const auto stop = [&walk](WalkEnd end) {
        walk.end = end;
        return walk;
    };
    if (!sv39_canonical(va)) return stop(WalkEnd::non_canonical);

    PhysAddr table = root;
    for (walk.level = SV39_LEVELS - 1; walk.level >= 0; --walk.level) {
        walk.pte_address = table + PX(walk.level, va) * sizeof(std::uint64_t);  // step 2
        const std::optional<std::uint64_t> read = read_pte(walk.pte_address);
        walk.read = read.value_or(0);
        if (!read) return stop(WalkEnd::table_outside_memory);
        const std::uint64_t pte = *read;

        constexpr std::uint64_t MEANING = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D | PTE_RESERVED;
        if ((pte & MEANING) == PTE_V) {  // step 4: a pointer
            table = PTE2PA(pte);
            continue;
        }
        if (!(pte & PTE_V)) return stop(WalkEnd::invalid);  // step 3
        if ((!(pte & PTE_R) && (pte & PTE_W)) || (pte & PTE_RESERVED)) return stop(WalkEnd::reserved_encoding);
        if (!pte_is_leaf(pte)) return stop(WalkEnd::pointer_with_adu);
        const std::uint64_t page_mask = leaf_size(walk.level) - 1;
        const WalkEnd verdict = check_leaf(pte, access, context);  // steps 5 to 7
        if (verdict != WalkEnd::translated && verdict != WalkEnd::needs_a_or_d) return stop(verdict);
        if (PTE2PA(pte).value & page_mask) return stop(WalkEnd::misaligned_superpage);
        if (verdict == WalkEnd::needs_a_or_d) return stop(verdict);
        walk.pte = pte | PTE_A | (access == Access::store ? PTE_D : 0);
        walk.pa = PhysAddr(PTE2PA(pte).value | (va.value & page_mask));  // step 8
        return walk;
    }
    walk.level = 0;
    return stop(WalkEnd::no_leaf);
}

}  // namespace hartlab
