// Interprets CUDA_VISIBLE_DEVICES as CUDA does: entries up to the first invalid one.
//
// Pure functions: the facts about GPUs come in as values. Any thread.
#include "local/plan/visible.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <charconv>

namespace skein::local {
namespace {

// The entries without spaces around them. An empty list has one empty entry, which hides every GPU.
std::vector<std::string_view> entries_of(std::string_view list) {
    std::vector<std::string_view> entries;
    for (;;) {
        const auto comma = list.find(',');
        auto entry = list.substr(0, comma);
        entry.remove_prefix(std::min(entry.find_first_not_of(' '), entry.size()));
        entry = entry.substr(0, entry.find_last_not_of(' ') + 1);
        entries.push_back(entry);
        if (comma == list.npos) return entries;
        list.remove_prefix(comma + 1);
    }
}

// The UUID to compare with an entry: a `GPU-…` entry also names the slices of that GPU.
const std::string& uuid_for(std::string_view entry, const Gpu& gpu) {
    return gpu.is_mig && entry.starts_with("GPU-") ? gpu.parent_uuid : gpu.uuid;
}

// The GPU that an entry means. If it names a GPU in MIG mode, CUDA takes the first slice.
std::optional<std::size_t> gpu_meant(const Gpus& gpus, std::string_view entry) {
    const auto number = number_of(entry);
    const auto found = number ? with_index(gpus, *number) : with_uuid(gpus, entry);
    if (found.empty()) return std::nullopt;
    const bool is_of_one_gpu = std::ranges::all_of(found, [&](std::size_t at) {
        return gpus.all[at].index == gpus.all[found.front()].index;
    });
    const bool is_clear = found.size() == 1 || (is_of_one_gpu && !entry.starts_with("MIG-"));
    return is_clear ? std::optional{found.front()} : std::nullopt;
}

// Says why CUDA stops reading at an entry, because GPUs behind it are hidden without a word.
std::string note_on(std::string_view entry, bool is_there, const std::string& inherited) {
    if (entry.empty() && inherited.find(',') == inherited.npos) {
        return "CUDA_VISIBLE_DEVICES is set and empty, which hides every GPU";
    }
    return variable_text(inherited) + " ends for CUDA before '" + json::printable(entry, 60) +
           (is_there ? "', which is there already" : "', which is no GPU of this machine");
}

}  // namespace

std::optional<std::size_t> Visible::place_of(std::size_t at) const {
    for (std::size_t place = 0; place < gpus.size(); ++place) {
        if (gpus[place].at == at) return place;
    }
    return std::nullopt;
}

std::optional<std::size_t> number_of(std::string_view entry) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(entry.data(), entry.data() + entry.size(), number);
    if (error != std::errc{} || end != entry.data() + entry.size()) return std::nullopt;
    return number;
}

bool is_uuid(std::string_view entry) {
    return entry.starts_with("GPU-") || entry.starts_with("MIG-");
}

std::vector<std::size_t> with_uuid(const Gpus& gpus, std::string_view uuid) {
    std::vector<std::size_t> same;
    std::vector<std::size_t> begin_so;
    if (!is_uuid(uuid)) return same;
    for (std::size_t at = 0; at < gpus.all.size(); ++at) {
        const auto& other = uuid_for(uuid, gpus.all[at]);
        if (other.starts_with(uuid)) begin_so.push_back(at);
        if (other == uuid) same.push_back(at);
    }
    // An exact match wins over a prefix, which CUDA accepts as well.
    return same.empty() ? begin_so : same;
}

std::vector<std::size_t> with_index(const Gpus& gpus, std::size_t index) {
    std::vector<std::size_t> found;
    for (std::size_t at = 0; at < gpus.all.size(); ++at) {
        if (gpus.all[at].index == index) found.push_back(at);
    }
    return found;
}

std::string variable_text(const std::string& inherited) {
    return "CUDA_VISIBLE_DEVICES=" + json::printable(inherited, 200);
}

Visible visible_gpus(const Gpus& gpus, const std::optional<std::string>& inherited) {
    Visible visible;
    if (!inherited) {
        for (std::size_t at = 0; at < gpus.all.size(); ++at) visible.gpus.push_back({at, {}});
        return visible;
    }
    for (const auto entry : entries_of(*inherited)) {
        // libcuda has applied the variable already: its n-th GPU is the n-th entry. NVML knows
        // nothing of it, so the entry is looked up.
        const auto next = visible.gpus.size();
        if (gpus.is_masked() && next == gpus.all.size()) return visible;
        const auto at = gpus.is_masked() ? next : gpu_meant(gpus, entry);
        // CUDA ends the list at an unknown entry, and at one that repeats a GPU.
        if (!at || visible.place_of(*at)) {
            visible.note = note_on(entry, at.has_value(), *inherited);
            return visible;
        }
        visible.gpus.push_back({*at, std::string{entry}});
    }
    return visible;
}

}  // namespace skein::local
