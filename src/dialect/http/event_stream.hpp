// Bytes to events, by the rules that the HTML standard sets for event streams.
#pragma once
#include <skein/settings.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skein {

// One event of a stream. The views live as long as the call they are handed to.
struct Event {
    std::string_view type;   // `message`, unless the stream gave another.
    std::string_view data;   // Its lines, joined by line feeds.
    std::string_view error;  // A field of its own, in which older llama-servers report failures.
};

// Cuts a stream into events. May be fed in pieces of any size, and the events do not depend on how
// it was cut; the time is linear in the bytes, for the smallest pieces, too. What follows the last
// blank line is never an event: who ends the stream there has not finished it.
//
// One departure from the standard: a line that begins with `{"error"` is an event by itself, an
// error.
//
// The fields `id` and `retry` are read over: they are for resuming, and an answer is never resumed.
class EventStream {
public:
    enum class Status : std::uint8_t { good, line_too_long, event_too_large };

    explicit EventStream(const ReadLimits& limits)
        : longest_line_{limits.line}, largest_event_{limits.event} {}

    // Calls `on_event` for each event that these bytes complete. After a limit was passed there are
    // no more events, and the status stays.
    template <class OnEvent>
    Status feed(std::string_view bytes, OnEvent&& on_event) {
        while (complete_next(bytes)) {
            on_event(Event{type_.empty() ? "message" : std::string_view{type_}, data_, error_});
            forget_event();
        }
        return status_;
    }

private:
    // Takes bytes until an event is complete. False: they are used up, or a limit was passed.
    bool complete_next(std::string_view& bytes);
    // Each says whether the line completes an event.
    bool take_line(std::string_view end);
    bool read_line(std::string_view line);
    void read_field(std::string_view name, std::string_view value);
    void append_line(std::string& text, bool& begun, std::string_view value);
    bool fits(std::string_view piece);
    void forget_event();

    std::size_t longest_line_;
    std::size_t largest_event_;
    Status status_ = Status::good;
    std::string line_;       // The beginning of a line whose end has not come.
    bool at_start_ = true;   // No line has been read.
    bool after_cr_ = false;  // A line feed that comes now belongs to the line end before it.
    std::string type_;
    std::string data_;
    std::string error_;
    bool has_data_ = false;
    bool has_error_ = false;
};

}  // namespace skein
