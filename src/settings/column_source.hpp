// What a column of the output says: the words that `output.columns` knows.
#pragma once
#include <skein/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace skein::config {

struct ColumnSource {
    enum class Kind : std::uint8_t {
        text,           // The text of the first choice.
        id,             // The row's `custom_id`.
        json,           // That text as JSON, or a value in it: `json.a.b`, `json.items[0]`.
        row,            // A field of the input row: `row.question`.
        finish_reason,  // Of the first choice.
        model,          // As the server reported it.
        endpoint,
        cost,
        input_tokens,
        output_tokens,
        error,   // `code: message` of a row that failed.
        status,  // The HTTP status of the answer.
    };
    Kind kind = Kind::text;
    std::string path{};   // For `json` and `row`, with dots: `items.0.name`. May be empty.
    std::string field{};  // For `row`: the same as it was written.
};

// The error says which words there are.
Expected<ColumnSource, ConfigError> read_column_source(std::string_view text);

}  // namespace skein::config
