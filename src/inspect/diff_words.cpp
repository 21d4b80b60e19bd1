// A difference told in sentences.
#include <map>
#include <set>

#include "inspect/diff.hpp"
#include "inspect/words.hpp"

namespace hartlab::inspect {
namespace {

std::string plural(std::uint64_t n, const std::string& noun) {
    return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string whose(std::string_view owner, std::int32_t pid) {
    return std::string(owner) + (pid > 0 ? " (pid " + std::to_string(pid) + ")" : "");
}

std::string value_words(std::string_view field, std::uint64_t value) {
    static const std::set<std::string_view> ADDRESSES = {"sz", "pagetable", "trapframe", "kstack", "chan"};
    return ADDRESSES.count(field) ? hex(value) : std::to_string(static_cast<std::int64_t>(value));
}

void tell_processes(const Difference& d, std::vector<std::string>& sentences) {
    std::map<std::int32_t, std::vector<std::string>> fields;
    for (const ProcessChangeRow& row : d.processes) {
        const std::string pid = "process " + std::to_string(row.pid);
        const auto field = text_of(row.column);
        if (field == "exists") {
            sentences.push_back(row.after ? pid + " (" + std::string(text_of(row.text_after)) + ") was made"
                                          : pid + " (" + std::string(text_of(row.text_before)) + ") is gone");
        } else if (field == "area") {
            const bool gone = row.after == 0;
            const std::string start(text_of(gone ? row.text_before : row.text_after));
            fields[row.pid].push_back("area at " + start +
                                      (gone              ? " gone"
                                       : row.before == 0 ? " of " + std::to_string(row.after) + " bytes made"
                                                         : " of " + std::to_string(row.before) + " bytes now of " +
                                                               std::to_string(row.after)));
        } else if (field == "state" || field == "name") {
            fields[row.pid].push_back(std::string(field) + " " + std::string(text_of(row.text_before)) + " to " +
                                      std::string(text_of(row.text_after)));
        } else if (field != "code" && field != "waits_in") {  // the state and restart say the same
            fields[row.pid].push_back(std::string(field) + " " + value_words(field, row.before) + " to " +
                                      value_words(field, row.after));
        }
    }
    for (const auto& [pid, changes] : fields)
        sentences.push_back("process " + std::to_string(pid) + ": " + joined(changes));
}

void tell_frames(const Difference& d, std::vector<std::string>& sentences) {
    std::map<std::string, std::uint64_t> moves;
    std::uint64_t rewritten = 0;
    for (const FrameChangeRow& row : d.frames) {
        const std::string before = whose(text_of(row.owner_before), row.pid_before);
        const std::string after = whose(text_of(row.owner_after), row.pid_after);
        if (before == after)
            ++rewritten;
        else
            ++moves[before + " to " + after];
    }
    for (const auto& [move, count] : moves) sentences.push_back(plural(count, "frame") + " went from " + move);
    if (rewritten)
        sentences.push_back(plural(rewritten, "frame") + (rewritten == 1 ? " has" : " have") +
                            " other contents and the same owner");
}

void tell_ptes(const Difference& d, std::vector<std::string>& sentences) {
    std::map<std::int32_t, std::map<std::string, std::uint64_t>> by_pid;
    for (const PteChangeRow& row : d.ptes) ++by_pid[row.pid][std::string(text_of(row.change))];
    for (const auto& [pid, changes] : by_pid) {
        std::vector<std::string> parts;
        for (const auto& [change, count] : changes) {
            parts.push_back(change == "flags" ? plural(count, "page") + " with other flags"
                                              : plural(count, "page") + " " + change);
        }
        sentences.push_back(
            (pid ? "page table of process " + std::to_string(pid) : std::string("page table of the kernel")) + ": " +
            joined(parts));
    }
}

void tell_registers(const Difference& d, std::vector<std::string>& sentences) {
    static const std::set<std::string_view> COUNTERS = {"cycle", "time", "instret", "mcycle", "minstret"};
    std::vector<std::string> names;
    for (const RegisterChangeRow& row : d.registers) {
        if (!COUNTERS.count(text_of(row.name))) names.emplace_back(text_of(row.name));
    }
    if (!names.empty()) sentences.push_back("other values in registers: " + joined(names));
}

}  // namespace

std::vector<std::string> in_words(const Difference& d) {
    std::vector<std::string> sentences;
    tell_processes(d, sentences);
    tell_frames(d, sentences);
    if (d.free_before != d.free_after) {
        sentences.push_back("the free list went from " + plural(d.free_before, "page") + " to " +
                            std::to_string(d.free_after));
    }
    tell_ptes(d, sentences);
    tell_registers(d, sentences);
    return sentences;
}

}  // namespace hartlab::inspect
