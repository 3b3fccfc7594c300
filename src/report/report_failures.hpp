// The lines of a report that tell of rows which failed, and of answers that ended early.
#pragma once
#include <skein/tally.hpp>

#include <string>
#include <vector>

namespace skein::app {

// `12 rejected (line-3, line-18, line-40 …): HTTP 400: no such field`
std::vector<std::string> failure_lines(const Tally& tally);

// `4 674 of 4 962 answers were cut off by max_tokens (finish_reason length)`
std::vector<std::string> ending_lines(const Tally& tally);

// Is there a failed row that was sent, and may be answered the next time?
bool can_be_asked(const Tally& tally);

// Rows that failed, of this run and those before it.
std::uint64_t failed_rows(const Tally& tally);

}  // namespace skein::app
