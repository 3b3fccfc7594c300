#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace skein {

// What earlier runs of a job have left, and what the next one makes of it. `check` tells it, and
// `run` does it.
struct Earlier {
    enum class Kind : std::uint8_t {
        none,      // Nothing.
        resumed,   // Replies of this job: they are kept, and the rest is asked.
        complete,  // A reply for every row, and an output made of them: there is nothing to do.
        replaced,  // An earlier result, or a journal of another job: begun anew, as asked for.
    };
    Kind kind = Kind::none;
    std::uint64_t done = 0;    // Rows with a reply.
    std::uint64_t failed = 0;  // Of these, with a fault.
    std::uint64_t again = 0;   // Of these, asked again.
    bool answers_too = false;  // Answered rows are among those, and not only failed ones.
    bool is_changed = false;   // The input is another than that of the run before.
    std::uint64_t gone = 0;    // Rows with a reply that are not in the input any more.
    std::optional<std::uint64_t> rows{};  // Of the input, where that can be known before.
    std::string what{};                   // What is replaced.

    // Rows to ask; nothing, where their number is not known.
    std::optional<std::uint64_t> left() const;
};

// One line for a person: `resumed: 30 rows are done, 2 of them failed; 20 are left to ask`.
std::string earlier_text(const Earlier& earlier);

}  // namespace skein
