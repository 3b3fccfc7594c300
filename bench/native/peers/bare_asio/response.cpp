#include "response.hpp"

#include <algorithm>
#include <charconv>

namespace skein::bench {
namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same(std::string_view text, std::string_view lowercase) {
    return std::ranges::equal(text, lowercase, {}, lower);
}

bool read_number(std::string_view text, int base, std::size_t& number) {
    const auto* const end = text.data() + text.size();
    const auto [to, error] = std::from_chars(text.data(), end, number, base);
    return error == std::errc{} && to == end;
}

}  // namespace

void Response::begin() {
    state_ = State::head;
    status_ok_ = false;
    stays_open_ = true;
    left_ = 0;
    body_bytes_ = 0;
    unread_.clear();
    body_.clear();
}

bool Response::take(std::string_view bytes) {
    while (!bytes.empty()) {
        switch (state_) {
            case State::complete:
                return false;
            case State::body:
            case State::chunk:
                take_body(bytes);
                break;
            default:
                if (!take_line(bytes)) return false;
        }
    }
    return true;
}

// A head, or a line between chunks. Mostly it has come whole and is read where it is.
bool Response::take_line(std::string_view& bytes) {
    const std::string_view end = state_ == State::head ? "\r\n\r\n" : "\r\n";
    std::string_view text = bytes;
    const auto before = unread_.size();
    if (before != 0) {
        unread_ += bytes;
        text = unread_;
    }
    const auto length = text.find(end);
    if (length == text.npos) {
        if (before == 0) unread_ = bytes;
        bytes = {};
        return unread_.size() < 64 * 1024;
    }
    bytes.remove_prefix(length + end.size() - before);
    const auto line = text.substr(0, length);
    bool fine = false;
    if (state_ == State::head) {
        fine = read_head(line);
    } else if (state_ == State::chunk_size) {
        fine = read_chunk_size(line);
    } else {  // The empty line after a chunk, or after the last one.
        fine = line.empty();
        state_ = left_ == 0 ? State::complete : State::chunk_size;
    }
    unread_.clear();
    return fine;
}

bool Response::read_head(std::string_view head) {
    status_ok_ = head.starts_with("HTTP/1.1 200 ");
    state_ = State::complete;
    bool fine = head.starts_with("HTTP/1.1 ");
    for (auto at = head.find("\r\n"); at != head.npos;) {
        const auto from = at + 2;
        at = head.find("\r\n", from);
        const auto line = head.substr(from, at == head.npos ? at : at - from);
        const auto colon = line.find(": ");
        if (colon == line.npos) continue;
        const auto name = line.substr(0, colon);
        const auto value = line.substr(colon + 2);
        if (same(name, "content-length")) {
            fine = fine && read_number(value, 10, left_);
            if (left_ > 0) state_ = State::body;
        } else if (same(name, "transfer-encoding")) {
            state_ = State::chunk_size;
        } else if (same(name, "connection")) {
            stays_open_ = !same(value, "close");
        }
    }
    return fine;
}

bool Response::read_chunk_size(std::string_view line) {
    const bool fine = read_number(line, 16, left_);
    state_ = left_ == 0 ? State::chunk_end : State::chunk;
    return fine;
}

void Response::take_body(std::string_view& bytes) {
    const auto part = bytes.substr(0, left_);
    if (keep_) body_ += part;
    body_bytes_ += part.size();
    left_ -= part.size();
    bytes.remove_prefix(part.size());
    if (left_ > 0) return;
    if (state_ == State::body) {
        state_ = State::complete;
    } else {
        left_ = 1;  // Not the last chunk: its size was not zero.
        state_ = State::chunk_end;
    }
}

}  // namespace skein::bench
