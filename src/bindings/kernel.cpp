// hartlab._engine.Kernel: the class, its construction and its state as a value.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/config.hpp"
#include "bindings/kernel_parts.hpp"
#include "bindings/register.hpp"
#include "bindings/saved.hpp"
#include "bindings/state_bytes.hpp"
#include "bindings/tables.hpp"
#include "bindings/text.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

constexpr const char* STAGES[] = {"none", "kinit", "kvminit", "kvminithart", "procinit", "userinit"};

BootStage stage(const std::string& name) {
    for (std::size_t i = 0; i < std::size(STAGES); ++i) {
        if (name == STAGES[i]) return static_cast<BootStage>(i);
    }
    throw py::value_error("boot='" + name + "' is none of none, kinit, kvminit, kvminithart, procinit, userinit");
}

std::unique_ptr<KernelHandle> make_kernel(std::uint64_t ram_size, const TlbArguments& tlb, bool hardware_ad,
                                          std::uint64_t per_tick, const std::string& edition, const AnyDict& changes,
                                          std::uint64_t timer_interval, const std::string& boot,
                                          const py::bytes& init) {
    KernelConfig config;
    config.machine = machine_config(ram_size, tlb, hardware_ad, per_tick);
    config.policies = policies(edition, changes);
    config.boot = stage(boot);
    config.timer_interval = timer_interval;
    const std::string_view bytes = init;
    config.init.assign(bytes.begin(), bytes.end());
    return std::make_unique<KernelHandle>(config);
}

void restore(KernelHandle& handle, const SavedKernel& saved) {
    handle.require_outside_seam("restore");
    if (saved.ram_size() != handle.kernel().ram().size()) {
        throw py::value_error("the state is of a kernel with another size of RAM");
    }
    handle.kernel().restore(saved.state);
}

}  // namespace

void register_kernel(py::module_& m) {
    m.def("policy_table", &policy_table, "(name, choices, choice of xv6 2020, choice of xv6 2025) of each policy.");

    register_performer(m);
    SavedKernelClass saved(m, "SavedKernel", "All of a kernel's state; immutable.");
    KernelClass kernel(m, "Kernel", "The kernel model on a machine of its own.");
    kernel
        .def(py::init(&make_kernel), "ram_size"_a, "tlb"_a, "hardware_ad"_a, "instructions_per_tick"_a, "xv6"_a,
             "policies"_a, "timer_interval"_a, "boot"_a, "init"_a)
        .def_property_readonly(
            "policies", [](KernelHandle& h) { return policy_dict(h.kernel().policies()); },
            "The choice of each policy.")
        .def_property_readonly(
            "booted", [](KernelHandle& h) { return STAGES[static_cast<int>(h.kernel().booted())]; },
            "The last stage of booting that is done.")
        .def(
            "boot",
            [](KernelHandle& h, const std::string& name) {
                h.require_outside_seam("boot");
                h.kernel().boot(stage(name));
            },
            "stage"_a, "Boots on, as far as `stage`.")
        .def_property_readonly(
            "end", [](KernelHandle& h) { return h.kernel().end(); }, "xv6's `end`.")
        .def_property_readonly(
            "phystop", [](KernelHandle& h) { return h.kernel().phystop(); }, "xv6's PHYSTOP.")
        .def(
            "panicked", [](KernelHandle& h) { return h.kernel().panicked(); }, "Whether a panic has frozen the kernel.")
        .def_property_readonly(
            "why", [](KernelHandle& h) { return text(h.kernel().why); },
            "Why the last system call failed, in words; empty when it did not.")
        .def(
            "capture",
            [](KernelHandle& h) {
                h.require_outside_seam("snapshot, clone and diff");
                return std::make_shared<SavedKernel>(h.kernel());
            },
            "The kernel's state as a value.")
        .def("restore", &restore, "state"_a, "Makes the kernel's state that one.")
        .def(
            "twin",
            [](KernelHandle& h, const SavedKernel& saved) {
                h.require_outside_seam("clone");
                auto twin = std::make_unique<Kernel>(h.kernel().config(), saved.state);
                twin->share_replacements(h.kernel(), saved.state);
                return std::make_unique<KernelHandle>(std::move(twin));
            },
            "state"_a,
            "A second kernel of the same configuration in that state, sharing the memory that neither changes.");
    add_running(kernel);
    add_driving(kernel);
    add_functions(kernel);
    add_seams(kernel);
    add_seam_files(kernel);
    add_console_and_files(kernel);
    add_instruments(kernel);
    add_kernel_tables(kernel, saved);
    add_state_bytes(saved, kernel);
}

}  // namespace hartlab::bindings
