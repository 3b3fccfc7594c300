#include "job/input/input_name.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace skein::job {
namespace {

constexpr std::array<std::string_view, 4> packers{".gz", ".gzip", ".zst", ".zstd"};
constexpr std::array<std::string_view, 2> json_lines{".jsonl", ".ndjson"};
constexpr std::array<std::string_view, 2> tab_separated{".tsv", ".tab"};

bool ends_with(std::string_view file, std::string_view extension) {
    return file.size() > extension.size() &&
           same_letters(file.substr(file.size() - extension.size()), extension);
}

bool ends_with_any(std::string_view file, std::span<const std::string_view> extensions) {
    return std::ranges::any_of(extensions, [&](std::string_view extension) {
        return ends_with(file, extension);
    });
}

}  // namespace

std::string_view unpacked_name(std::string_view file) {
    for (const auto packer : packers) {
        if (ends_with(file, packer)) return file.substr(0, file.size() - packer.size());
    }
    return file;
}

Input::Format format_by_name(std::string_view file) {
    const auto name = unpacked_name(file);
    if (ends_with(name, ".csv") || ends_with_any(name, tab_separated)) return Input::Format::csv;
    if (ends_with(name, ".txt")) return Input::Format::text;
    return Input::Format::automatic;
}

char delimiter_by_name(std::string_view file) {
    return ends_with_any(unpacked_name(file), tab_separated) ? '\t' : '\0';
}

bool is_json_lines_name(std::string_view file) {
    return ends_with_any(unpacked_name(file), json_lines);
}

std::string delimiter_shown(char delimiter) {
    if (delimiter == '\t') return "tab";
    return "'" + json::printable({&delimiter, 1}) + "'";
}

}  // namespace skein::job
