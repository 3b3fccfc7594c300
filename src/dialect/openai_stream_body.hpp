// Writes the object that the server would have sent, had it not been asked to stream.
#pragma once
#include "dialect/openai_stream.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein {

// One object on one line: `begin`, then each choice in the order of their index, then `end`.
class StreamedBody {
public:
    explicit StreamedBody(bool chat) : chat_{chat} {}

    void begin(std::string_view id, std::optional<std::int64_t> created, std::string_view model);
    void add(std::int64_t index, const StreamedChoice& choice);
    void end(std::string_view usage, std::string_view fingerprint);
    std::string take() { return std::move(out_); }

private:
    void member(std::string_view name, std::string_view text);
    void key(std::string_view name);
    void comma();
    void message(const StreamedChoice& choice);
    void call(const StreamedChoice::Call& call);
    void tool_calls(const StreamedChoice& choice);
    void logprobs(const StreamedChoice& choice);

    bool chat_;
    std::string out_;
};

}  // namespace skein
