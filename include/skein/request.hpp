/// A request, and its reply.
#pragma once
#include <skein/fault.hpp>
#include <skein/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace skein {

/// Identifies one request. A client never uses a number twice. 0: the request was refused at once.
enum class RequestId : std::uint64_t {};

/// One message of a conversation.
struct Message {
    std::string role = "user";
    std::string content{};
};

/// One request. Fill in one of `prompt`, `messages` and `body`. If several are filled in, `body`
/// wins over `messages`, and `messages` over `prompt`.
struct Request {
    std::string prompt{};             ///< Short for one message with the role `user`.
    std::vector<Message> messages{};  ///< A conversation, oldest message first.
    /// A whole request body: the text of one JSON object. It is sent unchanged, except that the
    /// endpoint's `model`, if it has one, replaces the member `model`.
    std::string body{};
    /// Or `/v1/completions`, `/v1/embeddings`. Any other path of an OpenAI-compatible server
    /// (`/v1/responses`, `/score`) needs a `body`, which is sent unchanged; its answer comes back
    /// unchanged in `Completion::body`. A `body` for `/v1/messages` or for
    /// `/v1beta/models/M:generateContent` goes to endpoints of that API only, unchanged but for the
    /// model.
    std::string path = "/v1/chat/completions";

    std::string model{};                       ///< Used if the endpoint names no model.
    std::optional<double> temperature{};       ///< Ignored with `body`.
    std::optional<std::int64_t> max_tokens{};  ///< Ignored with `body`.
    bool stream = false;                       ///< Ignored with `body`, but of `:generateContent`.

    /// Time from admission to reply, every attempt and every wait included. None: `Timeouts`'
    /// `request` applies, from the start of the first attempt. Zero or less: no deadline.
    std::optional<Duration> deadline{};
    /// A number of your own, which comes back in `Reply::tag` and `Chunk::tag`. It is not sent, and
    /// means nothing to the client.
    std::uint64_t tag = 0;
};

/// A piece of a tool call. Name and arguments are the concatenation of all pieces with the same
/// `call`; the id is in one piece.
struct CallPiece {
    std::size_t call = 0;     ///< Number of the call within its choice, in the order of beginning.
    std::string id{};         ///< Empty after the first piece, and where the API has no ids.
    std::string name{};       ///< Name of the function; mostly whole, in the first piece.
    std::string arguments{};  ///< The next piece of the JSON text of the arguments.
};

/// A piece of a streamed answer, in the common form, whatever API served (`Client::stream`).
struct Chunk {
    RequestId id{};                  ///< Of its request.
    std::uint64_t tag = 0;           ///< `Request::tag`.
    std::size_t choice = 0;          ///< Which choice it belongs to, if several were asked for.
    std::string text{};              ///< The next piece of the content.
    std::string reasoning{};         ///< The next piece of the reasoning, if the API shows it.
    std::vector<CallPiece> calls{};  ///< The next pieces of tool calls.
};

/// Token counts, as the server reported them. The later members are parts of the first two.
struct Usage {
    std::int64_t input_tokens = 0;           ///< The whole prompt, whatever it cost.
    std::int64_t output_tokens = 0;          ///< All that was generated, reasoning included.
    std::int64_t cached_tokens = 0;          ///< Of the prompt: read from a cache.
    std::int64_t cache_write_tokens = 0;     ///< Of the prompt: written to a cache.
    std::int64_t cache_write_1h_tokens = 0;  ///< Of these: kept for an hour.
    std::int64_t reasoning_tokens = 0;       ///< Of the answer: reasoning.
    std::optional<double> cost{};            ///< The server's own bill, if it names one.

    bool operator==(const Usage&) const = default;
};

/// A successful answer.
struct Completion {
    std::string text{};  ///< The content of the first choice. Empty for embeddings.
    std::string
        finish_reason{};  ///< `stop`, `length`, `tool_calls` …; empty if the API gives none.
    /// The answer as JSON on one line: one object, or for other paths maybe a list. It is the
    /// server's own text, or put together from the chunks of a stream. Valid UTF-8.
    std::string body{};
    std::optional<Usage> usage{};  ///< None if the server reported no token counts.
    std::string model{};           ///< The model's name as the server reported it.
    std::string service_tier{};    ///< The tier that served, if the server names one.
    bool model_mismatch = false;   ///< The server named another model than the request did.
    std::string request_id{};      ///< The server's `x-request-id`; empty if none.
    /// A warning about an accepted but unusual answer: fewer choices than requested, or an unknown
    /// or missing `finish_reason`. Empty for all others. UTF-8.
    std::string note{};
    int http_status = 200;
    bool refused = false;   ///< No text, but the model's own words (`refusal`) why there is none.
    int answers = 1;        ///< With `Expect::schema`: how often the request was answered.
    bool unfenced = false;  ///< With `Expect`: JSON stood within a code fence, which was taken off.
};

/// How an attempt or a request ended.
using Outcome = std::variant<Completion, Fault>;

/// Durations of one request. `queued` and `total` are counted from admission, the others from the
/// start of the last attempt. `first_token` is measured at the first chunk with content, and exists
/// for streams only.
struct Timing {
    Duration queued{};                      ///< From admission to the start of the first attempt.
    Duration total{};                       ///< From admission to the reply.
    std::optional<Duration> attempt{};      ///< The last attempt, from its start to its end.
    std::optional<Duration> first_byte{};   ///< Time to first byte of the last attempt.
    std::optional<Duration> first_token{};  ///< Time to first token of the last attempt.
};

/// Where an attempt was served: at a remote endpoint, or by a worker of the local pool.
enum class ServedBy : std::uint8_t { nobody, remote, local };

/// The result of one request. Every request gets exactly one.
struct Reply {
    Outcome outcome{};
    int attempts = 0;        ///< Attempts that were made, the first included. 0: never sent.
    int maybe_executed = 0;  ///< How many of them the server may have executed and billed.
    std::string endpoint{};  ///< The endpoint of the last attempt; empty if there was none.
    ServedBy served_by = ServedBy::nobody;  ///< The kind of that endpoint.
    Timing timing{};
    /// Cost of the completion: what the server says it costs, else by the prices of its endpoint;
    /// none if neither is known.
    std::optional<double> cost{};
    std::uint64_t tag = 0;  ///< `Request::tag`.
    /// With `map` and `map_unordered`: position of the request in the range, from 0. Else 0.
    std::uint64_t index = 0;
    /// With `stream`: a piece of the answer was handed on. The outcome is that of this answer; a
    /// fault says that it broke off, and the request was not repeated.
    bool begun = false;

    /// The completion; null if the request failed.
    const Completion* completion() const { return std::get_if<Completion>(&outcome); }
    /// The fault; null if the request was answered.
    const Fault* fault() const { return std::get_if<Fault>(&outcome); }
};

}  // namespace skein
