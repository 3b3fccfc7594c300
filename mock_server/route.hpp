// What a request is about, and in which API: told by its path and its headers, never by its body.
#pragma once
#include "mock_server/api.hpp"
#include "mock_server/incoming.hpp"
#include "mock_server/question.hpp"

#include <string>

namespace skein::mock {

struct Route {
    enum class Kind { none, models, question };
    Kind kind = Kind::none;
    Api api = Api::openai;  // In any case, because an error has the form of the API, too.
    Task task = Task::chat;
    std::string model{};  // Gemini names the model in the path,
    bool stream = false;  // and the method there tells whether the answer is a stream.
};

Route route_of(const Incoming& incoming);

// Did a key come, in a header where this API looks for it?
bool has_key(const Incoming& incoming, Api api);

}  // namespace skein::mock
