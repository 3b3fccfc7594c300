// The tables of keys of a job file, section by section, and the reader that walks them.
// Invariant: an unknown key is an error with a suggestion, never ignored, because the run would
// silently lack the setting.
// Runs on the thread of the caller of `load_job`.
#include "config/keys.hpp"

#include "config/files.hpp"
#include "config/proxy_key.hpp"
#include "config/request_slips.hpp"
#include "config/request_text.hpp"
#include "config/structured.hpp"
#include "config/values.hpp"
#include "json/text.hpp"
#include "settings/ranges.hpp"
#include "settings/spelling.hpp"

#include <algorithm>

namespace skein::config {
namespace {

using N = const Node&;
using D = Draft&;

Complaint read_optional_duration(N node, std::optional<Duration>& into) {
    return read_duration(node, into.emplace());
}

// An error in one endpoint does not hide those of the next.
Complaint read_endpoints(N node, D draft) {
    const std::string rule = "a list of endpoints, each with a name and a base_url";
    if (!node.is_list() || node.children.empty()) return must_be(node, rule);
    for (const auto& child : node.children) {
        add(draft.mistakes, read_endpoint(child, draft));
    }
    return std::nullopt;
}

// Stored in the draft until the endpoints have been read (`give_proxy_to_all`), because YAML keys
// may come in any order.
Complaint read_proxy_of_all(N node, D draft) {
    return read_proxy(node, {draft.proxy, draft.proxy_login});
}

// `100` rows, or `5%` of the finished rows.
Complaint read_max_failures(N node, D draft) {
    // Count and share exclude each other, so what was there goes.
    auto& into = draft.job.max_failures;
    into = {};
    if (const auto count = whole_of(node, range::max_failures)) {
        into.count = *count;
        return std::nullopt;
    }
    const bool is_share = node.is_scalar() && !node.quoted && node.text.ends_with('%');
    const auto percent = parse_decimal(is_share ? node.text.substr(0, node.text.size() - 1) : "");
    if (!percent || *percent <= 0 || *percent > 100) {
        return must_be(node, "a number of rows like 100, or a share like 5% (0: no limit)");
    }
    into.share = *percent / 100;
    return std::nullopt;
}

Complaint read_what_is_asked(N given, D draft) {
    auto node = given;
    add(draft.mistakes, take_schema(node, draft));
    Places places;
    if (auto complaint = read_request(node, draft.job.request, places, draft.mistakes)) {
        return complaint;
    }
    ask_for_schema(draft);
    warn_of_slips(node, draft.job.warnings);
    // For errors found later in the template's JSON: its strings by number, with their places in
    // the file.
    draft.job.request_place = [places = std::move(places)](std::size_t text) {
        return text < places.size() ? places[text].text() : std::string{};
    };
    return std::nullopt;
}

// A function pointer cannot hold the name of its section, so the name is a template argument.
template <const char* name>
Complaint read_nested(N node, D draft) {
    return read_section(node, *section_of(name), draft);
}

constexpr char name_of_input[] = "input";
constexpr char name_of_output[] = "output";
constexpr char name_of_limits[] = "limits";
constexpr char name_of_timeouts[] = "timeouts";
constexpr char name_of_backoff[] = "backoff";
constexpr char name_of_read[] = "read";
constexpr char name_of_fallback[] = "fallback";
constexpr char name_of_expect[] = "expect";

constexpr Key job_keys[] = {
    {"version",
     // Checked by `check_version` before any other key is read.
     [](N n, D) {
         return whole_of(n, {1, 1}) ? Complaint{} : must_be(n, "1");
     }},
    {"endpoints", read_endpoints},
    {"proxy", read_proxy_of_all},
    {"prices", [](N n, D d) { return read_text(n, d.prices); }},
    {"local", read_local},
    {"fallback", read_nested<name_of_fallback>},
    {"input", read_nested<name_of_input>},
    {"request", read_what_is_asked},
    {"expect", read_nested<name_of_expect>},
    {"output", read_nested<name_of_output>},
    {"limits", read_nested<name_of_limits>},
    {"timeouts", read_nested<name_of_timeouts>},
    {"grace", [](N n, D d) { return read_duration(n, d.job.grace); }},
    {"backoff", read_nested<name_of_backoff>},
    {"read", read_nested<name_of_read>},
    {"seed", [](N n, D d) { return read_whole(n, range::seed, d.job.settings.seed); }},
};

constexpr std::pair<std::string_view, Input::Format> formats[] = {
    {"auto", Input::Format::automatic},
    {"openai-batch", Input::Format::openai_batch},
    {"anthropic-batch", Input::Format::anthropic_batch},
    {"gemini-batch", Input::Format::gemini_batch},
    {"mistral-batch", Input::Format::mistral_batch},
    {"jsonl", Input::Format::jsonl},
    {"csv", Input::Format::csv},
    {"text", Input::Format::text},
    {"json", Input::Format::json},
};

constexpr std::pair<std::string_view, Input::Blank> blanks[] = {
    {"skip", Input::Blank::skip},
    {"ask", Input::Blank::ask},
};

constexpr std::pair<std::string_view, Output::Format> output_formats[] = {
    {"openai-batch", Output::Format::openai_batch},
    {"anthropic-batch", Output::Format::anthropic_batch},
    {"gemini-batch", Output::Format::gemini_batch},
    {"jsonl", Output::Format::jsonl},
    {"csv", Output::Format::csv},
    {"text", Output::Format::text},
};

// Whether bodies are native.
constexpr std::pair<std::string_view, bool> bodies[] = {
    {"chat", false},
    {"native", true},
};

constexpr std::pair<std::string_view, Output::Order> orders[] = {
    {"input", Output::Order::input},
    {"completion", Output::Order::completion},
};

constexpr std::pair<std::string_view, Output::Durability> durabilities[] = {
    {"none", Output::Durability::none},
    {"interval", Output::Durability::interval},
    {"each", Output::Durability::each},
};

constexpr Key input_keys[] = {
    {"file", [](N n, D d) { return read_text(n, d.job.input.file); }},
    {"format", [](N n, D d) { return read_choice(n, formats, d.job.input.format); }},
    {"encoding", [](N n, D d) { return read_encoding(n, d.job.input.encoding); }},
    {"delimiter", [](N n, D d) { return read_delimiter(n, d.job.input.delimiter); }},
    {"id", [](N n, D d) { return read_id(n, d.job.input.id); }},
    {"blank", [](N n, D d) { return read_choice(n, blanks, d.job.input.blank); }},
};

constexpr Key output_keys[] = {
    {"file", [](N n, D d) { return read_text(n, d.job.output.file); }},
    {"order", [](N n, D d) { return read_choice(n, orders, d.job.output.order); }},
    {"timings", [](N n, D d) { return read_flag(n, d.job.output.timings); }},
    {"overwrite", [](N n, D d) { return read_flag(n, d.job.output.overwrite); }},
    {"durability", [](N n, D d) { return read_choice(n, durabilities, d.job.output.durability); }},
    {"format", [](N n, D d) { return read_choice(n, output_formats, d.job.output.format); }},
    {"columns", [](N n, D d) { return read_columns(n, d.job.output.columns); }},
    {"body", [](N n, D d) { return read_choice(n, bodies, d.job.settings.native_body); }},
    {"keep", [](N n, D d) { return read_keep(n, d.job.output.keep); }},
};

constexpr Key limits_keys[] = {
    {"in_flight",
     [](N n, D d) { return read_whole(n, range::in_flight, d.job.settings.in_flight); }},
    {"window", [](N n, D d) { return read_whole(n, range::window, d.job.window); }},
    {"attempts", [](N n, D d) { return read_whole(n, range::attempts, d.job.settings.attempts); }},
    {"max_requests",
     [](N n, D d) { return read_whole(n, range::max_requests, d.job.settings.max_requests); }},
    {"max_tokens",
     [](N n, D d) { return read_whole(n, range::max_tokens, d.job.settings.max_tokens); }},
    {"max_cost",
     [](N n, D d) {
         return read_decimal(
             n, 0, range::max_money, "a sum like 25 or 0.5 (0: no limit)", d.job.settings.max_cost
         );
     }},
    {"hedging", [](N n, D d) { return read_flag(n, d.job.settings.hedging); }},
    {"max_retry_after", [](N n, D d) { return read_duration(n, d.job.settings.max_retry_after); }},
    {"first_answer", [](N n, D d) { return read_duration(n, d.job.settings.first_answer); }},
    {"same_refusals",
     [](N n, D d) { return read_whole(n, range::same_refusals, d.job.settings.same_refusals); }},
    {"max_failures", read_max_failures},
    {"wire_threads",
     [](N n, D d) { return read_whole(n, range::wire_threads, d.job.settings.wire_threads); }},
};

constexpr Key timeouts_keys[] = {
    {"connect", [](N n, D d) { return read_duration(n, d.job.settings.timeouts.connect); }},
    {"first_byte",
     [](N n, D d) { return read_optional_duration(n, d.job.settings.timeouts.first_byte); }},
    {"idle", [](N n, D d) { return read_duration(n, d.job.settings.timeouts.idle); }},
    {"content", [](N n, D d) { return read_duration(n, d.job.settings.timeouts.content); }},
    {"attempt", [](N n, D d) { return read_duration(n, d.job.settings.timeouts.attempt); }},
    {"request", [](N n, D d) { return read_duration(n, d.job.settings.timeouts.request); }},
    {"job", [](N n, D d) { return read_duration(n, d.job.timeout); }},
};

constexpr Key backoff_keys[] = {
    {"base", [](N n, D d) { return read_duration(n, d.job.settings.backoff.base); }},
    {"max", [](N n, D d) { return read_duration(n, d.job.settings.backoff.max); }},
    {"throttled_base",
     [](N n, D d) { return read_duration(n, d.job.settings.backoff.throttled_base); }},
    {"throttled_max",
     [](N n, D d) { return read_duration(n, d.job.settings.backoff.throttled_max); }},
};

constexpr Key read_keys[] = {
    {"headers",
     [](N n, D d) { return read_size(n, range::read_bytes, d.job.settings.read.headers); }},
    {"body", [](N n, D d) { return read_size(n, range::read_bytes, d.job.settings.read.body); }},
    {"line", [](N n, D d) { return read_size(n, range::read_bytes, d.job.settings.read.line); }},
    {"event", [](N n, D d) { return read_size(n, range::read_bytes, d.job.settings.read.event); }},
    {"depth", [](N n, D d) { return read_whole(n, range::read_depth, d.job.settings.read.depth); }},
};

constexpr Key fallback_keys[] = {
    {"after", [](N n, D d) { return read_duration(n, d.job.settings.fallback_after); }},
};

std::vector<std::string_view> names_of(const Section& section) {
    std::vector<std::string_view> names;
    for (const auto& key : section.keys) names.push_back(key.name);
    return names;
}

// The section that has a key with this name, if exactly one has; for the suggestion.
std::string_view home_of(std::string_view name) {
    std::string_view home;
    int homes = 0;
    for (const auto& section : sections()) {
        for (const auto& key : section.keys) {
            // A key of the top level has no section to be named.
            if (key.name != name || section.name.empty()) continue;
            home = section.name;
            ++homes;
        }
    }
    return homes == 1 ? home : std::string_view{};
}

// Keys of version 0.1 that were renamed. They are refused with the new name and not read, because
// two names for one key would have to be explained for ever (docs/decisions.md).
struct Renamed {
    std::string_view section;
    std::string_view before;
    std::string_view now;
};
constexpr Renamed renamed[] = {
    {"limits", "longest_park", "max_retry_after"},
    {"backoff", "most", "max"},
    {"backoff", "throttled_most", "throttled_max"},
    {"local", "pin", "pin_by"},
    {"local", "context", "context_tokens"},
    {"local", "startup", "startup_timeout"},
    {"local", "liveness", "probe_interval"},
    {"local", "answer", "probe_timeout"},
    {"local", "progress", "stall_timeout"},
};

std::string_view new_name_of(std::string_view key, const Section& section) {
    const auto found = std::ranges::find_if(renamed, [&](const Renamed& row) {
        return row.section == section.name && row.before == key;
    });
    return found == std::end(renamed) ? std::string_view{} : found->now;
}

// Builds the error for an unknown key, with the most probable suggestion.
ConfigError unknown(const Node& member, const Section& section) {
    auto what = "unknown key '" + json::printable(member.key, 60) + "'";
    if (!section.name.empty()) what += " in " + std::string{section.name};
    if (const auto now = new_name_of(member.key, section); !now.empty()) {
        return complain(member.key_at, what + "; it is called '" + std::string{now} + "' now");
    }
    const auto names = names_of(section);
    const auto end = "_" + member.key;
    // First suggestion: the only known key that ends with the written word.
    const auto is_longer = [&](std::string_view name) { return name.ends_with(end); };
    if (std::ranges::count_if(names, is_longer) == 1) {
        const auto longer = *std::ranges::find_if(names, is_longer);
        return complain(member.key_at, what + "; did you mean '" + std::string{longer} + "'?");
    }
    // Second suggestion: a similar key of this section, or else the section that has the key.
    const auto home = home_of(member.key);
    if (nearest(member.key, names).empty() && !home.empty()) {
        what += "; it belongs into " + std::string{home};
    } else {
        what += advice(member.key, names);
    }
    return complain(member.key_at, std::move(what));
}

}  // namespace

std::string Draft::joined(const std::string& path) const {
    return path == "-" || path.empty() ? path : (folder / path).string();
}

// Made at the first call, because two of the tables are in other files. The first entry is the top
// level (`read_job` relies on it).
std::span<const Section> sections() {
    static const Section all[] = {
        {"", job_keys},
        {"endpoints", endpoint_keys()},
        {"local", local_keys()},
        {"fallback", fallback_keys},
        {"input", input_keys},
        {"output", output_keys},
        {"limits", limits_keys},
        {"timeouts", timeouts_keys},
        {"backoff", backoff_keys},
        {"read", read_keys},
        {"expect", expect_keys()},
    };
    return all;
}

const Section* section_of(std::string_view name) {
    for (const auto& section : sections()) {
        if (section.name == name) return &section;
    }
    return nullptr;
}

Complaint read_section(const Node& node, const Section& section, Draft& draft) {
    if (node.is_null()) return std::nullopt;  // An empty section: all its keys are commented out.
    if (!node.is_map()) return must_be(node, "a mapping (`key: value` lines)");
    for (const auto& member : node.children) {
        const auto key = std::find_if(section.keys.begin(), section.keys.end(), [&](const Key& k) {
            return k.name == member.key;
        });
        const bool is_known = key != section.keys.end();
        // The loop goes on after an error, so that one run reports all errors of a file.
        add(draft.mistakes, is_known ? key->read(member, draft) : unknown(member, section));
    }
    return std::nullopt;
}

std::vector<std::string> known_keys() {
    std::vector<std::string> known;
    const auto all = sections();
    const auto is_section = [&](std::string_view name) {
        return std::any_of(all.begin(), all.end(), [&](const Section& s) {
            return s.name == name;
        });
    };
    for (const auto& section : all) {
        for (const auto& key : section.keys) {
            // A key that opens a section holds no value of its own.
            if (section.name.empty() && is_section(key.name)) continue;
            auto name = std::string{section.name};
            if (!name.empty()) name += '.';
            known.push_back(name += key.name);
        }
    }
    return known;
}

}  // namespace skein::config
