#include <skein/secret.hpp>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace skein {

Secret::Secret(Secret&& other) noexcept : value_{other.value_} { other.wipe(); }

Secret& Secret::operator=(const Secret& other) {
    if (this == &other) return *this;
    wipe();
    value_ = other.value_;
    return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    value_ = other.value_;
    other.wipe();
    return *this;
}

Secret::~Secret() { wipe(); }

std::optional<Secret> Secret::from_env(const char* name) {
    const char* value = std::getenv(name);
    if (!value) return std::nullopt;
    std::string text{value};
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty()) return std::nullopt;
    return Secret{std::move(text)};
}

std::string Secret::redact(std::string text) const {
    if (value_.size() < 4) return text;  // Shorter ones would mask ordinary words.
    for (std::size_t at = 0; (at = text.find(value_, at)) != std::string::npos;) {
        text.replace(at, value_.size(), "[key]");
        at += 5;
    }
    return text;
}

void Secret::wipe() noexcept {
    // The capacity, too: what was once longer may have left its end there.
    value_.resize(value_.capacity());
    explicit_bzero(value_.data(), value_.size());
    value_.clear();
}

}  // namespace skein
