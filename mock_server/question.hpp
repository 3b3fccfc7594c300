// What a request asks for, read from its body.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace skein::mock {

enum class Task { chat, completion, embedding };

struct Question {
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

    std::uint64_t prompt_hash() const;
};

// Why a body is no question; for an answer with status 400.
struct NoQuestion {
    std::string why{};
};

// As strict as the services it stands for, so that a client that sends nonsense is told so.
std::variant<Question, NoQuestion> question_of(Task task, std::string_view body);

}  // namespace skein::mock
