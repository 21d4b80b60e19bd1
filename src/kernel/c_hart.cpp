#include "kernel/c_hart.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "hart/csr_numbers.hpp"
#include "hart/isa/instruction.hpp"
#include "hart/mstatus.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/kernel.hpp"
#include "mmu/satp.hpp"

namespace hartlab {

namespace {

constexpr std::uint64_t INSTRUCTIONS_PER_UNIT_OF_WORK = 16;  // as in Kernel::run's default budget
constexpr int RA = 1, SP = 2, T0 = 5, A0 = 10;

/// xv6 runs with floating point off; here C code may use it, and what concerns the machine's own hart traps.
constexpr std::uint64_t STATUS = MSTATUS_XL64 | std::uint64_t{1} << 13 | MSTATUS_TVM | MSTATUS_TW;

}  // namespace

std::uint64_t CPerformer::call(Kernel& kernel, FunctionId id, std::span<const std::uint64_t> words) {
    return kernel.c_hart().call(*unit_, id, words);
}

std::set<std::shared_ptr<const CUnit>> c_units(const Seams& seams) {
    std::set<std::shared_ptr<const CUnit>> units;
    for (std::size_t i = 0; i < FUNCTIONS; ++i) {
        const auto* c = dynamic_cast<const CPerformer*>(seams.performer(static_cast<FunctionId>(i)).get());
        if (c) units.insert(c->unit());
    }
    return units;
}

CHart::CHart(Kernel& kernel) :
    kernel_(&kernel), region_(SEAM_SIZE, PhysAddr(SEAM_REGION)), bus_(kernel.ram()), code_(region_),
    hart_(bus_, code_, TlbGeometry{}) {
    bus_.attach_second(region_);
    bus_.keep_accessed_bits();
    hart_.stop_on_trap = StopOnTrap::always;
    region_.store<std::uint32_t>(SEAM_GATE, instruction_info(Op::ecall).match);
    const Policies& policies = kernel.policies();
    const SeamFacts facts{.end = kernel.end().value,
                          .phystop = kernel.phystop().value,
                          .fork_is_cow = policies.fork == ForkPolicy::cow,
                          .first_is_uvminit = policies.first == FirstPolicy::uvminit,
                          .asid_is_on = policies.asid == AsidPolicy::on,
                          .stack_pages = policies.stack_pages,
                          .timer_interval = kernel.config().timer_interval};
    region_.write(SEAM_FACTS, &facts, sizeof facts);
}

void CHart::load(const std::shared_ptr<const CUnit>& unit) {
    region_.write(unit->text, unit->text_bytes.data(), unit->text_bytes.size());
    region_.write(unit->data, unit->data_bytes.data(), unit->data_bytes.size());
}

CData CHart::data() const {
    CData data;
    for (const auto& unit : c_units(kernel_->seams)) {
        const auto* bytes = region_.at(unit->data);
        data[unit] = {bytes, bytes + unit->data_bytes.size()};
    }
    return data;
}

void CHart::set_data(const CData& data) {
    for (const auto& unit : c_units(kernel_->seams)) {
        const auto found = data.find(unit);
        const std::vector<std::uint8_t>& bytes = found == data.end() ? unit->data_bytes : found->second;
        region_.write(unit->data, bytes.data(), bytes.size());
    }
}

// -- calls --------------------------------------------------------------------------------------------------------------------

std::uint64_t CHart::call(const CUnit& unit, FunctionId id, std::span<const std::uint64_t> words) {
    if (depth_ == 0) begin(unit);
    const InnerState state(*this);

    // An inner call stands on the same stack, below the outer one.
    const std::uint64_t sp = depth_ == 1 ? SEAM_STACK + SEAM_STACK_SIZE : state.before().x[SP] & ~std::uint64_t{15};
    hart_.state.x.fill(0);
    hart_.state.x[RA] = SEAM_GATE.value;
    hart_.state.x[SP] = sp;
    for (std::size_t i = 0; i < words.size(); ++i) hart_.state.x[A0 + i] = words[i];
    go_on(unit.entries[static_cast<std::size_t>(id)].value);
    from_gate_ = true;
    return run_to_gate(unit, id, sp);
}

CHart::InnerState::InnerState(CHart& c) : c_(c), before_(c.hart_.state) { ++c_.depth_; }

CHart::InnerState::~InnerState() {
    --c_.depth_;
    while (!c_.direct_calls_.empty() && c_.direct_calls_.back().depth > c_.depth_) c_.direct_calls_.pop_back();
    const std::uint64_t retired = c_.hart_.state.retired;
    c_.hart_.state = before_;
    c_.hart_.state.retired = retired;
    c_.hart_.synchronise_mmu();
}

/// An outermost call finds the hart as it is at power-on, so that it does the same whenever it is made.
void CHart::begin(const CUnit& unit) {
    hart_.state = {};
    left_ = unit.max_instructions;
    stop_at_ = 0;
    choose_observing();
    const bool paging = satp_mode(kernel_->hart().state.csr.satp) != SATP_MODE_BARE;
    set_satp(paging ? MAKE_SATP(PhysAddr(kernel_->data()[&KernelData::kernel_pagetable])) : 0);
}

void CHart::set_satp(std::uint64_t satp) {
    hart_.state.csr.satp = satp;
    hart_.synchronise_mmu();
    hart_.mmu.sfence_vma(std::nullopt, std::nullopt);
}

/// The next instruction is the one at `pc`, in S-mode.
void CHart::go_on(std::uint64_t pc) {
    hart_.state.pc = pc;
    hart_.state.csr.mstatus = STATUS;
    hart_.set_privilege(Privilege::S);
}

std::uint64_t CHart::run_to_gate(const CUnit& unit, FunctionId id, std::uint64_t sp) {
    for (;;) {
        const StopReason reason = run_for_a_while(id);
        if (reason != StopReason::trap) {
            if (left_ != 0) continue;
            fail(unit, id, "endless loop", hart_.state.pc,
                 std::to_string(unit.max_instructions) + " instructions were not enough");
        }
        const Trap trap = hart_.last_trap();
        hart_.state.pc = trap.epc;
        if (static_cast<Cause>(trap.cause) == Cause::ecall_from_s && trap.epc == SEAM_GATE.value) {
            if (hart_.state.x[SP] == sp) return hart_.state.x[A0];
            fail(unit, id, "stack pointer", hart_.state.x[SP],
                 "it returned with sp " + in_hex(hart_.state.x[SP]) + " instead of " + in_hex(sp));
        }
        serve(unit, id, trap);
    }
}

/// Until there is something to do, or to look whether somebody wants the kernel to stop.
StopReason CHart::run_for_a_while(FunctionId id) {
    constexpr std::uint64_t A_WHILE = 100'000;  // a millisecond at most
    const std::uint64_t first = hart_.state.retired;
    const std::uint64_t most = std::min(left_, A_WHILE);
    const StopReason reason = observing_ ? run_observed(most) : hart_.run(most);
    meter(id, hart_.state.retired - first);
    return reason;
}

/// C knows nothing of requests to stop. When one comes it has a moment to finish, as when a function that it called has
/// undone its work and failed; then it is broken off.
void CHart::meter(FunctionId id, std::uint64_t instructions) {
    constexpr std::uint64_t GRACE = 200'000;  // units of work: some ten milliseconds
    left_ -= std::min(left_, instructions);
    const std::uint64_t before = std::exchange(executed_, executed_ + instructions);
    kernel_->seams.charge(executed_ / INSTRUCTIONS_PER_UNIT_OF_WORK - before / INSTRUCTIONS_PER_UNIT_OF_WORK);
    if (kernel_->may_continue(0)) return;
    if (stop_at_ == 0) stop_at_ = kernel_->work() + GRACE;
    if (kernel_->work() >= stop_at_) give_up(id);
}

void CHart::give_up(FunctionId id) {
    kernel_->freeze("seam: interrupted", function_name(id), hart_.state.pc);
    kernel_->forget_giving_up();
    kernel_->hart().clear_stop();
    throw Interrupted();
}

void CHart::serve(const CUnit& unit, FunctionId id, const Trap& trap) {
    HartState& state = hart_.state;
    kernel_->seams.charge(1);
    const auto cause = static_cast<Cause>(trap.cause);
    if (cause == Cause::illegal_instruction && perform_privileged(trap.tval)) return go_on(trap.epc + 4);
    if (cause != Cause::ecall_from_s) fail(unit, id, trap);

    const std::uint64_t number = state.x[T0];
    if (number >= FUNCTIONS && !is_c_service(number)) {
        fail(unit, id, "no such call", trap.epc,
             "an ecall with " + std::to_string(number) + " in t0, which is nothing");
    }
    const auto arguments = std::span(state.x).subspan<A0, 8>();
    try {
        if (number < FUNCTIONS) {
            const auto function = static_cast<FunctionId>(number);
            const auto words = arguments.first(signature(function).parameters.size());
            arguments[0] = call_function(*kernel_, function, words);
        } else {
            perform_service(*kernel_, static_cast<CService>(number), arguments, PhysAddr(state.x[SP]));
        }
    } catch (KernelPanic& panic) {
        const std::vector<CodePlace> here = backtrace(unit, id);
        panic.trail.insert(panic.trail.end(), here.begin(), here.end());
        throw;
    }
    go_on(trap.epc + 4);
}

/// sfence.vma, satp and the counters are those of the machine's own hart, whose supervisor the C code speaks for: they trap
/// (mstatus.TVM, mcounteren), and are done there. False for any other instruction.
bool CHart::perform_privileged(std::uint64_t bits) {
    const Instruction i = decode(static_cast<std::uint32_t>(bits));
    if (i.op == Op::sfence_vma) {
        fence(i);
        return true;
    }
    const Format format = instruction_info(i.op).format;
    if (format != Format::csr && format != Format::csr_immediate) return false;
    const bool replaces = i.op == Op::csrrw || i.op == Op::csrrwi;
    const bool writes = replaces || i.rs1 != 0;
    std::uint64_t old = 0;
    switch (static_cast<std::uint32_t>(i.imm)) {
    case csr_numbers::CYCLE:
    case csr_numbers::INSTRET:
        if (writes) return false;
        old = kernel_->hart().state.retired;
        break;
    case csr_numbers::TIME:
        if (writes) return false;
        old = kernel_->hart().time();
        break;
    case csr_numbers::SATP: {
        old = hart_.state.csr.satp;
        const std::uint64_t operand = format == Format::csr ? hart_.state.x[i.rs1] : i.rs1;
        const bool sets = i.op == Op::csrrs || i.op == Op::csrrsi;
        if (writes) write_satp(replaces ? operand : sets ? old | operand : old & ~operand);
        break;
    }
    default: return false;
    }
    if (i.rd != 0) hart_.state.x[i.rd] = old;
    return true;
}

void CHart::fence(const Instruction& i) {
    const auto& x = hart_.state.x;
    const auto va = i.rs1 ? std::optional(VirtAddr(x[i.rs1])) : std::nullopt;
    const auto asid = i.rs2 ? std::optional(static_cast<std::uint16_t>(x[i.rs2])) : std::nullopt;
    kernel_->hart().mmu.sfence_vma(va, asid);
    hart_.mmu.sfence_vma(va, asid);
}

void CHart::write_satp(std::uint64_t satp) {
    hart_.write_csr(csr_numbers::SATP, satp);
    kernel_->hart().state.csr.satp = hart_.state.csr.satp;
    kernel_->hart().synchronise_mmu();
    set_satp(hart_.state.csr.satp);
}

}  // namespace hartlab
