// The control and status registers: who may reach which, what each reads as, and what a write leaves of a value (WARL).
// [priv 2, 3.1, 4.1; unpriv 9, 10, 11.2]
#include <cstring>
#include <utility>

#include "hart/csr_numbers.hpp"
#include "hart/hart.hpp"
#include "hart/mstatus.hpp"

namespace hartlab {

namespace {

using namespace csr_numbers;

constexpr std::uint64_t extension_bit(char letter) { return std::uint64_t{1} << (letter - 'A'); }
constexpr std::uint64_t MISA_VALUE = std::uint64_t{2} << 62 | extension_bit('I') | extension_bit('M') |
                                     extension_bit('A') | extension_bit('F') | extension_bit('D') | extension_bit('C') |
                                     extension_bit('S') | extension_bit('U');

constexpr std::uint64_t SUPERVISOR_INTERRUPTS = MIP_SSIP | MIP_STIP | MIP_SEIP;
constexpr std::uint64_t ALL_INTERRUPTS = SUPERVISOR_INTERRUPTS | MIP_MSIP | MIP_MTIP | MIP_MEIP;
/// Every exception that there is but the call from M-mode, which cannot be delegated.
constexpr std::uint64_t DELEGABLE_EXCEPTIONS = 0xb3ff;

constexpr std::uint64_t MSTATUS_WRITABLE = MSTATUS_SIE | MSTATUS_MIE | MSTATUS_SPIE | MSTATUS_MPIE | MSTATUS_SPP |
                                           MSTATUS_FS | MSTATUS_MPRV | MSTATUS_SUM | MSTATUS_MXR | MSTATUS_TVM |
                                           MSTATUS_TW | MSTATUS_TSR;
constexpr std::uint64_t SSTATUS_WRITABLE =
    MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_FS | MSTATUS_SUM | MSTATUS_MXR;

constexpr std::uint64_t COUNTEN_CY = 1 << 0, COUNTEN_TM = 1 << 1, COUNTEN_IR = 1 << 2;

bool within(std::uint32_t number, std::uint32_t first, std::uint32_t last) { return number >= first && number <= last; }

/// The registers of entries of physical memory protection. Those of entries that are not implemented read as zero [priv
/// 3.7.1]; kernels write them without asking. RV64 has no odd pmpcfg.
bool is_pmp(std::uint32_t number) {
    return within(number, PMPADDR0, PMPADDR63) || (within(number, PMPCFG0, PMPCFG14) && number % 2 == 0);
}

std::uint64_t read_pmp(const PmpRegisters& pmp, std::uint32_t number) {
    if (within(number, PMPADDR0, PMPADDR15)) return pmp.addr[number - PMPADDR0];
    if (!within(number, PMPCFG0, PMPCFG2)) return 0;
    std::uint64_t value = 0;
    std::memcpy(&value, &pmp.cfg[4 * (number - PMPCFG0)], sizeof value);
    return value;
}

void write_pmp(PmpRegisters& pmp, std::uint32_t number, std::uint64_t value) {
    if (within(number, PMPADDR0, PMPADDR15)) return pmp.write_addr(number - PMPADDR0, value);
    if (!within(number, PMPCFG0, PMPCFG2)) return;
    for (unsigned i = 0; i < 8; ++i)
        pmp.write_cfg(4 * (number - PMPCFG0) + i, static_cast<std::uint8_t>(value >> 8 * i));
}

/// Debug triggers, of which there are none: whatever is selected has type 0 and is nothing [debug 5.7.1].
bool is_trigger(std::uint32_t number) { return within(number, TSELECT, TINFO); }
constexpr std::uint64_t TINFO_NO_TRIGGER = 1;

/// BASE and MODE of a trap vector; reserved modes leave the register as it was.
std::uint64_t legal_tvec(std::uint64_t old, std::uint64_t value) { return (value & 2) ? old : value; }

/// An mstatus with MPP as a write leaves it: 2 is no privilege level.
std::uint64_t legal_mpp(std::uint64_t old, std::uint64_t value) {
    return bits(value, 12, 11) == 2 ? replace_bits(value, MSTATUS_MPP, old) : value;
}

}  // namespace

/// Whether a counter may be read at this privilege [priv 3.1.11, 4.1.5].
bool Hart::counter_enabled(std::uint64_t enable_bit) const {
    if (state.privilege != Privilege::M && !(state.csr.mcounteren & enable_bit)) return false;
    return state.privilege != Privilege::U || (state.csr.scounteren & enable_bit);
}

bool Hart::csr_accessible(std::uint32_t number) const {
    // Bits 9-8 of the number are the lowest privilege that may access it [priv 2.1].
    if (static_cast<std::uint64_t>(state.privilege) < bits(number, 9, 8)) return false;
    switch (number) {
    case FFLAGS:
    case FRM:
    case FCSR: return state.csr.mstatus & MSTATUS_FS;
    case CYCLE: return counter_enabled(COUNTEN_CY);
    case TIME: return counter_enabled(COUNTEN_TM);
    case INSTRET: return counter_enabled(COUNTEN_IR);
    case SATP: return !(state.privilege == Privilege::S && (state.csr.mstatus & MSTATUS_TVM));
    case STIMECMP:  // [Sstc 2.1, 2.2]
        return state.privilege == Privilege::M ||
               ((state.csr.menvcfg & MENVCFG_STCE) && (state.csr.mcounteren & COUNTEN_TM));
    default:
        if (within(number, HPMCOUNTER3, HPMCOUNTER31)) return counter_enabled(std::uint64_t{1} << (number & 31));
        return true;
    }
}

std::uint64_t Hart::counter(std::uint64_t offset, std::uint64_t inhibit_bit) const {
    return state.csr.mcountinhibit & inhibit_bit ? offset : state.retired + offset;
}

Result<std::uint64_t> Hart::read_csr(std::uint32_t number) {
    const Csrs& csr = state.csr;
    if (number <= FCSR) harvest_host_flags();
    const auto mstatus = [&csr] {
        const bool dirty = (csr.mstatus & MSTATUS_FS) == MSTATUS_FS;
        return csr.mstatus | MSTATUS_XL64 | (dirty ? MSTATUS_SD : 0);
    };
    if (!csr_accessible(number)) return Fault{Cause::illegal_instruction};
    switch (number) {
    case FFLAGS: return csr.fflags;
    case FRM: return csr.frm;
    case FCSR: return std::uint64_t{csr.frm} << 5 | csr.fflags;
    case CYCLE:
    case MCYCLE: ++clock_reads; return counter(csr.mcycle_offset, COUNTEN_CY);
    case INSTRET:
    case MINSTRET: ++clock_reads; return counter(csr.minstret_offset, COUNTEN_IR);
    case TIME: ++clock_reads; return time();

    case SSTATUS: return mstatus() & (SSTATUS_WRITABLE | MSTATUS_UXL | MSTATUS_SD);
    case SIE: return csr.mie & csr.mideleg;
    case SIP: return csr.mip & csr.mideleg;
    case STVEC: return csr.stvec;
    case SCOUNTEREN: return csr.scounteren;
    case SENVCFG: return csr.senvcfg;
    case SSCRATCH: return csr.sscratch;
    case SEPC: return csr.sepc;
    case SCAUSE: return csr.scause;
    case STVAL: return csr.stval;
    case STIMECMP: return csr.stimecmp;
    case SATP: return csr.satp;

    case MVENDORID:
    case MARCHID:
    case MIMPID:
    case MCONFIGPTR: return 0;
    case MHARTID: return csr.mhartid;
    case MSTATUS: return mstatus();
    case MISA: return MISA_VALUE;
    case MEDELEG: return csr.medeleg;
    case MIDELEG: return csr.mideleg;
    case MIE: return csr.mie;
    case MIP: return csr.mip;
    case MTVEC: return csr.mtvec;
    case MCOUNTEREN: return csr.mcounteren;
    case MCOUNTINHIBIT: return csr.mcountinhibit;
    case MENVCFG: return csr.menvcfg;
    case MSCRATCH: return csr.mscratch;
    case MEPC: return csr.mepc;
    case MCAUSE: return csr.mcause;
    case MTVAL: return csr.mtval;
    case TINFO: return TINFO_NO_TRIGGER;
    default:
        // Performance counters that count nothing, and their events [priv 3.1.10].
        if (within(number, HPMCOUNTER3, HPMCOUNTER31) || within(number, MHPMCOUNTER3, MHPMCOUNTER31) ||
            within(number, MHPMEVENT3, MHPMEVENT31) || is_trigger(number)) {
            return 0;
        }
        if (is_pmp(number)) return read_pmp(csr.pmp, number);
        return Fault{Cause::illegal_instruction};
    }
}

std::uint64_t Hart::modifiable(std::uint32_t number, std::uint64_t read) const {
    if (number != MIP) return read;
    return replace_bits(read, MIP_SEIP, state.csr.seip_written ? MIP_SEIP : 0);
}

bool Hart::write_csr(std::uint32_t number, std::uint64_t value, std::uint64_t retired_after) {
    Csrs& csr = state.csr;
    if (number <= FCSR) harvest_host_flags();
    const bool read_only = bits(number, 11, 10) == 3;
    if (read_only || !csr_accessible(number)) return false;
    const auto write_mstatus = [this, &csr](std::uint64_t writable, std::uint64_t v) {
        const std::uint64_t old = std::exchange(csr.mstatus, replace_bits(csr.mstatus, writable, v));
        constexpr std::uint64_t TRANSLATION = MSTATUS_MPRV | MSTATUS_MPP | MSTATUS_SUM | MSTATUS_MXR;
        if ((old ^ csr.mstatus) & TRANSLATION) synchronise_mmu();
        look_up_ = true;
    };
    switch (number) {
    case FFLAGS: csr.fflags = value & 0x1f; break;
    case FRM: csr.frm = value & 7; break;
    case FCSR:
        csr.fflags = value & 0x1f;
        csr.frm = static_cast<std::uint8_t>(bits(value, 7, 5));
        break;

    case SSTATUS: write_mstatus(SSTATUS_WRITABLE, value); return true;
    case SIE: csr.mie = replace_bits(csr.mie, csr.mideleg, value); break;
    case SIP: csr.mip = replace_bits(csr.mip, csr.mideleg & MIP_SSIP, value); break;
    case STVEC: csr.stvec = legal_tvec(csr.stvec, value); break;
    case SCOUNTEREN: csr.scounteren = value & 0xffff'ffff; break;
    case SENVCFG: csr.senvcfg = value & MENVCFG_FIOM; break;
    case SSCRATCH: csr.sscratch = value; break;
    case SEPC: csr.sepc = value & ~std::uint64_t{1}; break;
    case SCAUSE: csr.scause = value; break;
    case STVAL: csr.stval = value; break;
    case STIMECMP:
        csr.stimecmp = value;
        update_interrupts();
        pause();  // whoever counts the time to the next timer has to count again
        return true;
    case SATP:
        // An unsupported MODE makes the whole write do nothing [priv 4.1.11].
        if (satp_mode(value) != SATP_MODE_BARE && satp_mode(value) != SATP_MODE_SV39) return true;
        csr.satp = value;
        synchronise_mmu();
        return true;

    case MSTATUS: write_mstatus(MSTATUS_WRITABLE | MSTATUS_MPP, legal_mpp(csr.mstatus, value)); return true;
    case MISA: break;  // no extension can be switched off
    case MEDELEG: csr.medeleg = value & DELEGABLE_EXCEPTIONS; break;
    case MIDELEG: csr.mideleg = value & SUPERVISOR_INTERRUPTS; break;
    case MIE: csr.mie = value & ALL_INTERRUPTS; break;
    case MIP:  // the rest are devices' lines, or Sstc's
        csr.mip = replace_bits(csr.mip, MIP_SSIP | MIP_STIP, value);
        csr.seip_written = value & MIP_SEIP;
        update_interrupts();
        break;
    case MTVEC: csr.mtvec = legal_tvec(csr.mtvec, value); break;
    case MCOUNTEREN: csr.mcounteren = value & 0xffff'ffff; break;
    case MCOUNTINHIBIT: {
        const std::uint64_t cycle = counter(csr.mcycle_offset, COUNTEN_CY);
        const std::uint64_t instret = counter(csr.minstret_offset, COUNTEN_IR);
        csr.mcountinhibit = value & (COUNTEN_CY | COUNTEN_IR);
        csr.mcycle_offset = csr.mcountinhibit & COUNTEN_CY ? cycle : cycle - state.retired;
        csr.minstret_offset = csr.mcountinhibit & COUNTEN_IR ? instret : instret - state.retired;
        break;
    }
    case MENVCFG:
        csr.menvcfg = value & (MENVCFG_FIOM | MENVCFG_STCE | (hardware_ad ? MENVCFG_ADUE : 0));
        update_interrupts();
        synchronise_mmu();
        pause();
        return true;
    case MSCRATCH: csr.mscratch = value; break;
    case MEPC: csr.mepc = value & ~std::uint64_t{1}; break;
    case MCAUSE: csr.mcause = value; break;
    case MTVAL: csr.mtval = value; break;
    case MCYCLE: csr.mcycle_offset = csr.mcountinhibit & COUNTEN_CY ? value : value - retired_after; break;
    case MINSTRET: csr.minstret_offset = csr.mcountinhibit & COUNTEN_IR ? value : value - retired_after; break;
    default:
        if (is_pmp(number)) {
            if (pmp_implemented) {
                write_pmp(csr.pmp, number, value);
                mmu.set_pmp(csr.pmp, pmp_implemented);
            }
            break;
        }
        return within(number, MHPMCOUNTER3, MHPMCOUNTER31) || within(number, MHPMEVENT3, MHPMEVENT31) ||
               is_trigger(number);
    }
    if (number <= FCSR) csr.mstatus |= MSTATUS_FS;
    look_up_ = true;
    return true;
}

}  // namespace hartlab
