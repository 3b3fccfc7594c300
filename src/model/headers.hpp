// The header lines of a response, in the order they came. Names are compared without case.
#pragma once
#include "base/ascii.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein {

// All lines share one buffer, which is reused after `clear`.
class Headers {
public:
    void add(std::string_view name, std::string_view value) {
        lines_.push_back({text_.size(), name.size(), value.size()});
        text_ += name;
        text_ += value;
    }
    void clear() {
        text_.clear();
        lines_.clear();
    }
    std::size_t size() const { return lines_.size(); }

    // The first value with this name. All views are valid until the next `add` or `clear`.
    std::optional<std::string_view> get(std::string_view name) const {
        for (const auto& line : lines_) {
            if (same_letters(name_of(line), name)) return value_of(line);
        }
        return std::nullopt;
    }

    template <class See>
    void for_each(See see) const {
        for (const auto& line : lines_) see(name_of(line), value_of(line));
    }

    std::vector<std::pair<std::string_view, std::string_view>> lines() const {
        std::vector<std::pair<std::string_view, std::string_view>> all;
        for (const auto& line : lines_) all.emplace_back(name_of(line), value_of(line));
        return all;
    }

private:
    struct Line {
        std::size_t at;
        std::size_t name;  // Lengths; the value follows the name.
        std::size_t value;
    };

    std::string_view name_of(const Line& line) const {
        return std::string_view{text_}.substr(line.at, line.name);
    }
    std::string_view value_of(const Line& line) const {
        return std::string_view{text_}.substr(line.at + line.name, line.value);
    }
    std::string text_;
    std::vector<Line> lines_;
};

}  // namespace skein
