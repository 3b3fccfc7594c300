// Sets the options of an easy handle, and the constant ones when the handle is made.
#pragma once
#include "wire/curl_handle.hpp"

#include <optional>
#include <string>

namespace skein::wire {

// Sets options and remembers the first one that this libcurl refuses, because a missing option is a
// security risk: it could follow a redirect with the API key, or trust a wrong certificate.
class Options {
public:
    explicit Options(CURL* easy) : easy_{easy} {}

    template <class Value>
    Options& set(CURLoption option, Value value) {
        note(option, curl_easy_setopt(easy_, option, value));
        return *this;
    }

    // `CURLOPT_X: reason` of the first refused option.
    const std::optional<std::string>& refused() const { return refused_; }

private:
    void note(CURLoption option, CURLcode code);

    CURL* easy_;
    std::optional<std::string> refused_;
};

// Sets the constant options. Returns the first refused option, if any.
std::optional<std::string> set_constant_options(CURL* easy);

}  // namespace skein::wire
