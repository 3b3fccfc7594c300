// Writes the plan of a job for `skein check`: endpoints, limits, input, output and the first
// request, as text for a person.
//
// Sends nothing and creates nothing. Uses the checked plan of the preflight. One thread.
#include "job/run/plan.hpp"

#include "backend/reaching_hint.hpp"
#include "dialect/dialects.hpp"
#include "job/run/preflight.hpp"
#include "json/text.hpp"
#include "local/plan/preset.hpp"
#include "settings/check/check_output.hpp"
#include "settings/proxy.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>

namespace skein {
namespace {

// Bounds of the text, because a person reads it.
constexpr std::size_t shown_of_a_body = 400;
constexpr std::size_t shown_workers = 8;

std::string number_text(double number) {
    std::string text;
    json::append_number(text, number);
    return text;
}

// The proxy on the way to the endpoint, or a hint about an unused proxy of the environment.
std::string way_text(const Endpoint& endpoint) {
    const auto proxy = config::proxy_for(endpoint, config::from_environment);
    if (!proxy) return "; " + proxy.error().what;
    if (!proxy->url.empty()) {
        return ", by the proxy " + (proxy->from.empty() ? "" : "of " + proxy->from + " ") +
               proxy->url;
    }
    const auto hint = proxy_hint(endpoint);
    return hint.empty() ? "" : "; " + hint;
}

// One line for an endpoint; settings that say nothing beyond the default are left out.
std::string endpoint_text(const Endpoint& endpoint, const Settings& settings) {
    auto text = endpoint.name + " at " + shown_url(endpoint.url);
    if (!endpoint.model.empty()) text += ", model " + job::shown(endpoint.model);
    if (settings.endpoints.size() > 1) text += ", tier " + std::to_string(endpoint.tier);
    if (endpoint.weight != 1) text += ", weight " + number_text(endpoint.weight);
    if (endpoint.in_flight > 0) {
        // The cap of the whole run bounds each endpoint as well.
        const auto in_flight = std::min(settings.in_flight, endpoint.in_flight);
        text += ", at most " + std::to_string(in_flight) + " in flight";
    }
    if (endpoint.rpm > 0) text += ", " + number_text(endpoint.rpm) + " requests/min";
    if (endpoint.tpm > 0) text += ", " + number_text(endpoint.tpm) + " tokens/min";
    if (endpoint.input_tpm > 0) {
        text += ", " + number_text(endpoint.input_tpm) + " tokens/min of prompts";
    }
    if (endpoint.output_tpm > 0) {
        text += ", " + number_text(endpoint.output_tpm) + " tokens/min of answers";
    }
    return text + way_text(endpoint);
}

// `at 2 in, 0.5 cached, 8 out a million tokens (prices.json, entry m)`; empty without a price.
std::string prices_text(const Endpoint& endpoint) {
    std::string text;
    const auto add = [&](std::optional<double> price, const char* what) {
        if (price) text += (text.empty() ? "at " : ", ") + number_text(*price) + what;
    };
    const auto& prices = endpoint.prices;
    if (prices.input <= 0 && prices.output <= 0 && endpoint.prices_from.empty()) return text;
    add(prices.input, " in");
    add(prices.cached, " cached");
    add(prices.cache_write, " written to a cache");
    add(prices.cache_write_1h, " written for an hour");
    add(prices.output, " out");
    add(prices.reasoning, " reasoning");
    text += " a million tokens";
    if (const auto rules = endpoint.price_rules.size(); rules > 0) {
        text += ", and " + std::to_string(rules) +
                (rules == 1 ? " more for a tier" : " more for tiers") + " or long prompts";
    }
    const auto& from = endpoint.prices_from;
    return from.empty() ? text : text + " (" + from + ")";
}

// Only `max_requests` is a hard bound, because a row that is told to wait (429, Retry-After) is
// asked again without using up an attempt.
std::string requests_text(const Earlier& earlier, const Settings& settings) {
    const auto rows = earlier.left().value_or(0);
    if (rows == 0) return ", none of them left to ask";
    const auto count = std::to_string(rows);
    return (rows == earlier.rows ? "" : ", " + count + " of them left to ask") + ", so " + count +
           (rows == 1 ? " request" : " requests") + " if all goes well; " +
           (settings.max_requests > 0
                ? "never more than " + std::to_string(settings.max_requests)
                : "a row that fails is asked " + std::to_string(settings.attempts) +
                      " times, and again whenever it was told to wait");
}

std::string limits_text(const Settings& settings) {
    auto text = "at most " + std::to_string(settings.in_flight) + " in flight, at most " +
                std::to_string(settings.attempts) + " attempts a request";
    // Allowances are shown only where they are set.
    if (settings.max_requests > 0) {
        text += ", at most " + std::to_string(settings.max_requests) + " attempts in all";
    }
    if (settings.max_tokens > 0) text += ", " + std::to_string(settings.max_tokens) + " tokens";
    if (settings.max_cost > 0) text += ", a cost of " + number_text(settings.max_cost);
    return text;
}

// Takes the first row from the source of the preflight. Nothing reads that source afterwards,
// because the plan is the end of `skein check`.
std::string first_request_text(const Job& job, Preflight& preflight) {
    auto row = preflight.source->next();
    if (!row || !*row) return "the input has no rows\n";
    auto asked = preflight.builder->ask(**row);
    const auto id = json::printable(asked.custom_id, 200);
    const auto where = "line " + std::to_string((*row)->line) + " (" + id + "): ";
    if (!asked.request) return where + "would fail: " + asked.request.error().detail + "\n";
    const auto endpoint = first_endpoint(job.settings);
    const auto body = json::printable(body_at(endpoint, *asked.request), shown_of_a_body);
    // An endpoint with an exact URL serves one operation only.
    if (auto wrong = misfit(endpoint, *asked.request))
        return where + "would fail: " + *wrong + "\n";
    const auto to = shown_address(endpoint, *asked.request);
    const bool is_unasked = !asked.request->stream && is_streamed(endpoint, *asked.request);
    return where + "POST " + to + "\n            " + body + "\n" +
           (is_unasked ? "            as a stream, because so long an answer may take minutes\n"
                       : "");
}

std::string output_text(const Job& job) {
    if (job::to_standard_output(job.output)) return "standard output; not resumable";
    std::error_code unknown;
    const auto folder = job::folder_of(job.output.file);
    return job::shown(job.output.file) +
           (job.output.order == Output::Order::input ? ", in input order" : ", as replies come") +
           (job.output.format == Output::Format::openai_batch
                ? std::string{}
                : ", " + std::string{name_of(job.output.format)}) +
           (std::filesystem::exists(folder, unknown) ? "" : "; its folder will be made");
}

// The workers with their devices; for a large pool the first ones only.
std::string local_text(const Settings& settings, const LocalPlan& plan) {
    if (!plan.pool) return "none: " + plan.why_none;
    const auto& pool = plan.pool->pool;
    const auto& places = plan.pool->places;
    const auto model = local::model_name(pool);
    auto text = std::to_string(places.size()) + (places.size() == 1 ? " worker" : " workers");
    if (!plan.pool->program.empty()) text += " of " + job::shown(plan.pool->program);
    if (!model.empty()) text += ", model " + job::shown(model);
    for (std::size_t i = 0; i < places.size() && i < shown_workers; ++i) {
        text += (i == 0 ? ", " : "; ") + local::worker_name(pool, i) + " on " + places[i].device;
    }
    if (places.size() > shown_workers) text += " …";
    text += ", " + std::to_string(pool.in_flight_per_worker) + " in flight each";
    if (settings.endpoints.empty()) return text;
    return text + ", after " +
           number_text(std::chrono::duration<double>(settings.fallback_after).count()) + " s" +
           " without any other, " +
           (pool.start == LocalPool::Start::standby ? "loaded from the start"
                                                    : "loaded at the first sign of trouble");
}

}  // namespace

Endpoint first_endpoint(const Settings& settings) {
    if (!settings.endpoints.empty()) return settings.endpoints.front();
    // A job with local models only: its first worker, which speaks the same HTTP API.
    Endpoint worker;
    worker.url = local::worker_name(*settings.local, 0) + "/v1";
    worker.model = local::model_name(*settings.local);
    return worker;
}

std::string plan_text(
    const Job& job,
    Preflight& preflight,
    const Earlier& earlier,
    const std::optional<Survey>& survey
) {
    std::string text = job::shown(job.file) + " is a job that can be run\n";
    for (const auto& endpoint : job.settings.endpoints) {
        text += "  asks      " + endpoint_text(endpoint, job.settings) + "\n";
        if (const auto prices = prices_text(endpoint); !prices.empty()) {
            text += "            " + prices + "\n";
        }
    }
    if (job.settings.local)
        text += "  local     " + local_text(job.settings, preflight.client.local()) + "\n";
    text += "  limits    " + limits_text(job.settings) + "\n";
    // Standard input is not scanned, so its rows are not counted here.
    text += "  input     " + job::shown(job.input.file) + ", " + input_kind_text(preflight);
    if (preflight.scan) {
        text += ": " + std::to_string(preflight.scan->rows) + " rows";
        if (const auto blank = preflight.scan->blank_lines; blank > 0) {
            const auto* lines = blank == 1 ? " blank line" : " blank lines";
            text += " (" + std::to_string(blank) + lines + " left out)";
        }
        text += requests_text(earlier, job.settings);
    }
    text += "\n  output    " + output_text(job) + "\n";
    if (!job::to_standard_output(job.output)) {
        text += "  earlier   " + earlier_text(earlier) + "\n";
    }
    if (survey) text += survey_text(job, *survey, earlier.left());
    text += "  first     " + first_request_text(job, preflight);
    text += "nothing was sent\n";
    return text;
}

}  // namespace skein
