// Native requests: bodies in the form of an API other than OpenAI's, as the batch files of its
// maker hold them. They are sent as they are, and only counted here.
#pragma once
#include "model/prepared.hpp"

#include <skein/error.hpp>
#include <skein/request.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace skein {

// Paths of native requests. That of Gemini may lack the model: `/v1beta/models:generateContent`.
inline constexpr std::string_view path_of_messages = "/v1/messages";
inline constexpr std::string_view path_of_contents = "/v1beta/models:generateContent";

// What the path of a native request says.
struct NativePath {
    Api api;
    std::string model{};  // Empty if the path names none.
    bool stream = false;
};

// Nothing: requests of this path are not native.
std::optional<NativePath> native_path(std::string_view path);

// As `prepare`. The members of the body are copied byte for byte, but for `model`. Gemini has no
// member for a stream, so `Request::stream` counts there.
Expected<Prepared, Fault> prepare_native(
    const Request& request,
    const NativePath& path,
    std::string_view usual_model,
    bool is_streamed = false
);

}  // namespace skein
