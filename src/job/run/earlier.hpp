#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace skein {

// Checkpoint of a job: the replies that earlier runs have left, and what the next run does with
// them. `skein check` prints it, and `skein run` acts on it.
struct Earlier {
    enum class Kind : std::uint8_t {
        none,     // There is no earlier run.
        resumed,  // The journal holds replies of this job: they are kept, the other rows are asked.
        complete,  // Every row has a reply and the output is written: there is nothing to do.
        replaced,  // A result or a journal of another job is replaced, because the job allows it.
    };
    Kind kind = Kind::none;
    std::uint64_t done = 0;    // Rows with a reply.
    std::uint64_t failed = 0;  // Rows of `done` whose reply is a fault.
    std::uint64_t again = 0;   // Rows of `done` that are asked again.
    bool answers_too = false;  // Rows with an answer may be asked again, not only failed rows.
    bool is_changed = false;   // The input differs from the input of the run before.
    std::uint64_t gone = 0;    // Rows with a reply that are no longer in the input.
    std::optional<std::uint64_t> rows{};  // Rows of the input; nothing for a stream.
    std::string what{};                   // The thing that is replaced, in words.

    // The number of rows to ask; nothing for a stream, whose length is not known.
    std::optional<std::uint64_t> left() const;
};

// One line for a person: `resumed: 30 rows are done, 2 of them failed; 20 are left to ask`.
std::string earlier_text(const Earlier& earlier);

}  // namespace skein
