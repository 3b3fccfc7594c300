#include "arguments.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>
#include <sys/resource.h>

namespace skein::bench {
namespace {

using Words = std::span<char*>;

std::string next(Words& words, std::string_view of) {
    if (words.empty()) refuse(std::string{of} + " is missing");
    const std::string word = words.front();
    words = words.subspan(1);
    return word;
}

std::size_t number(Words& words, std::string_view of, std::size_t min, std::size_t max) {
    const auto word = next(words, of);
    const auto* const last = word.data() + word.size();
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), last, value);
    if (error != std::errc{} || end != last || value < min || value > max) {
        refuse(std::string{of} + " cannot be " + word);
    }
    return value;
}

}  // namespace

void refuse(const std::string& what) {
    std::fprintf(
        stderr,
        "%s\n"
        "usage: PEER URL REQUESTS IN_FLIGHT [--prompt BYTES] [--stream] [--handles N]"
        " [--cacert FILE]\n"
        "            [--eager] (of bare_curl: a socket leaves the epoll set when libcurl says "
        "so)\n",
        what.c_str()
    );
    std::exit(2);
}

Arguments read_arguments(int count, char** all) {
    Words words{all, static_cast<std::size_t>(count)};
    words = words.subspan(1);
    Arguments arguments;
    arguments.url = next(words, "URL");
    if (!arguments.url.starts_with("http://") && !arguments.url.starts_with("https://")) {
        refuse("URL cannot be " + arguments.url);
    }
    arguments.requests = number(words, "REQUESTS", 1, 1'000'000'000);
    arguments.in_flight = number(words, "IN_FLIGHT", 1, 100'000);
    while (!words.empty()) {
        const auto name = next(words, "option");
        if (name == "--prompt") {
            arguments.prompt = number(words, name, 1, 100'000'000);
        } else if (name == "--stream") {
            arguments.stream = true;
        } else if (name == "--handles") {
            arguments.handles = number(words, name, 0, 100'000);
        } else if (name == "--cacert") {
            arguments.ca_file = next(words, name);
        } else if (name == "--eager") {
            arguments.eager = true;
        } else {
            refuse("what is " + name + "?");
        }
    }
    return arguments;
}

void raise_descriptor_limit() {
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace skein::bench
