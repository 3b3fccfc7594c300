#include "question_body.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace skein::bench {
namespace {

constexpr std::size_t max_number = 20;

}  // namespace

std::string filler(std::size_t bytes) {
    constexpr std::string_view sentence = " threads are wound in order and none of them crosses;";
    std::string text;
    text.reserve(bytes + sentence.size());
    while (text.size() < bytes) text += sentence;
    text.resize(bytes);
    return text;
}

QuestionBody::QuestionBody(std::size_t prompt_bytes, bool stream)
    : text_{R"({"model":"m","messages":[{"role":"user","content":")"},
      content_at_{text_.size()},
      content_size_{prompt_bytes} {
    const auto content = filler(prompt_bytes);
    beginning_ = content.substr(0, max_number);
    text_ += content;
    text_ += "\"}]";
    if (stream) text_ += R"(,"stream":true,"stream_options":{"include_usage":true})";
    text_ += "}";
}

void QuestionBody::number(std::size_t request) {
    std::array<char, max_number> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), request).ptr;
    auto* const content = text_.data() + content_at_;
    std::copy(beginning_.begin(), beginning_.end(), content);
    const auto length = std::min(static_cast<std::size_t>(end - digits.data()), content_size_);
    std::copy_n(digits.data(), length, content);
}

}  // namespace skein::bench
