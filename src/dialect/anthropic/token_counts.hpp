// The usage that Anthropic's API reports.
#pragma once
#include "json/json.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace skein {

// The counts of an answer. Those of a stream are running totals, reported again and again.
class TokenCounts {
public:
    // Each count that is told replaces the earlier one. A count that is null, negative or no number
    // is not told. `holder` has the member `usage`.
    void learn(json::Element holder);

    // Appends `,"usage":{…}` in the common form, if anything was told, and `,"service_tier":"…"`.
    // There the input includes what was read from the cache and written to it.
    void append_usage(std::string& out) const;

private:
    using Count = std::optional<std::int64_t>;

    Count input_{};  // Without the two of the cache.
    Count cache_written_{};
    Count cache_written_1h_{};  // Of these, for an hour.
    Count cache_read_{};
    Count output_{};
    Count thinking_{};  // Of the output.
    std::string tier_{};
};

}  // namespace skein
