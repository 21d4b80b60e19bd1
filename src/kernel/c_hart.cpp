#include "kernel/c_hart.hpp"

#include <algorithm>
#include <cstring>

#include "hart/mstatus.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/kernel.hpp"
#include "mmu/pte.hpp"
#include "mmu/satp.hpp"

namespace hartlab {

namespace {

constexpr std::uint32_t ECALL = 0x73;
constexpr std::uint64_t INSTRUCTIONS_PER_UNIT_OF_WORK = 16;  // as in Kernel::run's default budget
constexpr int RA = 1, SP = 2, T0 = 5, S0 = 8, A0 = 10;

constexpr auto CODE = [](Cause cause) { return static_cast<std::uint64_t>(cause); };

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
    region_.store<std::uint32_t>(SEAM_GATE, ECALL);
    const SeamFacts facts{kernel.end().value, kernel.phystop().value, kernel.policies().fork == ForkPolicy::cow};
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
    const HartState before = hart_.state;
    if (depth_ == 0) begin(unit);
    struct Depth {
        explicit Depth(CHart& c) : c_(c) { ++c_.depth_; }
        ~Depth() { --c_.depth_; }
        Depth(const Depth&) = delete;
        Depth& operator=(const Depth&) = delete;

    private:
        CHart& c_;
    };
    const Depth depth(*this);

    // An inner call stands on the same stack, below the outer one.
    const std::uint64_t sp = depth_ == 1 ? SEAM_STACK + SEAM_STACK_SIZE : before.x[SP] & ~std::uint64_t{15};
    hart_.state.x.fill(0);
    hart_.state.x[RA] = SEAM_GATE.value;
    hart_.state.x[SP] = sp;
    for (std::size_t i = 0; i < words.size(); ++i) hart_.state.x[A0 + i] = words[i];
    go_on(unit.entries[static_cast<std::size_t>(id)].value);

    const std::uint64_t result = run_to_gate(unit, id, sp);
    if (depth_ > 1) {
        const std::uint64_t retired = hart_.state.retired;
        hart_.state = before;
        hart_.state.retired = retired;
        hart_.synchronise_mmu();
    }
    return result;
}

/// An outermost call finds the hart as it is at power-on, so that it does the same whenever it is made.
void CHart::begin(const CUnit& unit) {
    hart_.state = {};
    hart_.state.csr.mcounteren = hart_.state.csr.scounteren = 0b111;
    left_ = unit.max_instructions;
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
        const std::uint64_t first = hart_.state.retired;
        const StopReason reason = hart_.run(left_);
        const std::uint64_t done = hart_.state.retired - first;
        left_ -= std::min(left_, done);
        executed_ += done;
        kernel_->seams.charge(done / INSTRUCTIONS_PER_UNIT_OF_WORK);
        if (reason != StopReason::trap) {
            if (left_ != 0) continue;
            fail(unit, id, "endless loop", hart_.state.pc,
                 std::to_string(unit.max_instructions) + " instructions were not enough");
        }
        const Trap trap = hart_.last_trap();
        hart_.state.pc = trap.epc;
        if (trap.cause == CODE(Cause::ecall_from_s) && trap.epc == SEAM_GATE.value) {
            if (hart_.state.x[SP] == sp) return hart_.state.x[A0];
            fail(unit, id, "stack pointer", hart_.state.x[SP],
                 "it returned with sp " + in_hex(hart_.state.x[SP]) + " instead of " + in_hex(sp));
        }
        serve(unit, id, trap);
    }
}

void CHart::serve(const CUnit& unit, FunctionId id, const Trap& trap) {
    HartState& state = hart_.state;
    if (trap.cause == CODE(Cause::illegal_instruction) && perform_privileged(trap.tval)) return go_on(trap.epc + 4);
    if (trap.cause != CODE(Cause::ecall_from_s)) fail(unit, id, trap);

    const std::uint64_t number = state.x[T0];
    if (number >= FUNCTIONS &&
        (number < static_cast<std::uint64_t>(CService::panic) || number > static_cast<std::uint64_t>(CService::fail))) {
        fail(unit, id, "no such call", trap.epc,
             "an ecall with " + std::to_string(number) + " in t0, which is nothing");
    }
    try {
        kernel_->seams.charge(1);
        if (number < FUNCTIONS) {
            const auto function = static_cast<FunctionId>(number);
            std::array<std::uint64_t, 8> words{};
            std::copy_n(state.x.begin() + A0, words.size(), words.begin());
            state.x[A0] =
                call_function(*kernel_, function, std::span(words).first(signature(function).parameters.size()));
        } else {
            service(static_cast<CService>(number));
        }
    } catch (KernelPanic& panic) {
        const std::vector<CodePlace> here = backtrace(unit, id);
        panic.trail.insert(panic.trail.end(), here.begin(), here.end());
        throw;
    }
    go_on(trap.epc + 4);
}

void CHart::service(CService number) {
    Kernel& kernel = *kernel_;
    std::uint64_t* const a = &hart_.state.x[A0];
    constexpr std::uint64_t LONGEST_TEXT = PGSIZE;
    switch (number) {
    case CService::panic:
        kernel.panic(kernel.read_string(PhysAddr(a[0]), LONGEST_TEXT), function_name(kernel.seams.innermost()));
    case CService::printf: {
        const std::string text = format_c(kernel, PhysAddr(a[0]), std::span(a + 1, 7), PhysAddr(hart_.state.x[SP]));
        kernel.seams.charge(text.size() / 8);  // the console keeps everything
        kernel.console.print(text);
        return;
    }
    case CService::memset:
        kernel.seams.charge(a[2] / PGSIZE);
        kernel.fill(PhysAddr(a[0]), static_cast<std::uint8_t>(a[1]), a[2]);
        return;
    case CService::memmove:
        kernel.seams.charge(a[2] / PGSIZE);
        kernel.copy(PhysAddr(a[0]), PhysAddr(a[1]), a[2]);
        return;
    case CService::memcmp: {
        kernel.seams.charge(a[2] / PGSIZE);
        const auto one = kernel.read_bytes(PhysAddr(a[0]), a[2]), two = kernel.read_bytes(PhysAddr(a[1]), a[2]);
        a[0] = static_cast<std::uint64_t>(std::int64_t{one.empty() ? 0 : std::memcmp(one.data(), two.data(), a[2])});
        return;
    }
    case CService::acquire: kernel.acquire(PhysAddr(a[0])); return;
    case CService::release: kernel.release(PhysAddr(a[0])); return;
    case CService::myproc: a[0] = kernel.myproc().address().value; return;
    case CService::fail:
        a[0] = static_cast<std::uint64_t>(std::int64_t{kernel.fail(kernel.read_string(PhysAddr(a[0]), LONGEST_TEXT))});
        return;
    }
}

/// sfence.vma and satp concern the machine's own hart, whose supervisor the C code speaks for: they trap (mstatus.TVM), and
/// are done there. False for any other instruction.
bool CHart::perform_privileged(std::uint64_t instruction) {
    constexpr std::uint64_t SFENCE_VMA = 0x1200'0073, SFENCE_MASK = 0xfe00'7fff;
    constexpr std::uint64_t SYSTEM = 0x73, SATP = 0x180;
    HartState& state = hart_.state;
    const auto rd = static_cast<std::size_t>(instruction >> 7 & 31),
               rs1 = static_cast<std::size_t>(instruction >> 15 & 31),
               rs2 = static_cast<std::size_t>(instruction >> 20 & 31);
    if ((instruction & SFENCE_MASK) == SFENCE_VMA) {
        const auto va = rs1 ? std::optional(VirtAddr(state.x[rs1])) : std::nullopt;
        const auto asid = rs2 ? std::optional(static_cast<std::uint16_t>(state.x[rs2])) : std::nullopt;
        kernel_->hart().mmu.sfence_vma(va, asid);
        hart_.mmu.sfence_vma(va, asid);
        return true;
    }
    const std::uint64_t how = instruction >> 12 & 7;
    if ((instruction & 0x7f) != SYSTEM || instruction >> 20 != SATP || (how != 1 && how != 2)) return false;
    const std::uint64_t old = state.csr.satp;
    if (how == 1) {  // csrrw; csrrs, which is how satp is read, writes nothing with x0
        const std::uint64_t satp = state.x[rs1];
        if (satp_mode(satp) != SATP_MODE_BARE && satp_mode(satp) != SATP_MODE_SV39) return true;
        kernel_->hart().state.csr.satp = satp;
        kernel_->hart().synchronise_mmu();
        set_satp(satp);
    }
    if (rd != 0) state.x[rd] = old;
    return true;
}

// -- mistakes -----------------------------------------------------------------------------------------------------------------

/// Where the code is, and by the chain of frame pointers who called it, innermost first.
std::vector<CodePlace> CHart::backtrace(const CUnit& unit, FunctionId id) const {
    constexpr std::size_t MOST = 16;
    const HartState& state = hart_.state;
    const std::string function(function_name(id));
    std::vector<CodePlace> places;
    const auto in_unit = [&unit](std::uint64_t pc) { return pc - unit.text.value < unit.text_bytes.size(); };
    // A stub has no frame: who called it is in ra, as for code that has just jumped away.
    const bool in_stub = in_unit(state.pc) && region_.load<std::uint32_t>(PhysAddr(state.pc)) == ECALL;
    if (in_unit(state.pc) && !(in_stub && in_unit(state.x[RA] - 2))) {
        places.push_back({unit.number, state.pc, function});
    } else if (in_unit(state.x[RA] - 2)) {
        places.push_back({unit.number, state.x[RA] - 2, function});
    } else {
        places.push_back({unit.number, unit.entries[static_cast<std::size_t>(id)].value, function});
    }
    std::uint64_t fp = state.x[S0];
    while (places.size() < MOST && fp % 8 == 0 && region_.contains(PhysAddr(fp - 16), 16)) {
        const auto ra = region_.load<std::uint64_t>(PhysAddr(fp - 8)),
                   next = region_.load<std::uint64_t>(PhysAddr(fp - 16));
        if (ra - unit.text.value >= unit.text_bytes.size()) break;
        places.push_back({unit.number, ra - 2, function});
        if (next <= fp) break;
        fp = next;
    }
    return places;
}

void CHart::fail(const CUnit& unit, FunctionId id, const std::string& text, std::uint64_t address,
                 const std::string& detail) {
    const std::string function(function_name(id));
    const std::string record = "seam: " + text;
    kernel_->freeze(record, function, address);
    SeamFailure failure(record, function, kernel_->current_pid(), address,
                        function + ", which is replaced: " + text + ": " + detail);
    failure.trail = backtrace(unit, id);
    throw failure;
}

void CHart::fail(const CUnit& unit, FunctionId id, const Trap& trap) {
    const std::uint64_t va = trap.tval;
    const bool fetch = trap.cause == CODE(Cause::instruction_page_fault) ||
                       trap.cause == CODE(Cause::instruction_access_fault) ||
                       trap.cause == CODE(Cause::instruction_address_misaligned);
    const bool load = trap.cause == CODE(Cause::load_page_fault) || trap.cause == CODE(Cause::load_access_fault) ||
                      trap.cause == CODE(Cause::load_address_misaligned);
    const bool store = trap.cause == CODE(Cause::store_page_fault) || trap.cause == CODE(Cause::store_access_fault) ||
                       trap.cause == CODE(Cause::store_address_misaligned);
    if (fetch && trap.epc == unit.entries[static_cast<std::size_t>(id)].value) {
        fail(unit, id, "the C region is not mapped", va,
             "the kernel's page table does not map SEAM_TEXT executable: kvminit has to map the region");
    }
    if (fetch) {
        const std::string how = hart_.state.x[RA] == va ? "it returned to " : "it jumped to ";
        fail(unit, id, va < PGSIZE ? "jump through a null pointer" : "jump to nowhere", va,
             how + in_hex(va) + ", where there is no code: " + whats_there(va, Access::fetch));
    }
    if (load || store) {
        const std::string what = std::string(load ? "a load from " : "a store to ") + in_hex(va) + ": " +
                                 whats_there(va, load ? Access::load : Access::store);
        const bool overflow = va < SEAM_STACK && SEAM_STACK - va <= SEAM_STACK_SIZE;
        const char* text = overflow      ? "stack overflow"
                           : va < PGSIZE ? "null pointer"
                           : load        ? "wild load"
                                         : "wild store";
        fail(unit, id, text, va, what);
    }
    if (trap.cause == CODE(Cause::illegal_instruction)) {
        const char* why = trap.tval == 0 ? ": what stands where there is no code, and where a compiler has proved that "
                                           "the behaviour is undefined (a null pointer?)"
                                         : "";
        fail(unit, id, "illegal instruction", trap.epc, in_hex(trap.tval) + " at " + in_hex(trap.epc) + why);
    }
    fail(unit, id, "trap", trap.epc, "cause " + std::to_string(trap.cause) + " at " + in_hex(trap.epc));
}

/// What an address that could not be used is, in words.
std::string CHart::whats_there(std::uint64_t va, Access access) const {
    if (va < PGSIZE) return "the first page, where a null pointer points";
    if (va < SEAM_STACK && SEAM_STACK - va <= SEAM_STACK_SIZE) {
        return "below the stack, which is " + std::to_string(SEAM_STACK_SIZE / 1024) + " KiB (endless recursion?)";
    }
    if (va - SEAM_TEXT < SEAM_TEXT_SIZE) return "the code and constants of C code, which cannot be written";
    if (va - SEAM_DATA < SEAM_DATA_SIZE || va - SEAM_STACK < SEAM_STACK_SIZE) return "data of C code, which is no code";
    const Walk walk = hart_.mmu.peek(VirtAddr(va), access);
    std::string text = "not mapped in the kernel's page table";
    if (walk.read & PTE_V) text = "the PTE is " + in_hex(walk.read);
    if (walk.end == WalkEnd::no_permission) {
        text += access == Access::fetch ? ", without X" : access == Access::load ? ", without R" : ", without W";
    } else if (walk.ok() && !kernel_->ram().contains(walk.pa)) {
        text += ", and C code finds no memory there";
    }
    if (va - KERNBASE < ETEXT.value - KERNBASE) return "the kernel's text, which is read-only (" + text + ")";
    if (kernel_->ram().contains(PhysAddr(va))) return text;
    const RamStruct<Proc> p = kernel_->myproc();
    if (p && va < MAXVA && va < p[&Proc::sz])
        return text + "; an address of the user's? Those go through walkaddr or copyin";
    return text;
}

}  // namespace hartlab
