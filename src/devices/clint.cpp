#include "devices/clint.hpp"

#include "devices/register_part.hpp"

namespace hartlab {

namespace {

constexpr std::uint64_t MTIMECMP = 0x4000;
constexpr std::uint64_t MTIME = 0xbff8;

}  // namespace

std::optional<std::uint64_t> Clint::read(std::uint64_t offset, unsigned size) {
    if (size < 4) return std::nullopt;
    if (offset < 4 * MAX_HARTS) {
        if (size != 4) return std::nullopt;
        return msip[offset / 4];
    }
    if (offset >= MTIMECMP && offset < MTIMECMP + 8 * MAX_HARTS) {
        return part(mtimecmp[(offset - MTIMECMP) / 8], offset % 8, size);
    }
    if (offset >= MTIME && offset < MTIME + 8) return part(now + mtime_offset, offset % 8, size);
    return 0;  // reserved words of the window read as zero, as on QEMU's board
}

bool Clint::write(std::uint64_t offset, std::uint64_t value, unsigned size) {
    if (size < 4) return false;
    if (offset < 4 * MAX_HARTS) {
        if (size != 4) return false;
        msip[offset / 4] = value & 1;
    } else if (offset >= MTIMECMP && offset < MTIMECMP + 8 * MAX_HARTS) {
        std::uint64_t& reg = mtimecmp[(offset - MTIMECMP) / 8];
        reg = with_part(reg, offset % 8, size, value);
    } else if (offset >= MTIME && offset < MTIME + 8) {
        mtime_offset = with_part(now + mtime_offset, offset % 8, size, value) - now;
    }
    return true;
}

}  // namespace hartlab
