// Header lines of a request.
#pragma once
#include <skein/settings.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace skein {

// Collects the lines of one endpoint, as `Name: value`. They contain the API key and must not be
// logged.
class HeaderLines {
public:
    // Begins with what every API gets: `Content-Type` and `User-Agent`. The endpoint must outlive
    // the lines.
    explicit HeaderLines(const Endpoint& endpoint);

    // A header of the user's own replaces ours of the same name, in any case of letters. So the
    // header of the key can be replaced, for servers with another scheme.
    void add(std::string_view name, std::string_view value);

    // The endpoint's key, as its `auth` says; nothing if it has no key. `usual`: the header that
    // the API has for it; empty: `Authorization: Bearer`.
    void add_key(std::string_view usual = {});

    // All lines, the user's own last. A line that contains a line end is left out, because it would
    // inject a second header.
    std::vector<std::string> take();

private:
    const Endpoint& endpoint_;
    std::vector<std::string> lines_;
};

}  // namespace skein
