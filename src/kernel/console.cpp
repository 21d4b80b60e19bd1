// The console: lines are edited in KernelData::cons, where read takes them once they are complete.
//
//   cons.buf, indices modulo its size:   ... r [typed, to be read] w [the line being edited] e ...
#include "kernel/console.hpp"

#include <algorithm>

#include "kernel/proc.hpp"

namespace hartlab {

namespace {

constexpr char control(char c) { return static_cast<char>(c - '@'); }
constexpr char DELETE = '\x7f';

bool full(RamStruct<ConsoleBuffer> cons) {
    return cons[&ConsoleBuffer::e] - cons[&ConsoleBuffer::r] >= std::uint32_t{INPUT_BUF_SIZE};
}

char at(RamStruct<ConsoleBuffer> cons, std::uint32_t index) {
    return cons(&ConsoleBuffer::buf, index % INPUT_BUF_SIZE);
}

/// Takes back the last character of the line, on the screen too. Hostile indices cost at most a buffer's length.
bool erase_last(Kernel& kernel, RamStruct<ConsoleBuffer> cons) {
    if (cons[&ConsoleBuffer::e] == cons[&ConsoleBuffer::w]) return false;
    cons[&ConsoleBuffer::e] -= 1;
    kernel.console.print("\b \b");
    return true;
}

/// What can be typed although the buffer is full: keys that edit, or only look.
bool is_command(char c) { return c == control('P') || c == control('U') || c == control('H') || c == DELETE; }

/// A character has been typed.
void consoleintr(Kernel& kernel, RamStruct<ConsoleBuffer> cons, char c) {
    switch (c) {
    case control('P'): kernel.procdump(); break;
    case control('U'):  // the line is taken back
        for (int i = 0; i < INPUT_BUF_SIZE; ++i) {
            if (at(cons, cons[&ConsoleBuffer::e] - 1) == '\n' || !erase_last(kernel, cons)) break;
        }
        break;
    case control('H'):
    case DELETE: erase_last(kernel, cons); break;
    default:
        if (c == 0 || full(cons)) break;
        if (c == '\r') c = '\n';
        kernel.console.print({&c, 1});
        cons(&ConsoleBuffer::buf, cons[&ConsoleBuffer::e] % INPUT_BUF_SIZE) = c;
        cons[&ConsoleBuffer::e] += 1;
        if (c == '\n' || c == control('D') || full(cons)) {
            cons[&ConsoleBuffer::w] = cons[&ConsoleBuffer::e];
            kernel.wakeup(cons.address_of(&ConsoleBuffer::r));
        }
    }
}

}  // namespace

// Departs: a serial line loses what is typed while the buffer is full. Here it stays pending, outside the kernel, until
// a read has made room, so that a whole file may be typed at once.
void Kernel::console_input(std::string_view text) {
    console.pending_input.insert(console.pending_input.end(), text.begin(), text.end());
    if (booted_ != BootStage::userinit || panicked()) return;
    const RamStruct<ConsoleBuffer> cons = data()[&KernelData::cons];
    while (!console.pending_input.empty()) {
        const char c = console.pending_input.front();
        if (full(cons) && !is_command(c)) break;
        console.pending_input.pop_front();
        consoleintr(*this, cons, c);
    }
}

Transfer consoleread(Kernel& kernel, VirtAddr va, std::int32_t n) {
    const RamStruct<Proc> p = kernel.myproc();
    const RamStruct<ConsoleBuffer> cons = kernel.data()[&KernelData::cons];
    const std::uint64_t wanted = n > 0 ? static_cast<std::uint64_t>(n) : 0;
    std::uint64_t done = p[&Proc::done];
    bool line_ends = false;
    while (done < wanted && !line_ends) {
        const std::uint32_t r = cons[&ConsoleBuffer::r], w = cons[&ConsoleBuffer::w];
        if (r == w) {
            if (killed(p)) {
                kernel.fail("read: the process was killed");
                return MINUS_ONE;
            }
            p[&Proc::done] = done;
            kernel.sleep(cons.address_of(&ConsoleBuffer::r));
            return std::nullopt;
        }
        if (at(cons, r) == control('D')) {
            // With bytes before it, it stays for the next read, which so returns 0.
            if (done == 0) cons[&ConsoleBuffer::r] = r + 1;
            break;
        }
        // A run of ordinary characters, with the newline if there is one.
        const std::uint32_t start = r % INPUT_BUF_SIZE;
        const std::uint64_t limit = within_page(
            va + done, std::min<std::uint64_t>({w - r, std::uint64_t{INPUT_BUF_SIZE} - start, wanted - done}));
        std::uint32_t length = 0;
        while (length < limit && !line_ends && at(cons, r + length) != control('D')) {
            line_ends = at(cons, r + length) == '\n';
            ++length;
        }
        const PhysAddr source = cons.address_of(&ConsoleBuffer::buf) + start;
        if (kernel.copyout(PhysAddr(p[&Proc::pagetable]), va + done, source, length) < 0) break;
        cons[&ConsoleBuffer::r] = r + length;
        done += length;
        kernel.charge(1);
    }
    kernel.console_input({});  // there is room for what could not be taken before
    return done;
}

Transfer consolewrite(Kernel& kernel, VirtAddr va, std::int32_t n) {
    const RamStruct<Proc> p = kernel.myproc();
    const PhysAddr buffer = kernel.data().address_of(&KernelData::bio);
    const std::uint64_t wanted = n > 0 ? static_cast<std::uint64_t>(n) : 0;
    std::uint64_t done = p[&Proc::done];
    while (done < wanted) {
        if (!kernel.may_continue()) {
            p[&Proc::done] = done;
            return std::nullopt;
        }
        const std::uint64_t length = within_page(va + done, wanted - done);
        if (kernel.copyin(PhysAddr(p[&Proc::pagetable]), buffer, va + done, length) < 0) break;
        kernel.console.print({reinterpret_cast<const char*>(kernel.ram().at(buffer)), length});
        done += length;
    }
    return done;
}

}  // namespace hartlab
