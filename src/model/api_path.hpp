// The URL path of a request: `/v1/chat/completions`.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace skein {

// A path that is a string constant (the usual case), or an owned text that all copies share. Cheap
// to copy. A view is valid as long as any copy lives.
class ApiPath {
public:
    ApiPath() = default;
    // `constant` must have static storage duration, because only the view is kept.
    ApiPath(std::string_view constant) : text_{constant} {}
    ApiPath(const char* constant) : text_{constant} {}

    static ApiPath owned(std::string text) {
        ApiPath path;
        path.owner_ = std::make_shared<const std::string>(std::move(text));
        path.text_ = *path.owner_;
        return path;
    }

    std::string_view view() const { return text_; }
    operator std::string_view() const { return text_; }
    friend bool operator==(const ApiPath& a, std::string_view b) { return a.text_ == b; }

private:
    std::string_view text_{};
    std::shared_ptr<const std::string> owner_{};
};

}  // namespace skein
