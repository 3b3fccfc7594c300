// A streamed answer. Each event holds a piece of the answer, in the shape of a whole one.
#pragma once
#include "dialect/seam/dialect.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace skein::google {

// Nothing marks the end of a stream, so no `[DONE]` is made: the answer is whole when each
// candidate has its reason.
class PieceTranslator : public StreamTranslator {
public:
    void read(const Event& event, std::vector<std::string>& chunks) override;

private:
    std::optional<std::string> chunk_of(json::Element root);
    void add_candidate(std::string& chunk, json::Element candidate);

    // The calls so far of each candidate that has any: they are numbered, and they change what
    // `STOP` means in a later event.
    std::map<std::int64_t, std::size_t> calls_;
};

}  // namespace skein::google
