// Where a value was written, so that a complaint can point at it.
#pragma once
#include <skein/error.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

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

// A place in something without lines.
Place place_outside(const std::string& name);

// Nothing, if there is nothing to complain of.
using Complaint = std::optional<ConfigError>;

inline ConfigError complain(const Place& at, std::string what) {
    return {.where = at.text(), .what = std::move(what)};
}

}  // namespace skein::config
