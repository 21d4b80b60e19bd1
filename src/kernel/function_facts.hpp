// What a student needs to know to write one of the kernel's functions: how C declares it, what it does, how it fails.
// hl.functions(), the reference page and the C header are made from these rows, which stand in function_facts.cpp.
#pragma once

#include <span>
#include <string_view>

namespace hartlab {

struct FunctionFacts {
    std::string_view name;
    std::string_view declaration;  // in C, with xv6's types
    std::string_view contract;     // one sentence
    std::string_view failure;      // what it returns or panics with when it cannot; "none"
    std::string_view file;         // of src/kernel, where the native one stands
};

/// In the order of the seam table, which is that of FunctionId.
std::span<const FunctionFacts> function_facts();

}  // namespace hartlab
