// The seam of the APIs: all that skein must know of one, as a value.
#pragma once
#include "dialect/http/event_stream.hpp"
#include "dialect/seam/header_lines.hpp"
#include "json/json.hpp"
#include "model/prepared.hpp"

#include <skein/settings.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein {

// What of a request its answer is read by.
struct Answered {
    Operation operation = Operation::chat;
    std::string_view model{};            // The model that was asked for; may be empty.
    std::size_t choices = 1;             // How many were asked for.
    const Endpoint* endpoint = nullptr;  // Who answers; outlives the reading.
};

// An answer that one event of a stream holds as a whole.
struct WholeAnswer {
    std::string body{};   // In the common form.
    std::string wrong{};  // Why it is no answer; empty if it may be one.
};

// Translates one streamed answer into the common form.
class StreamTranslator {
public:
    virtual ~StreamTranslator() = default;

    // Appends what the event says, as the data of events in the common form: chunks, an error, and
    // `[DONE]` at the regular end. Nothing may be appended. A choice gets its `finish_reason` only
    // when nothing more can follow, because then the answer counts as complete. Data that is not
    // JSON is appended as it is, and refused by the reader of the common form.
    virtual void read(const Event& event, std::vector<std::string>& chunks) = 0;

    // The whole answer, if an event held it. It is the answer then, and the chunks were only what
    // came before it; they must have come to a regular end nevertheless.
    virtual std::optional<WholeAnswer> whole() { return std::nullopt; }
};

// Puts a streamed answer together in the API's own form: what a plain answer would have been.
class NativeStream {
public:
    virtual ~NativeStream() = default;

    virtual void read(const Event& event) = 0;
    // One JSON object on one line. Called once, after the stream has been judged to be whole.
    virtual std::string body() = 0;
    // Bytes taken in so far, for the limit of an answer.
    virtual std::size_t held() const = 0;
};

// A dialect is the way an API is spoken. Inside skein every request and every answer has the common
// form, which is that of OpenAI's chat completions: a dialect writes requests from the common form,
// and answers into it. So a dialect needs no reader of rows, no rules for a complete answer, no
// limits and no output of its own.
//
// To add a dialect: a folder beside `dialect/openai/` with one such value, its line in
// `dialect/dialects.cpp`, and its name in `Api`.
//
// The functions are pure, may be called on any thread, and must not throw. A null function stands
// for what its comment says.
struct Dialect {
    Api api;
    std::string_view name;  // In a job file: `api: openai`.

    // False: an answer may name another model than was asked for, which means nothing.
    bool compares_model = true;

    // False: limits of the tokens of prompts do not count what is read from a cache.
    bool limits_count_cached = true;

    // The path of the request, with a slash in front; it is joined with the endpoint's base URL.
    // Returns a view into the request, or into `made`.
    std::string_view (*path)(const Endpoint&, const Prepared&, std::string& made);

    // Adds the header lines for the API key and the API's version.
    void (*sign)(HeaderLines&, const Endpoint&);

    // The body. Nothing: the prepared body can be sent as it stands. `without`: added members that
    // the server refuses.
    std::optional<std::string> (*body)(const Endpoint&, const Prepared&, AddedMembers without);

    // The reason why the API cannot be asked for this, in words that follow `endpoint main: `.
    // Null: it can be asked for everything.
    std::optional<std::string> (*refusal)(const Endpoint&, const Prepared&) = nullptr;

    // The largest body that the API takes, in bytes. Zero: not known.
    std::size_t max_request = 0;

    // Is the answer streamed although the request does not ask for that? Null: never.
    bool (*streams_unasked)(const Endpoint&, const Prepared&) = nullptr;

    // A whole answer in the common form. Nothing: it is no answer of this API, such as an error or
    // a web page, and is read as it stands. Null: the API answers in the common form. `root` is
    // valid until the next `json::parse`.
    std::optional<std::string> (*answer)(json::Element root, const Answered&) = nullptr;

    // Null, or a null pointer: the events are in the common form.
    std::unique_ptr<StreamTranslator> (*stream)(const Answered&) = nullptr;

    // An answer with an error status, as an error in the common form. Nothing, or null: it has one
    // of the shapes that many servers use.
    std::optional<std::string> (*error)(json::Element root, const Endpoint&) = nullptr;

    // Are the events of a stream lines of JSON? Null: they are server-sent events.
    bool (*sends_lines)(const Endpoint&) = nullptr;

    // Words for JSON that `answer` gave nothing for, such as `the answer has nothing at /text`.
    std::string (*missing)(const Endpoint&) = nullptr;

    // For `Settings::native_body`. Null: the body of a stream is what the common form makes of it.
    std::unique_ptr<NativeStream> (*native_stream)() = nullptr;
};

}  // namespace skein
