// What is wrong with a value, in words.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace skein::schema {

// A step from a value into one of its parts.
struct Step {
    std::string_view name{};  // Of a member; its data is null for an item.
    std::size_t index = 0;    // Of an item.
};

class Findings {
public:
    // Beyond a few dozen nothing more is written down.
    bool is_full() const { return found_.size() >= max_found; }
    void add(const std::vector<Step>& path, std::string words);

    // The ten deepest, in 1 kB: `/items/2/price`: must be a number, is a string. `/`: lacks …
    std::string text() const;

private:
    static constexpr std::size_t max_found = 64;

    struct Finding {
        std::size_t depth;
        std::string words;
    };
    std::vector<Finding> found_;
};

// Foreign text, shortened and made harmless: of control characters it keeps none, not even tabs.
std::string shown_text(std::string_view text, std::size_t max);

// A name of the answer's own, as it stands between backticks.
std::string shown_name(std::string_view name);

}  // namespace skein::schema
