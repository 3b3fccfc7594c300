// Source locations of values, for error messages.
#pragma once
#include <skein/error.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skein::config {

// The source of values: a file, or a source without lines, such as an environment variable or a
// command line option.
struct Source {
    std::string name{};
    std::string text{};
    bool has_lines = true;
};

// A byte offset in a source. Line and column are computed only when an error is reported, because
// most places are never shown.
struct Place {
    std::shared_ptr<const Source> source{};
    std::size_t offset = 0;

    // `job.yaml:14:16`, both counted from 1, columns in characters; or the source's name alone.
    std::string text() const;
};

using Places = std::vector<Place>;

// A place in a source without lines.
Place place_outside(const std::string& name);

// An error, or nothing.
using Complaint = std::optional<ConfigError>;

// All errors, in the order in which they were found.
using Mistakes = std::vector<ConfigError>;

inline void add(Mistakes& mistakes, Complaint complaint) {
    if (complaint) mistakes.push_back(*std::move(complaint));
}

inline ConfigError complain(const Place& at, std::string what) {
    return {.where = at.text(), .what = std::move(what)};
}

}  // namespace skein::config
