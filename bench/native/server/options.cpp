#include "options.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

namespace skein::bench {
namespace {

[[noreturn]] void refuse(std::string_view what) {
    std::fprintf(
        stderr,
        "skein-bench-server: %.*s\n"
        "usage: skein-bench-server [--answer BYTES] [--latency MS] [--first MS] [--stream CHUNKS]\n"
        "                          [--chunk-every US] [--close-after N] [--tls CERT KEY]\n"
        "Prints the port it listens on; ends at SIGTERM or when its input closes, with totals.\n",
        static_cast<int>(what.size()),
        what.data()
    );
    std::exit(2);
}

class Words {
public:
    explicit Words(std::span<char*> words) : words_{words} {}

    bool done() const { return words_.empty(); }

    std::string_view next(std::string_view of) {
        if (done()) refuse("something is missing after " + std::string{of});
        const std::string_view word = words_.front();
        words_ = words_.subspan(1);
        return word;
    }

    template <class Number>
    Number number(std::string_view of, Number max) {
        const auto word = next(of);
        Number value{};
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        const bool whole = error == std::errc{} && end == word.data() + word.size();
        if (!whole || !(value >= 0 && value <= max)) {
            refuse(std::string{of} + " cannot be " + std::string{word});
        }
        return value;
    }

    // Fractions are fine: half a millisecond is 0.5.
    std::chrono::nanoseconds time(std::string_view of, double nanoseconds_per_unit) {
        return std::chrono::nanoseconds{static_cast<std::int64_t>(
            number<double>(of, 3.6e12 / nanoseconds_per_unit) * nanoseconds_per_unit
        )};
    }

private:
    std::span<char*> words_;
};

}  // namespace

Options read_options(int count, char** words) {
    constexpr double millisecond = 1e6;
    constexpr double microsecond = 1e3;
    Options options;
    Words rest{std::span{words, static_cast<std::size_t>(count)}.subspan(1)};
    while (!rest.done()) {
        const auto name = rest.next("");
        if (name == "--answer")
            options.answer = rest.number<std::size_t>(name, 100'000'000);
        else if (name == "--latency")
            options.latency = rest.time(name, millisecond);
        else if (name == "--first")
            options.first = rest.time(name, millisecond);
        else if (name == "--stream")
            options.stream = rest.number<std::size_t>(name, 1'000'000);
        else if (name == "--chunk-every")
            options.chunk_every = rest.time(name, microsecond);
        else if (name == "--close-after")
            options.close_after = rest.number<std::size_t>(name, ~0u);
        else if (name == "--tls") {
            options.certificate = rest.next(name);
            options.key = rest.next(name);
        } else
            refuse("what is " + std::string{name} + "?");
    }
    return options;
}

}  // namespace skein::bench
