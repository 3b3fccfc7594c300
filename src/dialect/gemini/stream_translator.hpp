// A streamed answer. Each event holds a piece of the answer, in the shape of a whole one.
#pragma once
#include "dialect/seam/dialect.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace skein::google {

// Nothing marks the end of a stream, so no `[DONE]` is made: the answer is whole when each
// candidate has its reason. The usage would mark the end to the reader of the common form, so it is
// held back until all candidates that were asked for have theirs; of one candidate nothing else can
// follow it.
class PieceTranslator : public StreamTranslator {
public:
    explicit PieceTranslator(std::size_t choices) : choices_{choices} {}

    void read(const Event& event, std::vector<std::string>& chunks) override;

private:
    std::optional<std::string> chunk_of(json::Element root);
    void add_candidate(std::string& chunk, json::Element candidate);

    const std::size_t choices_;  // How many were asked for.
    std::set<std::int64_t> finished_{};

    // The calls so far of each candidate that has any: they are numbered, and they change what
    // `STOP` means in a later event.
    std::map<std::int64_t, std::size_t> calls_;
};

}  // namespace skein::google
