// Where a value was written, so that a complaint can point at it.
#pragma once
#include <skein/error.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skein::config {

// A file, or something without lines, such as an environment variable or an option.
struct Source {
    std::string name{};
    std::string text{};
    bool has_lines = true;
};

// A byte of a source. Lines and columns are counted when somebody complains.
struct Place {
    std::shared_ptr<const Source> source{};
    std::size_t offset = 0;

    // `job.yaml:14:16`, both counted from 1, columns in characters; or the source's name alone.
    std::string text() const;
};

using Places = std::vector<Place>;

// A place in something without lines.
Place place_outside(const std::string& name);

// Nothing, if there is nothing to complain of.
using Complaint = std::optional<ConfigError>;

// Everything that is wrong, in the order in which it was found.
using Mistakes = std::vector<ConfigError>;

inline void add(Mistakes& mistakes, Complaint complaint) {
    if (complaint) mistakes.push_back(*std::move(complaint));
}

inline ConfigError complain(const Place& at, std::string what) {
    return {.where = at.text(), .what = std::move(what)};
}

}  // namespace skein::config
