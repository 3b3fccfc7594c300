// The names of the faults, and the weather as JSON. Invariant: `parse_weather` reads the JSON back
// as the same weather. Pure; any thread.
#include "mock_server/weather.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <type_traits>

namespace skein::mock {
namespace {

using Named = std::pair<Mishap, std::string_view>;
constexpr std::array names{
    Named{Mishap::status, "status"},
    Named{Mishap::hang_up, "hang_up"},
    Named{Mishap::hang_up_reused, "hang_up_reused"},
    Named{Mishap::reset, "reset"},
    Named{Mishap::truncate, "truncate"},
    Named{Mishap::cut_stream, "cut_stream"},
    Named{Mishap::done_without_finish, "done_without_finish"},
    Named{Mishap::error_in_stream, "error_in_stream"},
    Named{Mishap::bare_error_in_stream, "bare_error_in_stream"},
    Named{Mishap::blocked_prompt, "blocked_prompt"},
    Named{Mishap::no_text, "no_text"},
    Named{Mishap::stall, "stall"},
    Named{Mishap::silence, "silence"},
    Named{Mishap::trickle, "trickle"},
    Named{Mishap::slow_headers, "slow_headers"},
    Named{Mishap::bad_json, "bad_json"},
    Named{Mishap::deep_json, "deep_json"},
    Named{Mishap::bad_utf8, "bad_utf8"},
    Named{Mishap::html, "html"},
    Named{Mishap::empty, "empty"},
    Named{Mishap::huge, "huge"},
    Named{Mishap::deflate_bomb, "deflate_bomb"},
    Named{Mishap::wrong_length, "wrong_length"},
    Named{Mishap::redirect, "redirect"},
    Named{Mishap::raw, "raw"},
};

// Writes one JSON object: members with a value other than the usual one.
class Members {
public:
    explicit Members(std::string& out) : out_{out} { out_ += '{'; }
    ~Members() { out_ += '}'; }

    template <typename T>
    void member(std::string_view name, const T& value, const T& usual) {
        if (value != usual) this->value(key(name), value);
    }

    template <typename T>
    void always(std::string_view name, const T& value) {
        this->value(key(name), value);
    }

    std::string& key(std::string_view name) {
        if (!first_) out_ += ',';
        first_ = false;
        json::append_string(out_, name);
        return out_ += ':';
    }

private:
    static void value(std::string& out, const std::string& text) { json::append_string(out, text); }
    static void value(std::string& out, bool truth) { out += truth ? "true" : "false"; }
    static void value(std::string& out, double number) { json::append_number(out, number); }
    static void value(std::string& out, Duration duration) {
        out += '"';
        json::append_number(out, std::int64_t{duration.count()});
        out += "ns\"";
    }
    // By `to_string`, because the number may be larger than int64, which `append_number` takes.
    template <typename T>
    requires std::is_integral_v<T>
    static void value(std::string& out, T number) { out += std::to_string(number); }
    template <typename T>
    static void value(std::string& out, const std::optional<T>& number) {
        value(out, *number);
    }
    static void value(std::string& out, const HeaderLines& headers) {
        Members members{out};
        for (const auto& [name, text] : headers) members.always(name, text);
    }
    static void value(std::string& out, const Distribution& distribution) {
        std::visit([&](const auto& shape) { Members::shape(out, shape); }, distribution);
    }

    static void shape(std::string& out, const Constant& shape) { value(out, shape.value); }
    static void shape(std::string& out, const Uniform& shape) {
        Members named{out};
        Members members{named.key("uniform")};
        members.always("from", shape.from);
        members.always("to", shape.to);
    }
    static void shape(std::string& out, const Exponential& shape) {
        Members named{out};
        Members members{named.key("exponential")};
        members.always("mean", shape.mean);
    }
    static void shape(std::string& out, const Lognormal& shape) {
        Members named{out};
        Members members{named.key("lognormal")};
        members.always("median", shape.median);
        members.always("sigma", shape.sigma);
    }

    std::string& out_;
    bool first_ = true;
};

void append_rule(std::string& out, const Rule& rule) {
    const Rule usual;
    Members members{out};
    members.always("fault", std::string{name_of(rule.fault)});
    members.member("status", rule.status, usual.status);
    members.member("body", rule.body, usual.body);
    members.member("headers", rule.headers, usual.headers);
    members.member("location", rule.location, usual.location);
    members.member("after_bytes", rule.after_bytes, usual.after_bytes);
    members.member("after_tokens", rule.after_tokens, usual.after_tokens);
    members.member("bytes", rule.bytes, usual.bytes);
    members.member("interval", rule.interval, usual.interval);
    members.member("after", rule.after, usual.after);
    members.member("rate", rule.rate, usual.rate);
    members.member("count", rule.count, usual.count);
    members.member("every", rule.every, usual.every);
    members.member("first_attempts", rule.first_attempts, usual.first_attempts);
    members.member("from", rule.from, usual.from);
    members.member("until", rule.until, usual.until);
    members.member("request", rule.request, usual.request);
    members.member("contains", rule.contains, usual.contains);
}

}  // namespace

// Every fault is in the table.
std::string_view name_of(Mishap mishap) {
    return std::find_if(
               names.begin(), names.end(), [&](auto& one) { return one.first == mishap; }
    )->second;
}

std::optional<Mishap> mishap_named(std::string_view name) {
    for (const auto& one : names) {
        if (one.second == name) return one.first;
    }
    return std::nullopt;
}

void throw_exception_from_error(const WeatherError& error, const boost::source_location&) {
    throw std::runtime_error{error.text};
}

// The members are always written, so that a reader of /admin/weather sees the whole weather; of a
// rule only those that differ from the default.
std::string to_json(const Weather& weather) {
    std::string out;
    {
        Members members{out};
        members.always("seed", weather.seed);
        members.always("latency", weather.latency);
        members.always("first_token", weather.first_token);
        members.always("per_token", weather.per_token);
        members.always("rpm", weather.rpm);
        members.always("burst", weather.burst);
        members.always("require_key", weather.require_key);
        members.always("key", weather.key);
        members.always("keep_alive", weather.keep_alive);
        auto& list = members.key("faults");
        list += '[';
        for (const auto& rule : weather.faults) {
            if (list.back() != '[') list += ',';
            append_rule(list, rule);
        }
        list += ']';
    }
    return out;
}

}  // namespace skein::mock
