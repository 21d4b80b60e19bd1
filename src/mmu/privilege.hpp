// Privilege levels [priv 1.2] and what else of the hart's state decides whether an access is allowed.
#pragma once

#include <cstdint>

namespace hartlab {

enum class Privilege : std::uint8_t { U = 0, S = 1, M = 3 };

struct AccessContext {
    Privilege privilege = Privilege::M;  // the effective one: MPRV is already applied
    bool sum = false;                    // S-mode may load and store pages with U set
    bool mxr = false;                    // loads may read executable pages
    bool hardware_ad = true;             // Svadu: the walker sets A and D; otherwise (Svade) it faults

    friend constexpr bool operator==(const AccessContext&, const AccessContext&) = default;
};

}  // namespace hartlab
