// The options of an easy handle that never change, set once when the handle is made.
#pragma once
#include "wire/curl_handle.hpp"

#include <optional>
#include <string>

namespace skein::wire {

// Sets options and remembers the first that this libcurl refuses: an option that is silently not
// there could follow a redirect with the key, or trust a certificate it should not.
class Options {
public:
    explicit Options(CURL* easy) : easy_{easy} {}

    template <class Value>
    Options& set(CURLoption option, Value value) {
        note(option, curl_easy_setopt(easy_, option, value));
        return *this;
    }

    // `CURLOPT_X: why`, for the first that was refused.
    const std::optional<std::string>& refused() const { return refused_; }

private:
    void note(CURLoption option, CURLcode code);

    CURL* easy_;
    std::optional<std::string> refused_;
};

// What was refused, if anything.
std::optional<std::string> set_constant_options(CURL* easy);

}  // namespace skein::wire
