// Running the kernel's processes.
#include "bindings/casters.hpp"
#include "bindings/kernel_parts.hpp"
#include "bindings/text.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

const char* name(KernelStop reason) {
    constexpr const char* names[] = {"budget", "work",   "finished",   "idle",       "trap",       "syscall",
                                     "exit",   "switch", "breakpoint", "watchpoint", "interrupted"};
    return names[static_cast<int>(reason)];
}

using Run = std::tuple<std::string, std::uint64_t, std::uint64_t, std::uint64_t, std::int32_t, py::str>;

/// (reason, instructions, work, traps, pid, detail)
Run run(KernelHandle& handle, std::uint64_t max_instructions, std::uint64_t max_work, bool at_trap, bool at_syscall,
        bool at_exit, bool at_switch) {
    handle.require_outside_seam("run");
    const RunRequest request{max_instructions, max_work, at_trap, at_syscall, at_exit, at_switch};
    const KernelRun run = without_gil(handle, [&](Kernel& kernel) { return kernel.run(request); });
    return {name(run.reason), run.instructions, run.work, run.traps, run.pid, text(run.detail)};
}

}  // namespace

void add_running(KernelClass& kernel) {
    kernel
        .def("run", &run, "max_instructions"_a, "max_work"_a = 0, "at_trap"_a = false, "at_syscall"_a = false,
             "at_exit"_a = false, "at_switch"_a = false,
             "Runs without the GIL; (reason, instructions, work, traps, pid, detail). Ctrl-C raises and leaves the "
             "kernel whole.")
        .def_property_readonly(
            "work", [](KernelHandle& h) { return h.kernel().work(); },
            "Units of work that the kernel's own functions have done so far.");
}

}  // namespace hartlab::bindings
