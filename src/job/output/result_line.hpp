#pragma once
#include <skein/request.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace skein::job {

// Appends a reply as one line of an OpenAI Batch result file, without the line feed. The member
// `skein` holds skein's own facts. `line`: the line of the row in the input. `kept`: input fields
// to copy into the line, as JSON; may be empty. `is_native`: bodies are the servers' own, so that
// `skein` says the finish reason. Without `timings` two runs with the same answers
// give the same bytes.
void append_result_line(
    std::string& out,
    std::uint64_t line,
    std::string_view custom_id,
    const Reply& reply,
    bool timings,
    std::string_view kept = {},
    bool is_native = false
);

// The message of a fault as the line shows it: skein's words, then the words of the server.
std::string message_of(const Fault& fault);

}  // namespace skein::job
