// The APIs that the mock server speaks.
#pragma once
#include <string_view>

namespace skein::mock {

enum class Api { openai, anthropic, gemini };

constexpr std::string_view name_of(Api api) {
    switch (api) {
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
