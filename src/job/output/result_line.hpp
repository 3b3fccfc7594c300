#pragma once
#include <skein/request.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace skein::job {

// Appends a reply as one line of an OpenAI Batch result file, without its line end; our own facts
// are in the member `skein`. `line` is the request's line in the input; `kept`, if not empty, the
// fields of the row that are to stand beside the reply. Without `timings` two runs with the same
// answers give the same bytes.
void append_result_line(
    std::string& out,
    std::uint64_t line,
    std::string_view custom_id,
    const Reply& reply,
    bool timings,
    std::string_view kept = {}
);

// What went wrong, as the line has it: our words, and then the server's.
std::string message_of(const Fault& fault);

}  // namespace skein::job
