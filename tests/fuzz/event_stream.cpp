// An event stream, cut anywhere, gives what it gives in one piece; and that is what the rules say,
// as they are read here in the plainest way: all bytes at hand, line by line.
//
//     first line: limit of a line, limit of an event, the lengths of the pieces
#include "dialect/http/event_stream.hpp"

#include "given.hpp"

#include <string>

namespace {

using namespace skein;
using Status = EventStream::Status;

struct Told {
    std::string type{};
    std::string data{};
    std::string error{};

    bool operator==(const Told&) const = default;
};

struct Result {
    std::vector<Told> events{};
    Status status = Status::good;

    bool operator==(const Result&) const = default;
};

// CRLF and CR are LF.
std::string with_line_feeds(std::string_view bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const bool is_cr = bytes[i] == '\r';
        if (is_cr && i + 1 < bytes.size() && bytes[i + 1] == '\n') continue;
        text += is_cr ? '\n' : bytes[i];
    }
    return text;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text += (&line == &lines.front() ? "" : "\n") + line;
    return text;
}

// Whole lines, one after the other, without a thought of speed.
class ByTheRules {
public:
    explicit ByTheRules(const ReadLimits& limits) : limits_{limits} {}

    Result read(std::string_view bytes) {
        auto text = with_line_feeds(bytes);
        for (bool first = true; !text.empty() && result_.status == Status::good; first = false) {
            const auto end = text.find('\n');
            auto line = text.substr(0, end);
            if (line.size() > limits_.line) result_.status = Status::line_too_long;
            if (end == text.npos) break;
            text.erase(0, end + 1);
            if (first && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
            if (result_.status == Status::good) take(line);
        }
        return result_;
    }

private:
    void take(const std::string& line) {
        if (line.empty()) return dispatch();
        if (line.starts_with("{\"error\"")) {
            if (joined(data_).size() + joined(error_).size() + line.size() + 1 > limits_.event) {
                result_.status = Status::event_too_large;
                return;
            }
            error_.push_back(line);
            return dispatch();
        }
        const auto colon = line.find(':');
        const auto name = line.substr(0, colon);
        auto value = colon == line.npos ? std::string{} : line.substr(colon + 1);
        if (value.starts_with(' ')) value.erase(0, 1);
        if (name == "event") type_ = value;
        if (name != "data" && name != "error") return;
        const auto held = joined(data_).size() + joined(error_).size();
        if (held + value.size() + 1 > limits_.event) {
            result_.status = Status::event_too_large;
        } else {
            (name == "data" ? data_ : error_).push_back(value);
        }
    }

    void dispatch() {
        if (!data_.empty() || !error_.empty()) {
            const auto type = type_.empty() ? "message" : type_;
            result_.events.push_back({type, joined(data_), joined(error_)});
        }
        type_.clear();
        data_.clear();
        error_.clear();
    }

    ReadLimits limits_;
    Result result_;
    std::string type_;
    std::vector<std::string> data_;
    std::vector<std::string> error_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Given given{bytes, size};
    const std::size_t sizes[] = {1 << 20, 8, 16, 40};
    const ReadLimits limits{.line = given.one_of(sizes), .event = given.one_of(sizes)};

    Result whole, pieces;
    const auto into = [](Result& result) {
        return [&](const Event& event) {
            result.events.push_back(
                {std::string{event.type}, std::string{event.data}, std::string{event.error}}
            );
        };
    };
    EventStream in_one{limits}, in_pieces{limits};
    whole.status = in_one.feed(given.text(), into(whole));
    given.cut([&](std::string_view piece) {
        pieces.status = in_pieces.feed(piece, into(pieces));
        return true;
    });
    SKEIN_ASSERT(pieces == whole);
    SKEIN_ASSERT(whole == ByTheRules{limits}.read(given.text()));
    return 0;
}
