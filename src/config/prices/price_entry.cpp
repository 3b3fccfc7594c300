// Reads one entry of a file of prices: which member is which price, and under which condition.
// Invariant: a number is used only if its name is known to the last letter, because a wrong price
// is worse than none. Pure; any thread.
#include "config/prices/price_entry.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

namespace skein::config {
namespace {

constexpr double max_of_a_token = 1e6;
constexpr std::size_t max_conditions = 32;  // The rules are walked for each answer.
constexpr std::size_t max_not_read = 5;     // Members that are named to the user.

enum class Kind : std::uint8_t { input, output, cached, cache_write, cache_write_1h, reasoning };
constexpr std::size_t kinds = 6;

// The longer one first, where one name begins with another.
constexpr std::pair<std::string_view, Kind> names[] = {
    {"input_cost_per_token", Kind::input},
    {"output_cost_per_token", Kind::output},
    {"cache_read_input_token_cost", Kind::cached},
    {"cache_creation_input_token_cost_above_1hr", Kind::cache_write_1h},
    {"cache_creation_input_token_cost", Kind::cache_write},
    {"output_cost_per_reasoning_token", Kind::reasoning},
};

// Where a name ends in one, its price is that of answers of this tier.
constexpr std::pair<std::string_view, std::string_view> tiers[] = {
    {"_flex", "flex"},
    {"_priority", "priority"},
    {"_batches", "batch"},
};

// Sorted so that a later condition is the more special one: the rules of a tier behind those of
// none, and those of more tokens behind those of fewer.
struct Condition {
    std::string_view tier{};
    std::int64_t above = -1;

    auto operator<=>(const Condition&) const = default;
};

struct PriceName {
    Kind kind{};
    Condition condition{};
};

using Given = std::array<std::optional<double>, kinds>;

bool take(std::string_view& text, std::string_view begin) {
    if (!text.starts_with(begin)) return false;
    text.remove_prefix(begin.size());
    return true;
}

// `_above_200k_tokens`: takes it from the front, and gives 200,000.
bool take_above(std::string_view& rest, std::int64_t& above) {
    auto text = rest;
    if (above >= 0 || !take(text, "_above_")) return false;
    constexpr std::size_t max_digits = 9;
    const auto digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits == text.npos || digits > max_digits) return false;
    std::int64_t thousands = 0;
    std::from_chars(text.data(), text.data() + digits, thousands);
    text.remove_prefix(digits);
    if (!take(text, "k_tokens")) return false;
    above = thousands * 1000;
    rest = text;
    return true;
}

bool take_tier(std::string_view& rest, std::string_view& tier) {
    if (!tier.empty()) return false;
    for (const auto& [end, name] : tiers) {
        if (!take(rest, end)) continue;
        tier = name;
        return true;
    }
    return false;
}

// Nothing if the member is no price that is read.
std::optional<PriceName> parsed(std::string_view member) {
    for (const auto& [name, kind] : names) {
        auto rest = member;
        if (!take(rest, name)) continue;
        PriceName found{kind, {}};
        auto& [tier, above] = found.condition;
        while (!rest.empty() && (take_above(rest, above) || take_tier(rest, tier))) {
        }
        if (rest.empty()) return found;
    }
    return std::nullopt;
}

// Prices that hold for some prompts or hours only, and are written in a form of their own.
bool is_a_price_that_is_not_read(std::string_view member, json::Element value) {
    if (!value.is_object() && !value.is_array()) return false;
    return member.find("pricing") != member.npos || member.find("peak") != member.npos;
}

// Of a million tokens. 2e-06 becomes 2 and not the nearest number beside it.
double of_a_million(double of_one) {
    const auto rounded = std::round(of_one * 1e15) / 1e9;
    const auto exact = of_one * 1e6;
    return std::abs(rounded - exact) <= exact * 1e-9 ? rounded : exact;
}

// Puts what is given over prices that hold without the condition.
void put_over(Prices& prices, const Given& given) {
    const auto of = [&](Kind kind) { return given[static_cast<std::size_t>(kind)]; };
    const auto put = [&](std::optional<double>& price, Kind kind) {
        if (of(kind)) price = of(kind);
    };
    prices.input = of(Kind::input).value_or(prices.input);
    prices.output = of(Kind::output).value_or(prices.output);
    if (of(Kind::output)) prices.reasoning.reset();
    put(prices.cached, Kind::cached);
    put(prices.cache_write, Kind::cache_write);
    put(prices.cache_write_1h, Kind::cache_write_1h);
    put(prices.reasoning, Kind::reasoning);
}

bool is_mode_of_tokens(std::string_view mode) {
    return mode == "chat" || mode == "completion" || mode == "responses" || mode == "embedding";
}

using GivenByCondition = std::map<Condition, Given>;

// All prices of the entry, by condition; or what is wrong with one.
Expected<GivenByCondition, std::string> given_in(json::Element entry, PriceEntry& into) {
    GivenByCondition given;
    simdjson::dom::object members;
    if (entry.get(members)) return given;
    for (const auto& [member, value] : members) {
        const auto name = parsed(member);
        double price = 0;
        if (!name) {
            if (is_a_price_that_is_not_read(member, value) && into.not_read.size() < max_not_read) {
                into.not_read.push_back(json::printable(member, 60));
            }
            continue;
        }
        if (!value.is_number() || value.get(price)) continue;
        if (!(price >= 0 && price <= max_of_a_token)) {
            return std::string{member} + " must be the price of one token, from 0 to 1e6, not " +
                   json::one_line(value);
        }
        given[name->condition][static_cast<std::size_t>(name->kind)] = of_a_million(price);
        if (given.size() > max_conditions)
            return std::string{"it has prices for more than 32 conditions"};
    }
    return given;
}

}  // namespace

Expected<PriceEntry, std::string> read_price_entry(json::Element entry) {
    PriceEntry read;
    if (!entry.is_object()) return std::string{"it must be a JSON object"};
    const auto mode = json::text_or_empty(entry, "mode");
    if (!is_mode_of_tokens(mode)) {
        read.why_not =
            (mode.empty() ? "it has no mode" : "its mode is " + json::printable(mode, 40)) +
            ", and only chat, completion, responses and embedding are priced by tokens";
        return read;
    }
    auto given = given_in(entry, read);
    if (!given) return given.error();
    const auto plain = given->find(Condition{});
    if (plain == given->end() || (!plain->second[0] && !plain->second[1])) {
        read.why_not = "it has no price of a token";
        return read;
    }
    put_over(read.prices, plain->second);
    // xAI takes the higher price for so many tokens, all others for more.
    const bool is_at_least = json::text_or_empty(entry, "litellm_provider") == "xai";
    auto prices = read.prices;
    std::string_view tier;
    for (const auto& [condition, values] : *given) {
        if (condition == Condition{}) continue;
        if (condition.tier != tier) prices = read.prices;
        tier = condition.tier;
        put_over(prices, values);
        const auto above = condition.above - (is_at_least && condition.above > 0 ? 1 : 0);
        read.rules.push_back({std::string{tier}, above, prices});
    }
    return read;
}

}  // namespace skein::config
