// The events of a stream, read at once or in pieces.
#pragma once
#include "dialect/http/event_stream.hpp"
#include "support/catch.hpp"

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace skein::test {

struct Got {
    std::string type = "message";
    std::string data{};
    std::string error{};
    bool operator==(const Got&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Got& got) {
    return out << '{' << got.type << '|' << got.data << '|' << got.error << '}';
}

using Gots = std::vector<Got>;

struct Reader {
    explicit Reader(const ReadLimits& limits = {}) : stream{limits} {}
    EventStream::Status feed(std::string_view bytes) {
        return stream.feed(bytes, [this](const Event& event) {
            got.push_back(
                {std::string{event.type}, std::string{event.data}, std::string{event.error}}
            );
        });
    }
    EventStream stream;
    Gots got;
};

inline Gots at_once(std::string_view bytes) {
    Reader reader;
    REQUIRE(reader.feed(bytes) == EventStream::Status::good);
    return reader.got;
}

inline Gots byte_by_byte(std::string_view bytes) {
    Reader reader;
    for (std::size_t i = 0; i < bytes.size(); ++i) reader.feed(bytes.substr(i, 1));
    return reader.got;
}

inline Gots in_two(std::string_view bytes, std::size_t cut) {
    Reader reader;
    reader.feed(bytes.substr(0, cut));
    reader.feed(bytes.substr(cut));
    return reader.got;
}

}  // namespace skein::test
