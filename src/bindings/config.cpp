#include "bindings/config.hpp"

#include <array>
#include <vector>

namespace py = pybind11;

namespace hartlab::bindings {

MachineConfig machine_config(std::uint64_t ram_size, const TlbArguments& tlb, bool hardware_ad,
                             std::uint64_t per_tick) {
    const auto& [sets, ways, replacement, seed] = tlb;
    MachineConfig config;
    config.ram_size = ram_size;
    config.tlb.sets = sets;
    config.tlb.ways = ways;
    config.tlb.seed = seed;
    if (replacement == "lru") {
        config.tlb.replacement = Replacement::lru;
    } else if (replacement == "fifo") {
        config.tlb.replacement = Replacement::fifo;
    } else if (replacement == "random") {
        config.tlb.replacement = Replacement::random;
    } else {
        throw py::value_error("replacement is '" + replacement + "'; it is one of lru, fifo, random");
    }
    config.hardware_ad = hardware_ad;
    config.instructions_per_tick = per_tick;
    return config;
}

namespace {

/// One policy: its name, what it may be, and how to read and set it as the index of a choice.
struct PolicyField {
    const char* name;
    std::vector<const char*> choices;
    int (*get)(const Policies&);
    void (*set)(Policies&, int);
};

#define FIELD(name, ...)                                                                                               \
    PolicyField {                                                                                                      \
        #name, {__VA_ARGS__}, [](const Policies& p) { return static_cast<int>(p.name); },                              \
            [](Policies& p, int choice) { p.name = static_cast<decltype(p.name)>(choice); }                            \
    }

const std::vector<PolicyField>& fields() {
    static const std::vector<PolicyField> all = {
        FIELD(sbrk, "call", "eager", "lazy"),
        FIELD(shrink, "fail", "wrap"),
        FIELD(shrink_call, "shrinkproc", "growproc"),
        FIELD(fork, "copy", "cow"),
        FIELD(uvmunmap, "skip", "panic"),
        FIELD(uvmcopy, "skip", "panic"),
        FIELD(uvmalloc, "argument", "rwx"),
        FIELD(exec, "argument", "rwx"),
        FIELD(mappages, "aligned", "rounding"),
        FIELD(first, "uvmfirst", "uvminit"),
        FIELD(clint, "absent", "mapped"),
        FIELD(areas, "first", "best", "next"),
        FIELD(asid, "off", "on"),
    };
    return all;
}
#undef FIELD

const PolicyField* find(const std::string& name) {
    for (const PolicyField& field : fields()) {
        if (name == field.name) return &field;
    }
    return nullptr;
}

std::string listed(const std::vector<const char*>& choices) {
    std::string text;
    for (const char* choice : choices) text += (text.empty() ? "" : ", ") + std::string(choice);
    return text;
}

void set(Policies& policies, const std::string& name, const py::handle& value) {
    if (name == "stack_pages") {
        policies.stack_pages = value.cast<std::uint32_t>();
        return;
    }
    const PolicyField* field = find(name);
    if (field == nullptr) throw py::value_error("there is no policy '" + name + "'; hartlab.policies() lists them");
    const auto choice = py::str(value).cast<std::string>();
    for (std::size_t i = 0; i < field->choices.size(); ++i) {
        if (choice == field->choices[i]) return field->set(policies, static_cast<int>(i));
    }
    throw py::value_error(name + "='" + choice + "' is none of " + listed(field->choices));
}

Policies edition_policies(const std::string& edition) {
    if (edition == "2025") return Policies::xv6_2025();
    if (edition == "2020") return Policies::xv6_2020();
    throw py::value_error("xv6='" + edition + "' is none of 2025, 2020");
}

}  // namespace

Policies policies(const std::string& edition, const AnyDict& changes) {
    Policies result = edition_policies(edition);
    for (const auto& [name, value] : changes) set(result, name.cast<std::string>(), value);
    return result;
}

TupleList<py::str, py::typing::List<py::str>, py::str, py::str> policy_table() {
    const Policies older = Policies::xv6_2020(), newer = Policies::xv6_2025();
    TupleList<py::str, py::typing::List<py::str>, py::str, py::str> rows;
    for (const PolicyField& field : fields()) {
        py::list choices;
        for (const char* choice : field.choices) choices.append(choice);
        const auto chosen = [&](const Policies& p) { return field.choices[static_cast<std::size_t>(field.get(p))]; };
        rows.append(py::make_tuple(field.name, choices, chosen(older), chosen(newer)));
    }
    return rows;
}

AnyDict policy_dict(const Policies& policies) {
    AnyDict result;
    for (const PolicyField& field : fields()) {
        result[field.name] = field.choices[static_cast<std::size_t>(field.get(policies))];
    }
    result["stack_pages"] = policies.stack_pages;
    return result;
}

}  // namespace hartlab::bindings
