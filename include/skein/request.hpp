/// What is asked, and what comes back.
#pragma once
#include <skein/fault.hpp>
#include <skein/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace skein {

struct Message {
    std::string role = "user";
    std::string content{};
};

/// One question. Fill in `prompt`, or `messages`, or `body`; the first that is not empty of
/// `body`, `messages`, `prompt` counts.
struct Request {
    std::string prompt{};             ///< Short for one message of the user.
    std::vector<Message> messages{};  ///< A conversation.
    /// A whole request: the text of one JSON object, sent as it is but for `model`, which the
    /// endpoint's own replaces if it has one.
    std::string body{};
    /// Or `/v1/completions`, `/v1/embeddings`. Any other path of such a server (`/v1/responses`,
    /// `/score`) needs a `body`, which goes out as it is; the answer comes back as it is, in
    /// `Completion::body`.
    std::string path = "/v1/chat/completions";

    std::string model{};                       ///< Used where the endpoint names none.
    std::optional<double> temperature{};       ///< Not for `body`, which holds its own.
    std::optional<std::int64_t> max_tokens{};  ///< Not for `body`.
    bool stream = false;                       ///< Not for `body`.

    /// From admission to reply, every attempt and every wait included. None: `timeouts.request` of
    /// the settings, from the start of the first attempt. Zero or less: none at all.
    std::optional<Duration> deadline{};
};

/// Tokens, as the server counted them.
struct Usage {
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;

    bool operator==(const Usage&) const = default;
};

struct Completion {
    std::string text{};  ///< The first choice's content. Empty for embeddings.
    std::string
        finish_reason{};  ///< `stop`, `length`, `tool_calls` …; empty if the API gives none.
    /// The answer as one JSON object on one line (of another path maybe a list): as the server gave
    /// it, or put together from the stream's chunks. Valid UTF-8.
    std::string body{};
    std::optional<Usage> usage{};  ///< None if the server did not say.
    std::string model{};           ///< As the server named it.
    bool model_mismatch = false;   ///< It named a model that is not the one that was asked.
    std::string request_id{};      ///< The server's `x-request-id`; empty if none.
    /// What is unusual about an answer that was kept all the same: fewer choices than were asked
    /// for, a `finish_reason` that is not known, or none. Empty for all others. UTF-8.
    std::string note{};
    int http_status = 200;
};

using Outcome = std::variant<Completion, Fault>;

/// When things happened, counted from admission. The token times are measured at the first chunk
/// with content, and exist for streams only.
struct Timing {
    Duration queued{};                      ///< Until the first attempt left.
    Duration total{};                       ///< Until the reply was there.
    std::optional<Duration> attempt{};      ///< The last attempt, from its start to its end.
    std::optional<Duration> first_byte{};   ///< Of the last attempt, from its start.
    std::optional<Duration> first_token{};  ///< Of the last attempt, from its start.
};

/// Where an attempt was served.
enum class ServedBy : std::uint8_t { nobody, remote, local };

/// Exactly one for every request.
struct Reply {
    Outcome outcome{};
    int attempts = 0;        ///< Tries that left, the first included. 0: it never left.
    int maybe_executed = 0;  ///< Of these, how many the server may have worked on and billed.
    std::string endpoint{};  ///< Who served the last attempt; empty if none did.
    ServedBy served_by = ServedBy::nobody;  ///< The same, in a word.
    Timing timing{};
    /// What the completion cost, by the prices of its endpoint; none if they are not known.
    std::optional<double> cost{};

    const Completion* completion() const { return std::get_if<Completion>(&outcome); }
    const Fault* fault() const { return std::get_if<Fault>(&outcome); }
};

}  // namespace skein
