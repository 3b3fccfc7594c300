// Reads one entry of `endpoints` of a job file into an Endpoint.
// Invariant: no message contains a key; a key can only come from the environment, a file or a
// command, because job files are shown, copied and committed.
// Runs on the thread of the caller of `load_job`; reads the environment and key files.
#include "config/expand.hpp"
#include "config/keys.hpp"
#include "config/proxy_key.hpp"
#include "config/request_text.hpp"
#include "config/values.hpp"
#include "dialect/dialects.hpp"
#include "json/text.hpp"
#include "model/key_header.hpp"
#include "settings/causes.hpp"
#include "settings/key_file.hpp"
#include "settings/ranges.hpp"

#include <algorithm>
#include <span>
#include <string_view>

namespace skein::config {
namespace {

using N = const Node&;
using D = Draft&;

// The endpoint that is being read: `read_endpoint` has appended it.
Endpoint& last(D draft) { return draft.job.settings.endpoints.back(); }

Complaint read_api(N node, D draft) {
    std::vector<std::pair<std::string_view, Api>> apis;
    for (const auto* dialect : dialects()) apis.emplace_back(dialect->name, dialect->api);
    return read_choice<Api>(node, apis, last(draft).api);
}

// Warns of query parameters that seem to carry a key, unless the URL came from the environment.
void warn_of_keys_in_query(N node, D draft) {
    // A value from a variable is no part of the file that is shown.
    if (!node.written.empty()) return;
    auto query = std::min(node.text.find('?'), node.text.size());
    while (query < node.text.size()) {
        const auto end = std::min(node.text.find('&', query + 1), node.text.size());
        const auto member = std::string_view{node.text}.substr(query + 1, end - query - 1);
        const auto name = member.substr(0, member.find('='));
        if (carries_key(name)) {
            draft.job.warnings.push_back(
                node.at.text() + ": " + json::printable(name, 60) +
                " in the query seems to carry a key; take it from the environment, as in "
                "${MAIN_API_KEY}: job files are shown, copied and committed"
            );
        }
        // The next member begins at its `&`.
        query = end;
    }
}

Complaint read_url(N node, D draft) {
    auto& url = last(draft).url;
    if (auto complaint = read_text(node, url)) return complaint;
    warn_of_keys_in_query(node, draft);
    constexpr std::string_view mock = "mock:", socket = "unix:", long_socket = "unix://";
    // `mock:` and `unix:` contain a file path, which is relative to the job file. The single slash
    // at the end of a base URL is removed, because each request's path begins with a slash.
    if (url.starts_with(mock)) {
        url = std::string{mock} + draft.joined(url.substr(mock.size()));
    } else if (url.starts_with(socket)) {
        const auto begin = url.starts_with(long_socket) ? long_socket.size() : socket.size();
        url = std::string{socket} + draft.joined(url.substr(begin));
    } else if (node.key == "base_url" && url.ends_with('/') && !url.ends_with("//")) {
        url.pop_back();
    }
    return std::nullopt;
}

Complaint read_exact_url(N node, D draft) {
    last(draft).exact_url = true;
    return read_url(node, draft);
}

// The message must not contain the value, because the user may have written the key itself.
Complaint read_key(N node, D draft) {
    const auto name = node.is_scalar() ? sole_variable(node.text) : std::nullopt;
    if (!name && draft.may_hold_keys) {
        if (!node.is_scalar() || node.text.empty()) {
            return complain(node.at, "api_key must be a key, or a variable as in ${MAIN_API_KEY}");
        }
        last(draft).api_key = Secret{node.text};
        last(draft).key_from = "the settings";
        return std::nullopt;
    }
    if (!name) {
        return complain(
            node.at,
            "api_key must be the name of an environment variable, as in ${MAIN_API_KEY}, and never "
            "the key itself: job files are shown, copied and committed; or use api_key_file"
        );
    }
    // Read from the environment straight into a Secret: the key never enters the tree.
    auto key = Secret::from_env(name->c_str());
    if (!key) {
        return complain(node.at, "the environment variable " + *name + " is not set, or is empty");
    }
    last(draft).api_key = *std::move(key);
    last(draft).key_from = "$" + *name;
    return std::nullopt;
}

// The key is read now, so that a missing file stops the job before anything is sent. The path is
// kept, because the file is read again when the server refuses the key.
Complaint read_key_path(N node, D draft) {
    std::string path;
    if (auto complaint = read_text(node, path)) return complaint;
    path = draft.joined(path);
    if (auto wrong = read_key_file(path, last(draft).api_key)) return complain(node.at, *wrong);
    last(draft).api_key_file = path;
    last(draft).key_from = "the file " + json::printable(path, 200);
    if (is_world_readable(path)) {
        draft.job.warnings.push_back(
            node.at.text() + ": everybody on this machine may read the key file " +
            json::printable(path, 200) + "; chmod 600 it"
        );
    }
    return std::nullopt;
}

// The command is not run here: it runs before the first request.
Complaint read_key_command(N node, D draft) {
    const std::string rule = "a list: the program and each of its arguments; no shell reads it";
    if (!node.is_list() || node.children.empty()) return must_be(node, rule);
    auto& command = last(draft).api_key_command;
    for (const auto& word : node.children) {
        if (!word.is_scalar()) return must_be(node, rule);
        command.push_back(word.text);
    }
    // A name without a slash is searched in PATH.
    if (command[0].find('/') != std::string::npos) command[0] = draft.joined(command[0]);
    last(draft).key_from = "the command " + json::printable(command[0], 200);
    return std::nullopt;
}

// Names and values are checked later, with all settings (`check_headers`).
Complaint read_headers(N node, D draft) {
    if (node.is_null()) return std::nullopt;
    if (!node.is_map()) return complain(node.at, "headers must be a mapping of names to texts");
    for (const auto& header : node.children) {
        if (!header.is_scalar()) {
            return complain(header.at, json::printable(header.key, 60) + " must be a text");
        }
        // A key from a variable is no part of the file, and needs no warning.
        if (carries_key(header.key) && header.written.empty()) {
            draft.job.warnings.push_back(
                header.at.text() + ": the header " + json::printable(header.key, 60) +
                " seems to carry a key; take it from the environment, as in ${MAIN_API_KEY}: job "
                "files are shown, copied and committed"
            );
        }
        last(draft).headers.emplace_back(header.key, header.text);
    }
    return std::nullopt;
}

constexpr std::pair<std::string_view, Auth> auths[] = {
    {"usual", Auth::usual},
    {"bearer", Auth::bearer},
    {"none", Auth::none},
};

// Schemes that people know from elsewhere, which are no headers.
constexpr std::string_view schemes[] = {"basic", "digest", "header", "key", "api_key"};

// One of the words, or the name of a header. A misspelt word must not become a header.
Complaint read_auth(N node, D draft) {
    std::vector<std::string_view> words;
    for (const auto& [word, auth] : auths) words.push_back(word);
    const auto text = node.is_scalar() ? node.text : std::string{};
    if (std::ranges::find(words, text) != words.end()) {
        return read_choice(node, auths, last(draft).auth);
    }
    const auto meant = nearest(text, words);
    const bool is_scheme = std::ranges::find(schemes, text) != std::end(schemes);
    if (text.empty() || is_scheme || !meant.empty()) {
        auto error =
            must_be(node, "one of usual, bearer, none, or the name of a header like X-Api-Key");
        if (!meant.empty()) error.what += advice(text, words);
        return error;
    }
    last(draft).auth = Auth::header;
    last(draft).auth_header = text;
    return std::nullopt;
}

// What it says is checked later, with all settings.
Complaint read_raw(N node, D draft) {
    if (!node.is_map()) {
        return must_be(node, "a mapping that says where the parts of requests and answers are");
    }
    Places places;
    return read_request(node, last(draft).raw, places, draft.mistakes);
}

Complaint read_drop(N node, D draft) {
    const std::string rule = "a list of names of members, as in [seed, n]";
    if (!node.is_list()) return must_be(node, rule);
    for (const auto& name : node.children) {
        if (!name.is_scalar() || name.text.empty()) return must_be(node, rule);
        last(draft).drop.push_back(name.text);
    }
    return std::nullopt;
}

// The words are checked later, with all settings.
Complaint read_compat(N node, D draft) {
    const std::string rule = "a list of words, as in [max_tokens, router]";
    if (!node.is_list()) return must_be(node, rule);
    for (const auto& word : node.children) {
        if (!word.is_scalar()) return must_be(node, rule);
        last(draft).compat.push_back(word.text);
    }
    return std::nullopt;
}

// The names of the endpoints are checked later, with all settings.
Complaint read_on(N node, D draft) {
    if (!node.is_map()) {
        return must_be(
            node, "a mapping of faults to names of endpoints, as in {context_exceeded: big}"
        );
    }
    for (const auto& way : node.children) {
        const auto kind = fault_kind_of(way.key);
        if (!kind || !config::may_be_cause(*kind)) {
            return complain(
                way.key_at,
                "on has no fault " + json::printable(way.key, 60) + "; it may be " +
                    config::causes_text()
            );
        }
        if (!way.is_scalar() || way.text.empty()) {
            return complain(way.at, way.key + " must be the name of an endpoint");
        }
        last(draft).on.emplace_back(*kind, way.text);
    }
    return std::nullopt;
}

Complaint read_extra(N node, D draft) {
    if (!node.is_map()) {
        return must_be(node, "a mapping, whose members are added to every request");
    }
    if (node.children.empty()) return std::nullopt;
    Places places;
    return read_request(node, last(draft).extra, places, draft.mistakes);
}

Complaint read_path(N node, D draft, std::string& path) {
    if (auto complaint = read_text(node, path)) return complaint;
    path = draft.joined(path);
    return std::nullopt;
}

Complaint read_weight(N node, D draft) {
    return read_decimal(
        node, range::min_weight, range::max_weight, "a number from 0.01 to 100", last(draft).weight
    );
}

Complaint read_price(N node, double& into) {
    return read_decimal(node, 0, range::max_money, "a price per million tokens, like 0.15", into);
}

constexpr Key keys_of_endpoint[] = {
    {"name", [](N n, D d) { return read_text(n, last(d).name); }},
    {"api", read_api},
    {"base_url", read_url},
    {"url", read_exact_url},
    {"model", [](N n, D d) { return read_text(n, last(d).model); }},
    {"api_key", read_key},
    {"api_key_file", read_key_path},
    {"api_key_command", read_key_command},
    {"api_key_lifetime", [](N n, D d) { return read_duration(n, last(d).api_key_lifetime); }},
    {"auth", read_auth},
    {"api_version", [](N n, D d) { return read_text(n, last(d).api_version); }},
    {"max_tokens",
     [](N n, D d) { return read_whole(n, range::answer_tokens, last(d).max_tokens); }},
    {"compat", read_compat},
    {"drop", read_drop},
    {"extra", read_extra},
    {"on", read_on},
    {"raw", read_raw},
    {"headers", read_headers},
    {"in_flight",
     [](N n, D d) { return read_whole(n, range::endpoint_in_flight, last(d).in_flight); }},
    {"tier", [](N n, D d) { return read_whole(n, range::tier, last(d).tier); }},
    {"weight", read_weight},
    {"rpm", [](N n, D d) { return read_rate(n, last(d).rpm); }},
    {"tpm", [](N n, D d) { return read_rate(n, last(d).tpm); }},
    {"input_tpm", [](N n, D d) { return read_rate(n, last(d).input_tpm); }},
    {"output_tpm", [](N n, D d) { return read_rate(n, last(d).output_tpm); }},
    {"input_price", [](N n, D d) { return read_price(n, last(d).prices.input); }},
    {"output_price", [](N n, D d) { return read_price(n, last(d).prices.output); }},
    {"cached_price", [](N n, D d) { return read_price(n, last(d).prices.cached.emplace()); }},
    {"cache_write_price",
     [](N n, D d) { return read_price(n, last(d).prices.cache_write.emplace()); }},
    {"cache_write_1h_price",
     [](N n, D d) { return read_price(n, last(d).prices.cache_write_1h.emplace()); }},
    {"reasoning_price", [](N n, D d) { return read_price(n, last(d).prices.reasoning.emplace()); }},
    // Used by `give_prices`, which looks at the node.
    {"price_as",
     [](N n, D) {
         std::string prefix;
         return read_text(n, prefix);
     }},
    {"proxy",
     [](N n, D d) {
         return read_proxy(n, {last(d).proxy, last(d).proxy_login});
     }},
    {"ca_file", [](N n, D d) { return read_path(n, d, last(d).ca_file); }},
    {"client_cert", [](N n, D d) { return read_path(n, d, last(d).client_cert); }},
    {"client_key", [](N n, D d) { return read_path(n, d, last(d).client_key); }},
    {"allow_plaintext", [](N n, D d) { return read_flag(n, last(d).allow_plaintext); }},
};

// Groups of keys that exclude each other.
constexpr std::string_view sources_of_keys[] = {"api_key", "api_key_file", "api_key_command"};
constexpr std::string_view addresses[] = {"base_url", "url"};

// An error at the second of these keys, if two are given.
Complaint check_alternatives(N node, std::span<const std::string_view> names) {
    const Node* first = nullptr;
    for (const auto& member : node.children) {
        if (std::find(names.begin(), names.end(), member.key) == names.end()) continue;
        if (first) {
            return complain(
                member.key_at, first->key + " and " + member.key + " exclude each other; keep one"
            );
        }
        first = &member;
    }
    return std::nullopt;
}

// The address of `raw` is whole, whatever key it stands under; so a slash at its end counts.
void keep_whole_address(N node, Endpoint& endpoint) {
    endpoint.exact_url = true;
    const auto* base = node.find("base_url");
    if (base && base->text.ends_with('/') && !endpoint.url.ends_with('/')) endpoint.url += '/';
}

}  // namespace

std::span<const Key> endpoint_keys() { return keys_of_endpoint; }

Complaint read_endpoint(const Node& node, Draft& draft) {
    // Added before any check, so that the readers of its keys find it at the back of the list.
    draft.job.settings.endpoints.emplace_back();
    if (!node.is_map()) {
        return complain(
            node.at, "an endpoint must be a mapping (name, base_url …), not " + found(node)
        );
    }
    add(draft.mistakes, check_alternatives(node, sources_of_keys));
    add(draft.mistakes, check_alternatives(node, addresses));
    if (auto complaint = read_section(node, *section_of("endpoints"), draft)) return complaint;
    if (last(draft).api == Api::raw) keep_whole_address(node, last(draft));
    if (node.find("base_url") || node.find("url")) return std::nullopt;
    return complain(
        node.at, "base_url is missing: where the endpoint is, as in https://llm.example.com/v1"
    );
}

}  // namespace skein::config
