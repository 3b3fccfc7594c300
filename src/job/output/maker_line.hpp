// Result lines of the batch services of Anthropic and Gemini.
#pragma once
#include "job/output/result_facts.hpp"

#include <string>

namespace skein::job {

// `{"custom_id":"a","result":{"type":"succeeded","message":{…}}}`, or `errored` or `expired`.
void append_anthropic_line(std::string& out, const ResultFacts& facts);

// `{"key":"a","response":{…}}`, or `{"key":"b","error":{"code":400,"message":"…"}}`.
void append_gemini_line(std::string& out, const ResultFacts& facts);

}  // namespace skein::job
