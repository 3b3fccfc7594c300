// The body of a question, made once and numbered anew for every request.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace skein::bench {

// So many bytes that need no escapes in JSON.
std::string filler(std::size_t bytes);

class QuestionBody {
public:
    QuestionBody(std::size_t prompt_bytes, bool stream);

    // The content then begins with this number, and is as long as before.
    void number(std::size_t request);

    std::string_view text() const { return text_; }

private:
    std::string text_;
    std::size_t content_at_;
    std::size_t content_size_;
    std::string beginning_;  // Of the content, without a number.
};

}  // namespace skein::bench
