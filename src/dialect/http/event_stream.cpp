// Parser for server-sent events. Invariant: a complete line in one piece is never copied, and only
// an incomplete line is kept, so that time and memory are linear. A limit that was passed is final.
#include "dialect/http/event_stream.hpp"

#include <algorithm>

namespace skein {
namespace {

// Google writes an error into a stream as bare JSON, which the standard would ignore.
constexpr std::string_view bare_error = "{\"error\"";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::size_t line_end(std::string_view bytes) {
    const auto at =
        std::find_if(bytes.begin(), bytes.end(), [](char c) { return c == '\n' || c == '\r'; });
    return static_cast<std::size_t>(at - bytes.begin());
}

}  // namespace

// The three line ends of the standard: LF, CR and CR LF. After a CR the line is complete at once;
// an LF that follows, maybe in the next piece, is skipped.
bool EventStream::complete_next(std::string_view& bytes) {
    while (status_ == Status::good && !bytes.empty()) {
        if (after_cr_) {
            after_cr_ = false;
            if (bytes.front() == '\n') {
                bytes.remove_prefix(1);
                continue;
            }
        }
        const auto end = line_end(bytes);
        if (end == bytes.size()) {
            if (fits(bytes)) line_ += bytes;
            return false;
        }
        const auto piece = bytes.substr(0, end);
        after_cr_ = bytes[end] == '\r';
        bytes.remove_prefix(end + 1);
        if (take_line(piece)) return true;
    }
    return false;
}

// `end` is the last piece of a line, without its line end.
bool EventStream::take_line(std::string_view end) {
    if (!fits(end)) return false;
    if (line_.empty()) return read_line(end);  // The line came in one piece: no copy is needed.
    line_ += end;
    const bool completes = read_line(line_);
    line_.clear();
    return completes;
}

bool EventStream::read_line(std::string_view line) {
    if (at_start_ && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
    at_start_ = false;
    if (line.empty()) {
        if (has_data_ || has_error_) return true;
        forget_event();
        return false;
    }
    if (line.starts_with(bare_error)) {
        append_line(error_, has_error_, line);
        return status_ == Status::good;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
        read_field(line, {});
        return false;
    }
    auto value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    read_field(line.substr(0, colon), value);
    return false;
}

// Unknown names are ignored. A comment has an empty name, so it is ignored as well.
void EventStream::read_field(std::string_view name, std::string_view value) {
    if (name == "data") append_line(data_, has_data_, value);
    if (name == "error") append_line(error_, has_error_, value);
    if (name == "event") type_ = value;
}

// Several lines of one field are joined by line feeds, as in the standard. The limit counts data
// and error together, because both are held.
void EventStream::append_line(std::string& text, bool& begun, std::string_view value) {
    if (data_.size() + error_.size() + value.size() + 1 > max_event_) {
        status_ = Status::event_too_large;
        return;
    }
    if (begun) text += '\n';
    begun = true;
    text += value;
}

// Invariant: `line_` is at most `max_line_` long, so the subtraction cannot wrap around.
bool EventStream::fits(std::string_view piece) {
    if (piece.size() <= max_line_ - line_.size()) return true;
    status_ = Status::line_too_long;
    return false;
}

void EventStream::forget_event() {
    type_.clear();
    data_.clear();
    error_.clear();
    has_data_ = has_error_ = false;
}

}  // namespace skein
