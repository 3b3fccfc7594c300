// Reads what a result line says, for the other forms of an output.
#pragma once
#include "json/object.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace skein::job {

// A result line of `append_result_line`, taken apart. The line must outlive this object. A part
// that is missing or null is nothing. One line after the other may be read by one object.
class ResultFacts {
public:
    // The line is trusted, because skein has written it.
    void read(std::string_view line);

    // Parts as they are written in the line: JSON.
    using Part = std::optional<std::string_view>;
    Part id() const { return line_.find("custom_id"); }
    Part body() const { return part("response.body"); }
    Part status() const { return part("response.status_code"); }
    Part error() const { return part("error"); }
    Part part(std::string_view path) const;

    // Of the first choice; nothing if there is none, as in an answer with embeddings.
    const std::optional<std::string>& text() const { return text_; }
    const std::optional<std::string>& finish_reason() const { return finish_reason_; }
    const std::optional<std::string>& model() const { return model_; }

    // `code: message` of a row that failed; nothing of an answer.
    std::optional<std::string> failure() const;

private:
    void read_body(std::string_view body);

    json::Object line_{};
    std::optional<std::string> text_{};
    std::optional<std::string> finish_reason_{};
    std::optional<std::string> model_{};
};

// The text without one pair of code fences around it and without the space around both.
std::string_view without_fences(std::string_view text);

// A value of the JSON that `text` holds, maybe within code fences, at a dotted path; without a path
// all of it. Nothing: the text is no JSON, or has no such value, or it is null. One line of JSON.
std::optional<std::string> value_in_text(std::string_view text, std::string_view path);

}  // namespace skein::job
