#include "wire/head.hpp"

#include "base/ascii.hpp"

#include <charconv>

namespace skein::wire {
namespace {

// The number after the first space: `HTTP/1.1 200 OK`. Zero if there is none.
int status_of(std::string_view line) {
    int status = 0;
    const auto at = line.find(' ');
    if (at != line.npos) std::from_chars(line.data() + at + 1, line.data() + line.size(), status);
    return status;
}

}  // namespace

void Head::begin(std::size_t limit) {
    limit_ = limit;
    bytes_ = 0;
    complete_ = false;
    start({});
}

// A status line begins a new head. What an interim answer (1xx) said is dropped, because its length
// headers must not be compared with those of the final answer.
void Head::start(std::string_view line) {
    status_ = status_of(line);
    headers_.clear();
    length_.clear();
    coded_ = false;
}

// Interim answers and trailers count against the limit as well, because a server could send them
// without end.
std::optional<Objection> Head::read(std::string_view line) {
    bytes_ += line.size();
    if (bytes_ > limit_) {
        return Objection{
            FaultKind::too_large,
            "the headers are larger than " + std::to_string(limit_) + " bytes"};
    }
    if (complete_) return std::nullopt;  // A trailer.
    if (line.starts_with("HTTP/")) {
        start(line);
    } else if (!trimmed(line).empty()) {
        return field(line);
    } else {
        // An empty line ends the head. After an interim answer another head follows.
        complete_ = status_ >= 200;
    }
    return std::nullopt;
}

std::optional<Objection> Head::field(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == line.npos) return std::nullopt;
    const auto name = trimmed(line.substr(0, colon));
    const auto value = trimmed(line.substr(colon + 1));
    headers_.add(name, value);
    return frame(name, value);
}

// Rejects ambiguous framing (response smuggling): a proxy and a client may disagree on the end of
// such a body, and the rest could be taken for the answer to another request.
std::optional<Objection> Head::frame(std::string_view name, std::string_view value) {
    if (same_letters(name, "content-length")) {
        if (!length_.empty() && length_ != value) {
            return Objection{FaultKind::bad_response, "two different content-lengths"};
        }
        length_ = value;
    } else if (same_letters(name, "transfer-encoding")) {
        coded_ = true;
    }
    if (!coded_ || length_.empty()) return std::nullopt;
    return Objection{FaultKind::bad_response, "both a content-length and a transfer-encoding"};
}

}  // namespace skein::wire
