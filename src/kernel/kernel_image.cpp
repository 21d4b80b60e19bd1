// The kernel's image as a boot loader leaves it in RAM; kernel/kernel_text.hpp and kernel/layout.hpp say what is where.
#include <string_view>

#include "kernel/kalloc.hpp"
#include "kernel/kernel.hpp"
#include "kernel/kernel_text.hpp"

namespace hartlab {

namespace {

constexpr std::uint32_t EBREAK = 0x0010'0073;

/// Strings of the kernel's text, one behind the other.
class StringTable {
public:
    explicit StringTable(Kernel& kernel) : kernel_(kernel) {}

    /// Puts `text` there, ended with a zero byte, and returns where it is.
    std::uint64_t add(std::string_view text) {
        const PhysAddr here = next_;
        kernel_.write_bytes(here, text.data(), text.size());
        next_ += text.size() + 1;
        return here.value;
    }

private:
    Kernel& kernel_;
    PhysAddr next_ = kernel_text::STRINGS;
};

/// What initlock does for each lock: its name.
void name_locks(Kernel& kernel) {
    StringTable strings(kernel);
    const RamStruct<KernelData> data = kernel.data();
    const auto name = [&](RamStruct<Spinlock> lock, std::uint64_t text) { lock[&Spinlock::name] = text; };
    name(data[&KernelData::kmem][&Kmem::lock], strings.add("kmem"));
    name(data[&KernelData::pid_lock], strings.add("nextpid"));
    name(data[&KernelData::wait_lock], strings.add("wait_lock"));
    name(data[&KernelData::tickslock], strings.add("time"));
    name(data[&KernelData::ftable_lock], strings.add("ftable"));
    name(data[&KernelData::itable_lock], strings.add("itable"));
    name(data[&KernelData::cons][&ConsoleBuffer::lock], strings.add("cons"));
    const std::uint64_t proc = strings.add("proc");
    for (std::size_t slot = 0; slot < NPROC; ++slot) name(kernel.proc(slot)[&Proc::lock], proc);
}

}  // namespace

void write_kernel_image(Kernel& kernel) {
    const std::vector<std::uint32_t> text((kernel_text::STRINGS - KERNEL_TEXT) / sizeof EBREAK, EBREAK);
    kernel.write_bytes(KERNEL_TEXT, text.data(), text.size() * sizeof EBREAK);
    name_locks(kernel);

    static const std::vector<std::uint8_t> trampoline = trampoline_code();
    kernel.write_bytes(TRAMPOLINE_PAGE, trampoline.data(), trampoline.size());

    const std::vector<std::uint8_t> program = initcode();
    const RamStruct<KernelData> data = kernel.data();
    kernel.write_bytes(data.address_of(&KernelData::initcode), program.data(), program.size());
    constexpr std::string_view path = "/init";
    kernel.write_bytes(data.address_of(&KernelData::init_path), path.data(), path.size());
    data[&KernelData::nextpid] = 1;
}

}  // namespace hartlab
