// A journal as it was written, and what may happen to a file.
#pragma once
#include "job/journal/record.hpp"
#include "steps.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace skein::fuzz {

inline const job::JobIdentity facts{{"input", "24 bytes"}, {"model", "small"}};

struct Reply {
    std::uint64_t line = 0;
    std::string out{};
    bool ok = true;
    std::size_t begin = 0;  // Of its record in the journal; `end` is after the line feed.
    std::size_t end = 0;

    std::uint64_t hash() const { return line * 0x9E3779B97F4A7C15u; }
};

struct Written {
    std::string bytes{};
    std::size_t header = 0;
    std::vector<Reply> replies{};

    void add(std::uint64_t line) {
        auto& reply = replies.emplace_back();
        reply.line = line;
        reply.ok = line % 3 != 0;
        reply.out = "{\"text\":\"" + std::string(line % 50, 'x') + "\"}";
        reply.begin = bytes.size();
        job::append_record(bytes, line, reply.hash(), reply.ok, reply.out);
        reply.end = bytes.size();
    }

    // Is there a whole one at or after `at`?
    bool any_in(std::string_view text, std::size_t at) const {
        return std::ranges::any_of(replies, [&](const Reply& reply) {
            const auto record =
                std::string_view{bytes}.substr(reply.begin, reply.end - reply.begin);
            return text.find(record, at) != text.npos;
        });
    }
};

inline Written written(std::size_t replies) {
    Written written;
    job::append_header(written.bytes, facts);
    written.header = written.bytes.size();
    for (std::size_t i = 0; i < replies; ++i) written.add(i * 37 % 11 + 1);  // Some of them twice.
    return written;
}

inline void damage(std::string& bytes, Steps& steps) {
    const auto kind = steps.below(6);
    const auto at = steps.below(bytes.size() + 1);
    const auto byte = steps.take<char>();
    if (kind == 0) bytes.resize(at);
    if (kind == 1 && at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ byte);
    if (kind == 2 && at < bytes.size()) bytes[at] = '\n';
    if (kind == 3) std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), '\0');
    if (kind == 4) bytes.erase(at, 1);
    if (kind == 5) bytes.insert(at, 1, byte);
}

}  // namespace skein::fuzz
