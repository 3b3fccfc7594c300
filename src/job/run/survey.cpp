// Dry run for `skein check`: builds the requests of the first rows without sending them.
//
// Counts rows that cannot be asked, requests that are duplicates, and estimates tokens and cost.
// Reads a regular file from its beginning; one thread.
#include "job/run/survey.hpp"

#include "config/request_slips.hpp"
#include "dispatch/price.hpp"
#include "job/file/fingerprint.hpp"
#include "job/run/content.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

namespace skein {
namespace {

// Bounds of lists that a person reads.
constexpr std::size_t max_columns = 12;
constexpr std::size_t max_reasons = 5;

// The limit that the endpoints give an answer without one; 0 if one of them gives none.
std::int64_t limit_of_endpoints(const std::vector<Endpoint>& endpoints) {
    std::int64_t largest = 0;
    for (const auto& endpoint : endpoints) {
        // `raw` may have no place for it.
        if (endpoint.max_tokens == 0 || endpoint.api == Api::raw) return 0;
        largest = std::max(largest, static_cast<std::int64_t>(endpoint.max_tokens));
    }
    return largest;
}

void add_tokens(TokenEstimate& estimate, const Prepared& request, std::int64_t limit_of_endpoints) {
    ++estimate.requests;
    estimate.input += static_cast<double>(request.prompt_tokens);
    const bool is_text =
        request.operation == Operation::chat || request.operation == Operation::completion;
    // A native request leaves as it is.
    const bool takes_theirs = request.max_answered == 0 && is_text && !request.native;
    const auto limit = takes_theirs ? limit_of_endpoints : request.max_answered;
    // Each choice of an answer may use all of `max_tokens`.
    estimate.max_output += static_cast<double>(limit) * request.choices;
    if (limit == 0) ++estimate.unbounded;
}

// Finds misspelled members of a body. Only for rows that are whole requests, because the members of
// a template were checked when the job file was read.
void add_slips(std::map<std::string, std::uint64_t>& slips, const Prepared& request) {
    json::Object body;
    // The members of another API are not ours to judge.
    if (request.native || body.parse(request.body)) return;
    for (const auto& member : body.members()) {
        const auto meant = config::member_meant_by(member.name);
        if (meant.empty()) continue;
        const auto slip = "`" + json::printable(member.name, 60) + "` (did you mean `" +
                          std::string{meant} + "`?)";
        // The number of kinds is bounded, not their counts.
        if (slips.size() < max_columns || slips.contains(slip)) ++slips[slip];
    }
}

// True if a run would send this row. Once for each row and in their order, because a match by
// content takes the reply out of the table.
bool is_asked(job::KnownRows* known, job::RequestBuilder& builder, const job::Row& row) {
    if (!known) return true;
    const auto match = match_of(*known, builder, row);
    return !match.place || match.place->is_to_ask_again();
}

// Counts duplicate and distinct requests by their hashes.
void count_doubled(Survey& survey, std::vector<std::uint64_t> hashes) {
    std::ranges::sort(hashes);
    const auto distinct = std::unique(hashes.begin(), hashes.end()) - hashes.begin();
    survey.distinct = static_cast<std::uint64_t>(distinct);
    survey.doubled = hashes.size() - survey.distinct;
}

std::string counted(std::uint64_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string tokens_text(double tokens) { return std::to_string(std::llround(tokens)); }

// Six decimals for a sum below 1, else two.
std::string money_text(double sum) {
    std::array<char, 32> text;
    const auto length = std::snprintf(text.data(), text.size(), sum < 1 ? "%.6f" : "%.2f", sum);
    return {text.data(), static_cast<std::size_t>(std::min(length, 31))};
}

std::string reasons_text(const job::FailureGroups& reasons) {
    std::string text;
    std::size_t shown = 0;
    for (const auto& group : reasons.list()) {
        if (++shown > max_reasons) break;
        text += "            " + std::to_string(group.rows) + " (";
        for (const auto& id : group.ids) {
            text += (&id == &group.ids.front() ? "" : ", ") + json::printable(id, 80);
        }
        if (group.rows > group.ids.size()) text += " …";
        text += "): " + json::printable(group.words) + "\n";
    }
    return text;
}

std::string rows_text(const Survey& survey) {
    std::string text = survey.is_whole ? "" : "of the first " + std::to_string(survey.rows) + ": ";
    text += survey.broken == 0 ? "none broken" : std::to_string(survey.broken) + " cannot be asked";
    if (survey.distinct == 1 && survey.doubled > 0) {
        text += "; ALL REQUESTS ARE THE SAME";
    } else if (survey.doubled > 0) {
        text += "; " + counted(survey.doubled, "request is", "requests are") +
                " the same as that of an earlier row, and paid for again";
    }
    return text;
}

// The endpoint with the highest cost for these tokens, because the estimate is an upper bound. Null
// if no endpoint has prices.
const Endpoint* dearest(const Job& job, const TokenEstimate& tokens) {
    const auto cost = [&](const Endpoint& endpoint) {
        return reserved_cost({endpoint.prices}, {tokens.input, tokens.max_output});
    };
    const Endpoint* found = nullptr;
    for (const auto& endpoint : job.settings.endpoints) {
        const bool has_price = endpoint.prices.input > 0 || endpoint.prices.output > 0;
        if (has_price && (!found || cost(endpoint) > cost(*found))) found = &endpoint;
    }
    return found;
}

std::string tokens_text(const TokenEstimate& tokens) {
    auto text = "about " + tokens_text(tokens.input) + " in, a token for every 4 bytes; ";
    if (tokens.unbounded == tokens.requests) return text + "no request sets max_tokens";
    text += "at most " + tokens_text(tokens.max_output) + " out, by max_tokens";
    if (tokens.unbounded == 0) return text;
    return text + " (" + counted(tokens.unbounded, "request sets", "requests set") + " none)";
}

std::string cost_text(const Job& job, const TokenEstimate& tokens) {
    const auto* endpoint = dearest(job, tokens);
    if (!endpoint) return "not known: no endpoint has prices";
    const auto cost = reserved_cost({endpoint->prices}, {tokens.input, tokens.max_output});
    const bool is_bounded = tokens.unbounded == 0;
    auto text = is_bounded ? "at most about " + money_text(cost)
                           : "about " + money_text(cost) + " and the answers without max_tokens";
    text += ", by the prices of " + json::printable(endpoint->name, 80);
    return text + "; retries and thinking beyond max_tokens come on top";
}

}  // namespace

Expected<Survey, RunError> survey(
    const Job& job, Preflight& preflight, job::KnownRows* rows, const job::Interrupt& interrupt
) {
    Survey survey;
    auto source = job::Source::open(job.input, &interrupt);
    if (!source) return source.error();
    std::vector<std::uint64_t> hashes;
    const auto limit = limit_of_endpoints(job.settings.endpoints);
    for (;;) {
        auto row = source->next();
        if (!row) return row.error();
        if (!*row) break;
        // Tested after the read, so that an input of exactly so many rows counts as whole.
        if (survey.rows == max_surveyed) {
            survey.is_whole = false;
            break;
        }
        ++survey.rows;
        // Asked for a broken row as well, because the match of later rows depends on it.
        const bool asked_for = is_asked(rows, *preflight.builder, **row);
        auto asked = preflight.builder->ask(**row);
        if (!asked.request) {
            ++survey.broken;
            const auto& words = asked.request.error().detail;
            survey.reasons.add({.id = asked.custom_id, .code = "bad_input", .words = words});
            continue;
        }
        // By path and body: the id does not count.
        hashes.push_back(job::hash_of(asked.request->body) ^ job::hash_of(asked.request->path));
        if (asked_for) add_tokens(survey.to_ask, *asked.request, limit);
        // Without a template every row is a whole request.
        if (!preflight.builder->asks()) add_slips(survey.slips, *asked.request);
    }
    count_doubled(survey, std::move(hashes));
    return survey;
}

std::string survey_text(const Job& job, const Survey& survey, std::optional<std::uint64_t> left) {
    auto text = "  rows      " + rows_text(survey) + "\n" + reasons_text(survey.reasons);
    for (const auto& [slip, rows] : survey.slips) {
        text += "            " + counted(rows, "row has", "rows have") + " " + slip + "\n";
    }
    auto tokens = survey.to_ask;
    if (tokens.requests == 0) return text;
    if (!survey.is_whole && left) {  // Extrapolates from the surveyed rows to all rows left.
        const auto share = static_cast<double>(*left) / static_cast<double>(tokens.requests);
        tokens.input = std::round(tokens.input * share);
        tokens.max_output = std::round(tokens.max_output * share);
    }
    text += "  tokens    " + tokens_text(tokens) + "\n";
    return text + "  cost      " + cost_text(job, tokens) + "\n";
}

std::string input_kind_text(const Preflight& preflight) {
    std::string text{preflight.scan ? preflight.scan->what : preflight.source->what()};
    const auto fields = preflight.source->fields();
    if (preflight.source->format() != Input::Format::csv) return text;
    text += fields.size() == 1 ? " with the column" : " with the columns";
    for (std::size_t i = 0; i < fields.size() && i < max_columns; ++i) {
        text += (i == 0 ? " " : ", ") + json::printable(fields[i], 60);
    }
    return fields.size() > max_columns ? text + " and more" : text;
}

}  // namespace skein
