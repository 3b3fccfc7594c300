// The question of a request, parsed from its body.
#pragma once
#include "mock_server/api.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace skein::mock {

enum class Task { chat, completion, embedding, count };  // The last: only the prompt's tokens.

struct Question {
    Api api = Api::openai;
    Task task = Task::chat;
    std::string model{};
    std::string prompt{};               // Everything said, roles included.
    std::string last_said{};            // The last message of the user.
    std::vector<std::string> inputs{};  // To be embedded.
    std::uint64_t dimensions = 8;       // Of an embedding.
    std::uint64_t max_tokens = 0;       // 0: as many as it takes.
    std::uint64_t choices = 1;
    bool stream = false;
    bool include_usage = false;
    std::string call{};           // The function that the answer must call; empty: none.
    bool thinks = false;          // Thinking is to be shown.
    bool silent = false;          // All tokens went into thinking: there is no text.
    std::optional<bool> store{};  // May the answer be kept? Of Responses.

    std::uint64_t prompt_hash() const;

    // Adds a message to the prompt. Every API calls the speakers as OpenAI does, so that the same
    // conversation has the same hash whichever API asked.
    void say(std::string_view role, std::string text);
};

// The reason why a request is refused with status 400.
struct NoQuestion {
    std::string why{};
};

// A body of OpenAI. As strict as the real services, so that a test notices a client that sends
// nonsense.
std::variant<Question, NoQuestion> question_of(Task task, std::string_view body);

}  // namespace skein::mock
