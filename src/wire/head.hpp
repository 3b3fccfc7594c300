// Parser for the head of an HTTP answer: status line and headers, line by line from libcurl.
#pragma once
#include "model/headers.hpp"

#include <skein/fault.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace skein::wire {

// Reason for aborting the transfer.
struct Objection {
    FaultKind kind = FaultKind::internal;
    std::string words;
};

// The head of one answer. Interim answers (1xx) are parsed and forgotten. Trailers count against
// the limit and are ignored.
class Head {
public:
    // Resets the parser for a new exchange. `limit`: bytes of all heads together.
    void begin(std::size_t limit);

    // Takes one line with its line end; an empty line ends a head.
    std::optional<Objection> read(std::string_view line);

    bool complete() const { return complete_; }
    int status() const { return complete_ ? status_ : 0; }
    const Headers& headers() const { return headers_; }

private:
    void start(std::string_view line);
    std::optional<Objection> field(std::string_view line);
    std::optional<Objection> frame(std::string_view name, std::string_view value);

    std::size_t limit_ = 0;
    std::size_t bytes_ = 0;
    bool complete_ = false;
    int status_ = 0;
    Headers headers_;
    std::string length_;
    bool coded_ = false;
};

}  // namespace skein::wire
