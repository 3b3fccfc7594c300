// The APIs that the mock server speaks.
#pragma once
#include <string_view>

namespace skein::mock {

enum class Api { openai, responses, anthropic, gemini };

// OpenAI's two APIs have one form of errors and headers.
constexpr bool is_of_openai(Api api) { return api == Api::openai || api == Api::responses; }

constexpr std::string_view name_of(Api api) {
    switch (api) {
        case Api::responses:
            return "responses";
        case Api::anthropic:
            return "anthropic";
        case Api::gemini:
            return "gemini";
        case Api::openai:
            break;
    }
    return "openai";
}

}  // namespace skein::mock
