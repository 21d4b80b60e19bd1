// Functions of the kernel performed in Python, and what such a function may do: the methods behind `k`.
//
// The engine keeps only a weak reference to the Python callable; whoever replaces a function keeps it alive.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/kernel_parts.hpp"
#include "bindings/saved.hpp"
#include "bindings/text.hpp"
#include "bindings/words.hpp"
#include "kernel/c_hart.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

class PythonPerformer final : public Performer {
public:
    explicit PythonPerformer(const py::object& perform) : perform_(py::weakref(perform)) {}
    ~PythonPerformer() override {
        const py::gil_scoped_acquire gil;
        perform_.release().dec_ref();
    }
    PythonPerformer(const PythonPerformer&) = delete;
    PythonPerformer& operator=(const PythonPerformer&) = delete;

    /// perform(engine, *arguments). Its exceptions, SeamError among them, pass through the kernel as they are.
    std::uint64_t call(Kernel& kernel, FunctionId id, std::span<const std::uint64_t> words) override {
        const py::gil_scoped_acquire gil;
        const py::error_scope pending;  // Ctrl-C that a native function has noticed, and will be raised for in the end
        const py::object perform = perform_();
        if (perform.is_none()) throw std::runtime_error(std::string(function_name(id)) + ": its replacement is gone");
        auto& handle = *static_cast<KernelHandle*>(kernel.holder);
        const Handle::InSeam in_seam(handle);
        const Signature& types = signature(id);
        py::tuple arguments(words.size() + 1);
        arguments[0] = py::cast(&handle, py::return_value_policy::reference);
        for (std::size_t i = 0; i < words.size(); ++i) arguments[i + 1] = from_word(words[i], types.parameters[i]);
        const py::object result =
            py::reinterpret_steal<py::object>(PyObject_CallObject(perform.ptr(), arguments.ptr()));
        if (!result) throw py::error_already_set();
        return to_result(result, id);
    }

private:
    py::weakref perform_;
};

FunctionId function(const std::string& name) {
    if (const auto id = find_function(name)) return *id;
    throw py::value_error("the kernel has no function " + name);
}

void replace(KernelHandle& handle, const std::string& name, const py::object& perform) {
    handle.require_outside_seam("replace");
    handle.kernel().seams.replace(function(name), std::make_shared<PythonPerformer>(perform));
}

/// A unit of C performs the functions that `entries` has addresses for. `text` and `data`: where, and what.
void replace_c(KernelHandle& handle, std::uint64_t number, const std::tuple<std::uint64_t, py::bytes>& text,
               const std::tuple<std::uint64_t, py::bytes>& data, const std::map<std::string, std::uint64_t>& entries,
               std::uint64_t max_instructions) {
    handle.require_outside_seam("replace_c");
    auto unit = std::make_shared<CUnit>();
    const auto place = [](const std::tuple<std::uint64_t, py::bytes>& part, std::uint64_t first, std::uint64_t size,
                          PhysAddr& where, std::vector<std::uint8_t>& what) {
        const std::string_view bytes = std::get<1>(part);
        where = PhysAddr(std::get<0>(part));
        what.assign(bytes.begin(), bytes.end());
        if (!where.page_aligned() || where.value < first || where.value - first > size ||
            bytes.size() > size - (where.value - first)) {
            throw py::value_error("the unit is not inside the region of C code");
        }
    };
    place(text, SEAM_UNITS.value, SEAM_TEXT_SIZE - PGSIZE, unit->text, unit->text_bytes);
    place(data, SEAM_DATA, SEAM_DATA_SIZE, unit->data, unit->data_bytes);
    unit->number = number;
    unit->max_instructions = max_instructions;
    for (const auto& [name, address] : entries)
        unit->entries[static_cast<std::size_t>(function(name))] = PhysAddr(address);
    Kernel& kernel = handle.kernel();
    kernel.c_hart().load(unit);
    const auto performer = std::make_shared<CPerformer>(unit);
    for (const auto& [name, address] : entries) kernel.seams.replace(function(name), performer);
}

void restore_native(KernelHandle& handle, const std::string& name) {
    handle.require_outside_seam("restore_native");
    handle.kernel().seams.restore_native(function(name));
}

/// The kernel, for an operation that costs a unit of work.
Kernel& charged(KernelHandle& handle, std::uint64_t units = 1) {
    Kernel& kernel = handle.kernel();
    kernel.seams.charge(units);
    return kernel;
}

template <class T>
py::int_ load(KernelHandle& handle, PhysAddr pa) {
    return charged(handle).load<T>(pa);
}

/// Takes what C would: a number that the type holds, or the negative number with the same bits.
template <class T>
void store(KernelHandle& handle, PhysAddr pa, const py::int_& value) {
    int overflow = 0;
    const long long fits = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
    auto bits = static_cast<std::uint64_t>(fits);
    constexpr unsigned BITS = sizeof(T) < 8 ? 8 * sizeof(T) : 1;  // of 64, every number that fits
    bool held = overflow == 0 && (sizeof(T) == 8 || (fits >= -(1LL << (BITS - 1)) && fits < 1LL << BITS));
    if (overflow > 0 && sizeof(T) == 8) {
        bits = PyLong_AsUnsignedLongLong(value.ptr());
        held = !PyErr_Occurred();
        PyErr_Clear();
    }
    if (!held) {
        throw py::value_error("store" + std::to_string(8 * sizeof(T)) + ": " + std::string(py::repr(value)) +
                              " does not fit into " + std::to_string(sizeof(T)) + " byte(s)");
    }
    Kernel& kernel = charged(handle);
    const std::uint64_t before = kernel.word_at(pa);
    kernel.store<T>(pa, static_cast<T>(bits));
    kernel.note_store(pa, before);
}

void move(KernelHandle& handle, PhysAddr to, PhysAddr from, std::uint64_t size) {
    charged(handle, 1 + size / PGSIZE).copy(to, from, size);
}
void set(KernelHandle& handle, PhysAddr pa, int byte, std::uint64_t size) {
    charged(handle, 1 + size / PGSIZE).fill(pa, static_cast<std::uint8_t>(byte), size);
}
py::bytes read(KernelHandle& handle, PhysAddr pa, std::uint64_t size) {
    Kernel& kernel = charged(handle, 1 + size / PGSIZE);
    const std::vector<std::uint8_t> bytes = kernel.read_bytes(pa, size);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
void write(KernelHandle& handle, PhysAddr pa, const py::bytes& data) {
    const std::string_view bytes = data;
    charged(handle, 1 + bytes.size() / PGSIZE).write_bytes(pa, bytes.data(), bytes.size());
}

void panic(KernelHandle& handle, const std::string& message) {
    Kernel& kernel = handle.kernel();
    kernel.panic(message, kernel.seams.busy() ? function_name(kernel.seams.innermost()) : "panic");
}

void sfence_vma(KernelHandle& handle, std::optional<VirtAddr> va, std::optional<std::uint16_t> asid) {
    charged(handle).hart().mmu.sfence_vma(va, asid);
}

void set_satp(KernelHandle& handle, std::uint64_t satp) {
    Hart& hart = charged(handle).hart();
    hart.state.csr.satp = satp;
    hart.synchronise_mmu();
}

}  // namespace

void register_performer(py::module_& m) {
    py::class_<Performer, std::shared_ptr<Performer>>(m, "Performer", "What performs a function that is replaced.");
}

void add_seams(KernelClass& kernel) {
    kernel
        .def("replace", &replace, "name"_a, "perform"_a,
             "perform(engine, *arguments) takes the place of the function, for as long as somebody keeps it alive.")
        .def("replace_c", &replace_c, "number"_a, "text"_a, "data"_a, "entries"_a, "max_instructions"_a,
             "C code performs the functions of `entries`, by name with their addresses.")
        .def_static(
            "c_services",
            [] {
                std::map<std::string, std::uint64_t> numbers;
#define X(name) numbers[#name] = static_cast<std::uint64_t>(CService::name);
                HARTLAB_C_SERVICES(X)
#undef X
                return numbers;
            },
            "What C code may call beside the functions of the table, with the numbers of these calls.")
        .def_property_readonly(
            "c_instructions", [](KernelHandle& h) { return h.kernel().c_hart().executed(); },
            "Instructions of C code that takes the place of functions, executed so far.")
        .def(
            "capture_at_entry", [](KernelHandle& h) { return std::make_shared<SavedKernel>(h.kernel()); },
            "The state in the middle of a call of a replaced function, to be made the state of another kernel, where "
            "that call can then be made.")
        .def(
            "performer",
            [](KernelHandle& h, const std::string& name) { return h.kernel().seams.performer(function(name)); },
            "name"_a, "What performs the function; None when it is the engine's own.")
        .def(
            "put_performer",
            [](KernelHandle& h, const std::string& name, const std::shared_ptr<Performer>& performer) {
                h.require_outside_seam("replace");
                h.kernel().seams.replace(function(name), performer);
            },
            "name"_a, "performer"_a.none(false), "Puts back what `performer` gave.")
        .def("restore_native", &restore_native, "name"_a, "The function is the engine's own again.")
        .def_property_readonly(
            "seam_chain", [](KernelHandle& h) { return h.kernel().seams.chain(); },
            "The replaced functions being performed, outermost first; empty outside of them.")
        .def_static(
            "check_result", [](const std::string& name, const py::object& value) { to_result(value, function(name)); },
            "name"_a, "value"_a, "Raises TypeError or ValueError when the value is no result of that function.")
        .def(
            "freeze",
            [](KernelHandle& h, const std::string& message, const std::string& function) {
                h.kernel().freeze(message, function);
            },
            "text"_a, "function"_a, "Freezes the kernel as a panic does.");
    kernel.def("load8", &load<std::uint8_t>, "pa"_a)
        .def("load16", &load<std::uint16_t>, "pa"_a)
        .def("load32", &load<std::uint32_t>, "pa"_a)
        .def("load64", &load<std::uint64_t>, "pa"_a)
        .def("store8", &store<std::uint8_t>, "pa"_a, "value"_a)
        .def("store16", &store<std::uint16_t>, "pa"_a, "value"_a)
        .def("store32", &store<std::uint32_t>, "pa"_a, "value"_a)
        .def("store64", &store<std::uint64_t>, "pa"_a, "value"_a)
        .def("kernel_memmove", &move, "to"_a, "from_"_a, "size"_a)
        .def("kernel_memset", &set, "pa"_a, "byte"_a, "size"_a)
        .def("kernel_read", &read, "pa"_a, "size"_a)
        .def("kernel_write", &write, "pa"_a, "data"_a)
        .def("kernel_panic", &panic, "text"_a)
        .def("kernel_print",
             [](KernelHandle& h, const std::string& text) { charged(h, 1 + text.size() / 8).console.print(text); })
        .def("kernel_fail", [](KernelHandle& h, const std::string& why) { return charged(h).fail(why); })
        .def(
            "acquire", [](KernelHandle& h, PhysAddr lock) { charged(h).acquire(lock); }, "lock"_a)
        .def(
            "release", [](KernelHandle& h, PhysAddr lock) { charged(h).release(lock); }, "lock"_a)
        .def("myproc", [](KernelHandle& h) { return charged(h).myproc().address(); })
        .def("kernel_sfence_vma", &sfence_vma, "va"_a = py::none(), "asid"_a = py::none())
        .def_property("kernel_satp", [](KernelHandle& h) { return charged(h).hart().state.csr.satp; }, &set_satp);
}

}  // namespace hartlab::bindings
