// The header lines of a response, in the order they came. Names are compared without case.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein {

class Headers {
public:
    void add(std::string_view name, std::string_view value) {
        lines_.emplace_back(std::string{name}, std::string{value});
    }
    void clear() { lines_.clear(); }

    // The first value under this name.
    std::optional<std::string_view> get(std::string_view name) const {
        for (const auto& [key, value] : lines_) {
            if (same_name(key, name)) return value;
        }
        return std::nullopt;
    }

    const std::vector<std::pair<std::string, std::string>>& lines() const { return lines_; }

private:
    static bool same_name(std::string_view a, std::string_view b) {
        if (a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (lower(a[i]) != lower(b[i])) return false;
        }
        return true;
    }
    static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

    std::vector<std::pair<std::string, std::string>> lines_;
};

}  // namespace skein
