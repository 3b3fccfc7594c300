#pragma once
#include "job/file/fingerprint.hpp"
#include "job/journal/record.hpp"

#include <skein/job.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace skein::job {

// What a job is known by: its input and what shapes the replies, and not where they are sent, how
// fast, or with which key. No fingerprint: standard input, which cannot
// be known beforehand.
JobIdentity facts_of(const Job& job, Input::Format format, const std::optional<Fingerprint>& input);

// Names of facts that do not make another job by themselves.
inline constexpr std::string_view fact_of_input = "input";
inline constexpr std::string_view fact_of_format = "input format";
// How many rows of the journal are known to be gone from the input; left out where none are.
inline constexpr std::string_view fact_of_gone = "rows that are gone from the input";

// What makes `now` another job than `before`, in words; nothing if it is the same. The input may
// differ, because rows are known by their content. `only_some_rows` are asked again: then what
// shapes the replies may differ as well.
std::optional<std::string> another_job(JobIdentity before, JobIdentity now, bool only_some_rows);

}  // namespace skein::job
