#pragma once
#include "job/fingerprint.hpp"
#include "job/record.hpp"

#include <skein/job.hpp>

#include <optional>

namespace skein::job {

// What makes this job another job than before: its input and what shapes the replies, and not
// where they are sent, how fast, or with which key. No fingerprint: standard input, which cannot
// be known beforehand.
Facts facts_of(const Job& job, Input::Format format, const std::optional<Fingerprint>& input);

}  // namespace skein::job
