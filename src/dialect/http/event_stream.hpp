// Parser for server-sent events (SSE), by the HTML standard.
#pragma once
#include <skein/settings.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skein {

// One event of a stream. The views are valid only during the callback.
struct Event {
    std::string_view type;   // `message`, unless the stream names another.
    std::string_view data;   // The `data` lines, joined by line feeds.
    std::string_view error;  // The field `error`, used by older llama-servers.
};

// Incremental parser. The events do not depend on how the bytes were cut into pieces, and the time
// is linear in the bytes even for pieces of one byte. Bytes after the last blank line are never an
// event, because the server did not finish it.
//
// One departure from the standard: a line that begins with `{"error"` is an error event by itself.
//
// The fields `id` and `retry` are ignored: they are for resuming a stream, and an answer is never
// resumed.
class EventStream {
public:
    enum class Status : std::uint8_t { good, line_too_long, event_too_large };

    explicit EventStream(const ReadLimits& limits)
        : max_line_{limits.line}, max_event_{limits.event} {}

    // Calls `on_event` for each event that these bytes complete. After a limit was passed, no more
    // events come and the status does not change.
    template <class OnEvent>
    Status feed(std::string_view bytes, OnEvent&& on_event) {
        while (complete_next(bytes)) {
            on_event(Event{type_.empty() ? "message" : std::string_view{type_}, data_, error_});
            forget_event();
        }
        return status_;
    }

private:
    // Takes bytes until an event is complete. False: no bytes are left, or a limit was passed.
    bool complete_next(std::string_view& bytes);
    // Both return whether the line completes an event.
    bool take_line(std::string_view end);
    bool read_line(std::string_view line);
    void read_field(std::string_view name, std::string_view value);
    void append_line(std::string& text, bool& begun, std::string_view value);
    bool fits(std::string_view piece);
    void forget_event();

    std::size_t max_line_;
    std::size_t max_event_;
    Status status_ = Status::good;
    std::string line_;       // Beginning of an incomplete line.
    bool at_start_ = true;   // No line has been read yet.
    bool after_cr_ = false;  // The last byte was CR: a line feed now belongs to it.
    std::string type_;
    std::string data_;
    std::string error_;
    bool has_data_ = false;
    bool has_error_ = false;
};

}  // namespace skein
