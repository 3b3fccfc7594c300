// An HTTP/1.1 response, read as it comes: as little of HTTP as the canned server speaks.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace skein::bench {

class Response {
public:
    // `keep`: the body is wanted, and not only its length.
    explicit Response(bool keep) : keep_{keep} {}

    void begin();

    // Bytes of one response and no more. False: this is not HTTP as we know it.
    bool take(std::string_view bytes);

    bool complete() const { return state_ == State::complete; }
    bool ok() const { return status_ok_; }
    bool stays_open() const { return stays_open_; }
    std::size_t body_bytes() const { return body_bytes_; }

private:
    enum class State : unsigned char { head, body, chunk_size, chunk, chunk_end, complete };

    bool read_head(std::string_view head);
    bool read_chunk_size(std::string_view line);
    bool take_line(std::string_view& bytes);
    void take_body(std::string_view& bytes);

    const bool keep_;
    State state_ = State::head;
    bool status_ok_ = false;
    bool stays_open_ = true;
    std::size_t left_ = 0;  // Of the body, or of the chunk we are in.
    std::size_t body_bytes_ = 0;
    std::string unread_{};  // Of a head or a line that has not come whole.
    std::string body_{};
};

}  // namespace skein::bench
