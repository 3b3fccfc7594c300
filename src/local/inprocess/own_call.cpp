// Calls a user's model for one attempt and turns its result, or its exception, into an attempt
// result.
//
// Invariant: no exception of user code passes. Runs on the thread of the model.
#include "local/inprocess/own_call.hpp"

#include "backend/chunk_pipe.hpp"
#include "dialect/answer/answer_writer.hpp"
#include "dialect/request/request_reader.hpp"
#include "json/text.hpp"
#include "local/lifecycle/log_classifier.hpp"

#include <exception>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace skein {
namespace {

// Bytes of a message of user code that are kept, because it may have any length and any bytes.
constexpr std::size_t max_words = 2048;

std::string few_words(std::string_view text) { return json::valid_utf8(text.substr(0, max_words)); }

std::string words_of(const Fault& fault) {
    const auto& words = fault.detail.empty() ? fault.remote_message : fault.detail;
    return words.empty() ? "it said so" : few_words(words);
}

Fault died(const std::string& why) {
    return {.kind = FaultKind::worker_died, .detail = "the local model is lost: " + why};
}

// Decides whether a fault of the model means that the model is lost (a CUDA error). Otherwise the
// fault is the answer.
OwnAnswer judged(Fault fault) {
    const bool is_lost = fault.kind == FaultKind::worker_died ||
                         local::is_cuda_error(fault.detail) ||
                         local::is_cuda_error(fault.remote_message);
    if (is_lost) {
        const auto why = words_of(fault);
        return {{died(why), {}}, why};
    }
    fault.detail = json::valid_utf8(fault.detail);
    fault.remote_message = few_words(fault.remote_message);
    return {{std::move(fault), {}}};
}

}  // namespace

std::string thrown_by(const std::function<void()>& call) {
    try {
        call();
        return {};
    } catch (const std::exception& error) {
        return "it threw an exception: " + few_words(error.what());
    } catch (...) {
        return "it threw an exception of an unknown kind";
    }
}

OwnAnswer ask_model(
    Model& model,
    const Attempt& attempt,
    TimePoint given,
    const std::string& id,
    std::stop_token stop,
    const std::function<void()>& began,
    const std::function<void()>& handed_on
) {
    Trail trail{.started = given};
    std::string pieces;
    const auto on_chunk = [&](std::string_view piece) {
        if (piece.empty()) return;
        // The first piece: only its time is measured, and hedging learns that the answer has begun.
        if (pieces.empty()) {
            trail.first_byte = Clock::now();
            if (attempt.request->stream) trail.first_chunk = trail.first_byte;
            began();
        }
        pieces += piece;
        if (attempt.chunks) {
            std::vector<Chunk> one(1);
            one.front().text = piece;
            if (attempt.chunks->put(one)) handed_on();
        }
    };

    std::optional<Expected<Completion, Fault>> said;
    const auto exception =
        thrown_by([&] { said = model.complete(request_from(*attempt.request), on_chunk, stop); });
    trail.last_byte = Clock::now();
    // A model without pieces gives its whole answer at once.
    if (trail.first_byte == never) trail.first_byte = trail.last_byte;

    OwnAnswer answer;
    if (!said) {
        answer = {{died(exception), {}}, exception};
    } else if (*said) {
        answer.result.outcome =
            whole_answer(std::move(**said), std::move(pieces), *attempt.request, id);
    } else {
        answer = judged(std::move(*said).error());
    }
    // After a stop request the answer may be partial and is not wanted any more.
    if (stop.stop_requested()) {
        answer.result.outcome = Fault{.kind = FaultKind::cancelled, .detail = "told to stop"};
    }
    answer.result.trail = trail;
    return answer;
}

}  // namespace skein
