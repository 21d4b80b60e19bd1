// The block device behind VirtioMmio: its features, its configuration and its requests [virtio 5.2].
#include <algorithm>
#include <cstring>
#include <string_view>

#include "devices/register_part.hpp"
#include "devices/virtio_mmio.hpp"

namespace hartlab {

namespace {

constexpr std::uint64_t F_SEG_MAX = 1 << 2, F_BLK_SIZE = 1 << 6, F_FLUSH = 1 << 9;
constexpr std::uint64_t F_INDIRECT_DESC = std::uint64_t{1} << 28, F_VERSION_1 = std::uint64_t{1} << 32;
constexpr std::uint32_t SEG_MAX = Virtqueue::MAX_SIZE - 2;  // of a request: a header and a status go with them

enum RequestType : std::uint32_t { READ = 0, WRITE = 1, FLUSH = 4, GET_ID = 8 };
constexpr std::uint8_t STATUS_OK = 0, STATUS_IO_ERROR = 1, STATUS_UNSUPPORTED = 2;
constexpr std::uint64_t HEADER = 16;
constexpr std::string_view ID = "hartlab";
constexpr std::uint64_t ID_SIZE = 20;

/// The bytes of a request's buffers in one direction, as one stretch [virtio 2.7.4: the device must not rely on their split].
class Stretch {
public:
    Stretch(Ram& ram, const std::vector<Buffer>& buffers, bool writable) :
        ram_(&ram), buffers_(&buffers), writable_(writable) {
        for (const Buffer& b : buffers) length_ += b.writable == writable ? b.length : 0;
    }
    std::uint64_t length() const { return length_; }

    /// Calls visit(pa, offset, n) for each piece of [first, first + count) with its offset from `first`.
    template <class Visit>
    void pieces(std::uint64_t first, std::uint64_t count, Visit&& visit) const {
        std::uint64_t start = 0;
        for (const Buffer& b : *buffers_) {
            if (b.writable != writable_) continue;
            const std::uint64_t from = std::max(start, first), to = std::min(start + b.length, first + count);
            if (from < to) visit(b.pa + (from - start), from - first, to - from);
            start += b.length;
        }
    }
    void read(std::uint64_t first, void* to, std::uint64_t count) const {
        pieces(first, count, [&](PhysAddr pa, std::uint64_t offset, std::uint64_t n) {
            std::memcpy(static_cast<std::uint8_t*>(to) + offset, ram_->at(pa), n);
        });
    }
    void write(std::uint64_t first, const void* from, std::uint64_t count) const {
        pieces(first, count, [&](PhysAddr pa, std::uint64_t offset, std::uint64_t n) {
            ram_->write(pa, static_cast<const std::uint8_t*>(from) + offset, n);
        });
    }

private:
    Ram* ram_;
    const std::vector<Buffer>* buffers_;
    bool writable_;
    std::uint64_t length_ = 0;
};

}  // namespace

std::uint64_t VirtioMmio::features() const {
    return F_SEG_MAX | F_BLK_SIZE | F_FLUSH | F_INDIRECT_DESC | (legacy_ ? 0 : F_VERSION_1);
}

std::uint64_t VirtioMmio::read_config(std::uint64_t offset, unsigned size) const {
    struct {
        std::uint64_t capacity;
        std::uint32_t size_max, seg_max;
        std::uint32_t geometry;
        std::uint32_t blk_size;
    } const config{disk_->sectors(), 0, SEG_MAX, 0, static_cast<std::uint32_t>(Disk::SECTOR)};
    std::uint64_t value = 0;
    if (offset < sizeof config) {
        std::memcpy(&value, reinterpret_cast<const std::uint8_t*>(&config) + offset,
                    std::min<std::uint64_t>(size, sizeof config - offset));
    }
    return value;
}

std::optional<std::uint32_t> VirtioMmio::serve(const Virtqueue::Chain& chain) {
    const Stretch from_driver(*ram_, chain.buffers, false), to_driver(*ram_, chain.buffers, true);
    if (from_driver.length() < HEADER || to_driver.length() < 1) return std::nullopt;
    struct {
        std::uint32_t type, reserved;
        std::uint64_t sector;
    } header;
    from_driver.read(0, &header, sizeof header);
    const std::uint64_t room = to_driver.length() - 1, sent = from_driver.length() - HEADER;
    // A sector beyond 2^55 has no offset in bytes; the disk does not contain it either.
    const std::uint64_t offset = header.sector < disk_->sectors() ? header.sector * Disk::SECTOR : disk_->size();
    std::uint8_t status = STATUS_OK;
    std::uint64_t written = 0;
    switch (header.type) {
    case READ:
        if (room % Disk::SECTOR != 0 || !disk_->contains(offset, room)) {
            status = STATUS_IO_ERROR;
            break;
        }
        to_driver.write(0, disk_->at(offset), room);
        written = room;
        break;
    case WRITE:
        if (sent % Disk::SECTOR != 0 || !disk_->contains(offset, sent)) {
            status = STATUS_IO_ERROR;
            break;
        }
        from_driver.pieces(HEADER, sent, [&](PhysAddr pa, std::uint64_t at, std::uint64_t n) {
            disk_->write(offset + at, ram_->at(pa), n);
        });
        break;
    case FLUSH: break;  // a write is complete when it is answered
    case GET_ID: {
        char id[ID_SIZE] = {};
        ID.copy(id, ID.size());
        written = std::min(room, ID_SIZE);
        to_driver.write(0, id, written);
        break;
    }
    default: status = STATUS_UNSUPPORTED;
    }
    to_driver.write(room, &status, 1);
    return static_cast<std::uint32_t>(written + 1);
}

}  // namespace hartlab
