// What an answer has grown by, for a reader who gets it piece by piece.
#pragma once
#include "dialect/answer/streamed_answer.hpp"
#include "model/operation.hpp"

#include <skein/request.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein {

// Tells the pieces of a streamed answer from what its choices have become: whatever way a server
// repeats or splits its pieces, those told here add up to the text of the completion. Each look
// costs time for what is new only.
class Growth {
public:
    // Looks at a choice after an event. `is_over`: it has its finish reason.
    void look(Operation operation, std::int64_t index, const StreamedChoice& choice, bool is_over);

    // The pieces since the last call.
    std::vector<Chunk> take() { return std::exchange(chunks_, {}); }

private:
    struct Call {
        bool has_id = false;
        std::size_t name = 0;  // Bytes told so far.
        std::size_t arguments = 0;
    };
    struct Seen {
        std::size_t part = 0;  // Of a content in parts: the last one told of, and its bytes.
        std::size_t text = 0;
        std::string_view reasoning_name{};
        std::size_t reasoning = 0;
        std::vector<Call> calls{};
    };

    static void look_at_text(const Merged& content, Seen& seen, std::string& text);
    static void look_at_reasoning(const Merged& message, Seen& seen, std::string& reasoning);
    static void look_at_calls(const Merged& message, bool is_over, Seen& seen, Chunk& chunk);
    static void look_at_call(
        const Merged& call,
        const Merged* function,
        std::size_t number,
        bool is_over,
        Call& seen,
        Chunk& chunk
    );

    std::map<std::int64_t, Seen> seen_{};
    std::vector<Chunk> chunks_{};
};

// The pieces of an answer that came as a whole: one for each choice that has something to show.
std::vector<Chunk> chunks_of(const Completion& completion, Operation operation);

}  // namespace skein
