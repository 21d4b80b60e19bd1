// xv6's and the specification's constants and macros, by name.
#include "bindings/casters.hpp"
#include "bindings/register.hpp"
#include "bindings/typing.hpp"
#include "kernel/cow.hpp"
#include "kernel/kernel_text.hpp"
#include "kernel/layout.hpp"
#include "mmu/pte.hpp"
#include "mmu/satp.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

py::typing::Dict<py::str, py::int_> constants() {
    py::typing::Dict<py::str, py::int_> all;
    // clang-format off: the names are a table.
#define C(name) all[#name] = py::int_(static_cast<std::uint64_t>(name));
    C(PGSIZE) C(PGSHIFT) C(MAXVA) C(KERNBASE) C(UART0) C(VIRTIO0) C(CLINT) C(CLINT_SIZE) C(PLIC) C(PLIC_SIZE)
    C(TRAMPOLINE) C(TRAPFRAME) C(NPROC) C(NCPU) C(NOFILE) C(NFILE) C(NINODE) C(MAXARG) C(MAXPATH) C(NVMA) C(PIPESIZE)
    C(PTE_V) C(PTE_R) C(PTE_W) C(PTE_X) C(PTE_U) C(PTE_G) C(PTE_A) C(PTE_D) C(PTE_COW) C(SATP_SV39)
    C(SEAM_STACK) C(SEAM_STACK_SIZE) C(SEAM_DATA) C(SEAM_DATA_SIZE) C(SEAM_TEXT) C(SEAM_TEXT_SIZE)
    C(UNUSED) C(USED) C(SLEEPING) C(RUNNABLE) C(RUNNING) C(ZOMBIE);
    // clang-format on
#undef C
    all["ETEXT"] = ETEXT.value;
    all["KERNEL_DATA"] = KERNEL_DATA.value;
    all["FORKRET"] = kernel_text::FORKRET.value;
    all["TRAMPOLINE_PAGE"] = TRAMPOLINE_PAGE.value;
    all["REFERENCE_COUNTS"] = REFERENCE_COUNTS.value;
    return all;
}

}  // namespace

void register_constants(py::module_& m) {
    m.def("constants", &constants, "Every constant by its name in xv6 or the specification.");
}

}  // namespace hartlab::bindings
