#include "machine/state_bytes.hpp"

#include <memory>
#include <utility>

#include "base/bits.hpp"
#include "hart/mstatus.hpp"
#include "memory/image_bytes.hpp"
#include "mmu/satp.hpp"

namespace hartlab {

// The structured bindings hold these lists to the structs: a member more does not compile until it is named here, and then
// files of the version before cannot be read (FORMAT in python/hartlab/saving.py).

template <class Archive>
void fields(Archive& archive, PmpRegisters& pmp) {
    auto& [cfg, addr] = pmp;
    archive(cfg, addr);
}

template <class Archive>
void fields(Archive& archive, Csrs& csrs) {
    auto& [mstatus, medeleg, mideleg, mie, mip, mtvec, mscratch, mepc, mcause, mtval, mcounteren, mcountinhibit,
           menvcfg, mhartid, seip_written, pmp, stvec, sscratch, sepc, scause, stval, scounteren, senvcfg, satp,
           stimecmp, fflags, frm, mcycle_offset, minstret_offset] = csrs;
    archive(mstatus, medeleg, mideleg, mie, mip, mtvec, mscratch, mepc, mcause, mtval, mcounteren, mcountinhibit,
            menvcfg, mhartid, seip_written, pmp, stvec, sscratch, sepc, scause, stval, scounteren, senvcfg, satp,
            stimecmp, fflags, frm, mcycle_offset, minstret_offset);
}

template <class Archive>
void fields(Archive& archive, HartState& state) {
    auto& [x, f, pc, privilege, csr, reservation, retired, time_base, waited, waiting, interrupt_lines, trapped_at,
           fruitless_traps] = state;
    archive(x, f, pc, privilege, csr, reservation, retired, time_base, waited, waiting, interrupt_lines, trapped_at,
            fruitless_traps);
}

template <class Archive>
void fields(Archive& archive, TlbGeometry& geometry) {
    auto& [sets, ways, replacement, seed] = geometry;
    archive(sets, ways, replacement, seed);
}

template <class Archive>
void fields(Archive& archive, TlbEntry& entry) {
    auto& [vpn, ppn, pte, stamp, asid, level, global] = entry;
    archive(vpn, ppn, pte, stamp, asid, level, global);
}

template <class Archive>
void fields(Archive& archive, TlbCounts& counts) {
    auto& [hits, misses, evictions, flushes] = counts;
    archive(hits, misses, evictions, flushes);
}

template <class Archive>
void fields(Archive& archive, Clint& clint) {
    auto& [now, mtimecmp, msip, mtime_offset] = clint;
    archive(now, mtimecmp, msip, mtime_offset);
}

template <class Archive>
void fields(Archive& archive, HartTurn& turn) {
    auto& [hart, instructions] = turn;
    archive(hart, instructions);
}

template <class Archive>
void fields(Archive& archive, Schedule& schedule) {
    auto& [hart, had_turns, left, given, taken, seed, quantum, rounds, round_turns, present] = schedule;
    std::vector<HartTurn> turns;
    if (given) turns = *given;
    archive(hart, had_turns, left, turns, taken, seed, quantum, rounds, round_turns);
    given = std::make_shared<const std::vector<HartTurn>>(std::move(turns));
    static_cast<void>(present);  // it follows from the seed
}

template <class Archive>
void fields(Archive& archive, Power& power) {
    auto& [request, exit_code] = power;
    archive(request, exit_code);
}

template <class Archive>
void fields(Archive& archive, TestDevice& test) {
    auto& [power] = test;
    archive(power);
}

template <class Archive>
void fields(Archive& archive, Htif::State& htif) {
    auto& [tohost, fromhost, power] = htif;
    archive(tohost, fromhost, power);
}

template <class Archive>
void fields(Archive& archive, Virtqueue& queue) {
    auto& [size, ready, descriptors, available, used, next_available, next_used, indirect] = queue;
    archive(size, ready, descriptors, available, used, next_available, next_used, indirect);
}

template <class Archive>
void fields(Archive& archive, VirtioMmio::State& virtio) {
    auto& [status, interrupt_status, device_features_select, driver_features_select, queue_select, driver_features,
           guest_page_size, queue_align, queue_page, queue] = virtio;
    archive(status, interrupt_status, device_features_select, driver_features_select, queue_select, driver_features,
            guest_page_size, queue_align, queue_page, queue);
}

namespace {

/// All of a board but its disk.
template <class Archive>
void device_fields(Archive& archive, BoardState& board) {
    auto& [plic, uart, test, htif, virtio, disk, disk_size, rom] = board;
    archive(plic, uart, test, htif, virtio, disk_size, rom);
}

void check(const HartState& state, std::size_t number) {
    const Csrs& csr = state.csr;
    require(state.x[0] == 0, "register x0 is not zero");
    require(state.privilege <= Privilege::M && static_cast<int>(state.privilege) != 2, "a hart is in no mode");
    require(((state.pc | csr.mepc | csr.sepc) & 1) == 0, "a program counter is odd");
    require(bits(csr.mstatus, 12, 11) != 2, "mstatus.MPP is no mode");
    require(((csr.mtvec | csr.stvec) & 2) == 0, "a trap vector has no mode");
    require(satp_mode(csr.satp) == SATP_MODE_BARE || satp_mode(csr.satp) == SATP_MODE_SV39, "satp has no mode");
    require(csr.fflags <= 31 && csr.frm <= 7, "fcsr holds what it cannot");
    require(csr.mhartid == number, "a hart has the number of another");
    for (const std::uint64_t address : csr.pmp.addr) require(address <= mask(53, 0), "pmpaddr holds what it cannot");
}

void check(const Schedule& schedule, unsigned harts) {
    require(schedule.hart < harts, "the turn is of a hart that there is not");
    require(schedule.taken <= schedule.given->size(), "more turns were taken than were given");
    for (const HartTurn& turn : *schedule.given)
        require(turn.hart < harts && turn.instructions > 0, "a turn is of a hart that there is not, or of no length");
    require(schedule.quantum > 0 && schedule.rounds >> 48 == 0 && schedule.round_turns <= harts,
            "the turns are none that a seed makes");
}

void check(const BoardState& board, std::uint64_t ram_size) {
    const auto is_doubleword_in_ram = [ram_size](std::uint64_t pa) {
        return pa % 8 == 0 && pa - RAM_BASE.value < ram_size;
    };
    for (const std::uint64_t pa : {board.htif.tohost, board.htif.fromhost})
        require(pa == 0 || is_doubleword_in_ram(pa), "tohost or fromhost is no doubleword in RAM");
    for (const Power& power : {board.test.power, board.htif.power})
        require(power.request <= PowerRequest::reset, "the power is neither on nor off");
    for (const VirtioMmio::State& slot : board.virtio) {
        const std::uint32_t size = slot.queue.size;
        require(size <= Virtqueue::MAX_SIZE && (size & (size - 1)) == 0, "a virtqueue has no size that it could");
    }
    require(board.uart.whole(), "the serial port holds what it cannot");
    require(board.disk_size % Disk::SECTOR == 0, "the disk is not of whole sectors");
}

}  // namespace

void write_state(ByteWriter& bytes, const MachineState& state) {
    MachineState copy = state;  // which shares what is large
    std::uint64_t harts = copy.harts.size();
    bytes(harts);
    for (MachineState::OfHart& hart : copy.harts) bytes(hart.state, hart.tlb);
    bool has_board = copy.board != nullptr;
    bytes(copy.clint, copy.schedule, has_board);
    write_image(bytes, copy.ram);
    if (!has_board) return;
    BoardState board = *copy.board;
    device_fields(bytes, board);
    if (board.disk) write_image(bytes, *board.disk);
}

MachineState read_state(ByteReader& bytes, const MachineConfig& config, std::uint64_t max_disk_size) {
    MachineState state;
    std::uint64_t harts = 0;
    bytes(harts);
    require(harts == config.harts, "the number of harts is not that of the configuration");
    for (std::size_t number = 0; number < harts; ++number) {
        MachineState::OfHart hart{{}, Tlb({.sets = 1, .ways = 1})};
        bytes(hart.state, hart.tlb);
        check(hart.state, number);
        require(hart.tlb.geometry() == config.tlb, "a TLB is not as large as the configuration says");
        require(hart.tlb.whole(), "a TLB holds entries where they cannot be");
        state.harts.push_back(std::move(hart));
    }
    bool has_board = false;
    bytes(state.clint, state.schedule, has_board);
    check(state.schedule, config.harts);
    state.schedule.recall_round(config.harts);
    require(has_board == config.board, "devices are there, or missing, against the configuration");
    state.ram = read_image(bytes, config.ram_size / PGSIZE);
    if (has_board) {
        BoardState board;
        device_fields(bytes, board);
        check(board, config.ram_size);
        if (board.disk_size != 0) {
            require(board.disk_size <= max_disk_size, "the disk is larger than is allowed");
            board.disk = read_image(bytes, PGROUNDUP(board.disk_size) / PGSIZE);
        }
        state.board = std::make_shared<const BoardState>(std::move(board));
    }
    return state;
}

}  // namespace hartlab
