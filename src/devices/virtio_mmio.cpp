#include "devices/virtio_mmio.hpp"

#include "devices/register_part.hpp"

namespace hartlab {

namespace {

// clang-format off
enum Register : std::uint64_t {  // [virtio 4.2.2, 4.2.4]
    MAGIC = 0x000, VERSION = 0x004, DEVICE_ID = 0x008, VENDOR_ID = 0x00c,
    DEVICE_FEATURES = 0x010, DEVICE_FEATURES_SELECT = 0x014, DRIVER_FEATURES = 0x020, DRIVER_FEATURES_SELECT = 0x024,
    GUEST_PAGE_SIZE = 0x028, QUEUE_SELECT = 0x030, QUEUE_SIZE_MAX = 0x034, QUEUE_SIZE = 0x038, QUEUE_ALIGN = 0x03c,
    QUEUE_PAGE = 0x040, QUEUE_READY = 0x044, QUEUE_NOTIFY = 0x050, INTERRUPT_STATUS = 0x060, INTERRUPT_ACK = 0x064,
    STATUS = 0x070, QUEUE_DESC_LOW = 0x080, QUEUE_DESC_HIGH = 0x084, QUEUE_DRIVER_LOW = 0x090,
    QUEUE_DRIVER_HIGH = 0x094, QUEUE_DEVICE_LOW = 0x0a0, QUEUE_DEVICE_HIGH = 0x0a4, CONFIG_GENERATION = 0x0fc,
    CONFIG = 0x100, END = 0x200,
};
// clang-format on

constexpr std::uint32_t MAGIC_VALUE = 0x7472'6976, VENDOR_QEMU = 0x554d'4551;
constexpr std::uint32_t ID_NONE = 0, ID_BLOCK = 2;
constexpr std::uint32_t STATUS_DRIVER_OK = 4, STATUS_FEATURES_OK = 8, STATUS_NEEDS_RESET = 64;
constexpr std::uint32_t INTERRUPT_USED = 1, INTERRUPT_CONFIG = 2;

constexpr std::uint64_t F_INDIRECT_DESC = std::uint64_t{1} << 28;

std::uint32_t word(std::uint64_t value, bool high) { return static_cast<std::uint32_t>(high ? value >> 32 : value); }
void set_word(PhysAddr& pa, bool high, std::uint32_t value) {
    pa = PhysAddr(with_part(pa.value, high ? 4 : 0, 4, value));
}

}  // namespace

std::optional<std::uint64_t> VirtioMmio::read(std::uint64_t offset, unsigned size) {
    if (offset >= CONFIG) return disk_ && offset < END ? read_config(offset - CONFIG, size) : 0;
    if (size != 4) return 0;
    return read_register(offset);
}

std::uint32_t VirtioMmio::read_register(std::uint64_t offset) const {
    switch (offset) {
    case MAGIC: return MAGIC_VALUE;
    case VERSION: return legacy_ ? 1 : 2;
    case DEVICE_ID: return disk_ ? ID_BLOCK : ID_NONE;
    case VENDOR_ID: return VENDOR_QEMU;
    default: break;
    }
    if (!disk_) return 0;
    const bool first_queue = state.queue_select == 0;
    switch (offset) {
    case DEVICE_FEATURES: return state.device_features_select > 1 ? 0 : word(features(), state.device_features_select);
    case QUEUE_SIZE_MAX: return first_queue ? Virtqueue::MAX_SIZE : 0;
    case QUEUE_PAGE: return legacy_ && first_queue ? state.queue_page : 0;
    case QUEUE_READY: return !legacy_ && first_queue && state.queue.ready;
    case INTERRUPT_STATUS: return state.interrupt_status;
    case STATUS: return state.status;
    default: return 0;
    }
}

bool VirtioMmio::write(std::uint64_t offset, std::uint64_t value, unsigned size) {
    if (disk_ && size == 4 && offset < CONFIG) {
        write_register(offset, static_cast<std::uint32_t>(value));
    }
    return true;
}

void VirtioMmio::write_register(std::uint64_t offset, std::uint32_t value) {
    const bool first_queue = state.queue_select == 0;
    Virtqueue& queue = state.queue;
    switch (offset) {
    case DEVICE_FEATURES_SELECT: state.device_features_select = value; return;
    case DRIVER_FEATURES_SELECT: state.driver_features_select = value; return;
    case DRIVER_FEATURES:
        if (state.driver_features_select < 2 && !(state.status & STATUS_FEATURES_OK)) {
            state.driver_features = with_part(state.driver_features, 4 * state.driver_features_select, 4, value);
        }
        return;
    case QUEUE_SELECT: state.queue_select = value; return;
    case QUEUE_NOTIFY:
        if (value == 0) serve_queue();
        return;
    case INTERRUPT_ACK: state.interrupt_status &= ~value; return;
    case STATUS:
        if (value == 0) {
            reset();
            return;
        }
        // Features that were not offered are not accepted [virtio 3.1.1]; the driver sees that the bit stays clear.
        if (state.driver_features & ~features()) value &= ~STATUS_FEATURES_OK;
        state.status = value | (state.status & STATUS_NEEDS_RESET);
        queue.indirect = state.driver_features & F_INDIRECT_DESC;
        return;
    default: break;
    }
    if (!first_queue) return;
    if (offset == QUEUE_SIZE) {
        const bool power_of_two = value != 0 && (value & (value - 1)) == 0;
        if (power_of_two && value <= Virtqueue::MAX_SIZE && !queue.ready) queue.size = value;
        return;
    }
    if (legacy_) {
        switch (offset) {
        case GUEST_PAGE_SIZE: state.guest_page_size = value; break;
        case QUEUE_ALIGN: state.queue_align = value; break;
        case QUEUE_PAGE:
            state.queue_page = value;
            set_legacy_queue();
            break;
        default: break;
        }
        return;
    }
    switch (offset) {
    case QUEUE_READY:
        queue.ready = value & 1;
        if (queue.ready) queue.next_available = queue.next_used = 0;
        break;
    case QUEUE_DESC_LOW:
    case QUEUE_DESC_HIGH: set_word(queue.descriptors, offset == QUEUE_DESC_HIGH, value); break;
    case QUEUE_DRIVER_LOW:
    case QUEUE_DRIVER_HIGH: set_word(queue.available, offset == QUEUE_DRIVER_HIGH, value); break;
    case QUEUE_DEVICE_LOW:
    case QUEUE_DEVICE_HIGH: set_word(queue.used, offset == QUEUE_DEVICE_HIGH, value); break;
    default: break;
    }
}

/// The legacy layout: descriptors, available ring, and the used ring at the next multiple of the alignment [virtio 2.7.2].
void VirtioMmio::set_legacy_queue() {
    Virtqueue& queue = state.queue;
    const std::uint64_t base = std::uint64_t{state.queue_page} * state.guest_page_size;
    const std::uint64_t align = state.queue_align ? state.queue_align : 1;
    const std::uint64_t rings = 16ull * queue.size + 6 + 2ull * queue.size;
    queue.descriptors = PhysAddr(base);
    queue.available = PhysAddr(base + 16ull * queue.size);
    queue.used = PhysAddr(base + (rings + align - 1) / align * align);
    queue.next_available = queue.next_used = 0;
    queue.ready = state.queue_page != 0;
}

void VirtioMmio::reset() {
    const std::uint32_t guest_page_size = state.guest_page_size;  // which a legacy driver sets before it resets
    state = State();
    state.guest_page_size = guest_page_size;
}

void VirtioMmio::needs_reset() {
    state.status |= STATUS_NEEDS_RESET;
    state.interrupt_status |= INTERRUPT_CONFIG;
}

void VirtioMmio::serve_queue() {
    Virtqueue& queue = state.queue;
    if (!queue.ready || queue.size == 0 || !(state.status & STATUS_DRIVER_OK) || (state.status & STATUS_NEEDS_RESET))
        return;
    Virtqueue::Chain chain;
    bool served = false;
    // No driver can have more than a queue of requests waiting.
    for (std::uint32_t n = 0; n < queue.size; ++n) {
        const Virtqueue::Next next = queue.take(*ram_, chain);
        if (next == Virtqueue::Next::none) break;
        if (next == Virtqueue::Next::broken) return needs_reset();
        const std::optional<std::uint32_t> written = serve(chain);
        if (!written || !queue.give_back(*ram_, chain.head, *written)) return needs_reset();
        served = true;
    }
    if (served && queue.wants_interrupt(*ram_)) state.interrupt_status |= INTERRUPT_USED;
}

}  // namespace hartlab
