// Decides the answer to each request: routes, rate limit, faults, latencies. It reads no clock.
// Invariant: an answer depends on the weather, the request and the time alone, except for the rate
// limit and the rules with `count` or `every`. One thread.
#include "mock_server/service.hpp"

#include "base/random.hpp"
#include "mock_server/spoil.hpp"

#include <optional>

namespace skein::mock {
namespace {

// The path decides what is asked; the model does not.
std::optional<Task> task_at(std::string_view path) {
    if (path == "/v1/chat/completions") return Task::chat;
    if (path == "/v1/completions") return Task::completion;
    if (path == "/v1/embeddings") return Task::embedding;
    return std::nullopt;
}

std::string whole_seconds(Duration duration) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(duration).count());
}

std::string milliseconds(Duration duration) {
    return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

void add_limits(HeaderLines& headers, const RateLimit::Verdict& verdict) {
    headers.emplace_back("x-ratelimit-limit-requests", std::to_string(verdict.limit));
    headers.emplace_back("x-ratelimit-remaining-requests", std::to_string(verdict.remaining));
    headers.emplace_back("x-ratelimit-reset-requests", milliseconds(verdict.full) + "ms");
}

// Compares in a time that does not depend on the place of the first difference, as usual for
// secrets.
bool same_secret(std::string_view a, std::string_view b) {
    unsigned difference = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    }
    return difference == 0;
}

}  // namespace

bool is_about_the_server(std::string_view path) {
    return path == "/ledger" || path == "/ledger/requests" || path == "/admin/weather";
}

Service::Service(Weather weather, std::string token, std::size_t ledger_keep, TimePoint now)
    : weather_{std::move(weather)},
      faults_{weather_.faults, weather_.seed},
      limit_{weather_.rpm, weather_.burst, now},
      token_{std::move(token)},
      started_{now},
      weather_began_{now},
      book_{ledger_keep} {}

// Begins anew: counts of rules, the bucket and the time of the weather.
void Service::set_weather(Weather weather, TimePoint now) {
    weather_ = std::move(weather);
    faults_ = FaultChoice{weather_.faults, weather_.seed};
    limit_ = RateLimit{weather_.rpm, weather_.burst, now};
    weather_began_ = now;
}

// The order of the checks: key, path, method, and only then the body.
Performance Service::perform(const Incoming& incoming, TimePoint now) {
    if (is_about_the_server(incoming.path)) return about_the_server(incoming, now);
    if (weather_.require_key && !incoming.has_key) {
        return at_once(
            incoming, 401, error_text("no key came", "invalid_request_error", "invalid_api_key")
        );
    }
    const auto task = task_at(incoming.path);
    const bool models = incoming.path == "/v1/models";
    if (!task && !models) return at_once(incoming, 404, error_text("no such path", "not_found"));
    if (incoming.method != (models ? "GET" : "POST")) {
        return at_once(incoming, 405, error_text("no such method", "invalid_request_error"));
    }
    if (models) return at_once(incoming, 200, models_text());
    return answer(*task, incoming, now);
}

// The rate limit comes before the faults: a refused request does not count for a rule.
Performance Service::answer(Task task, const Incoming& incoming, TimePoint now) {
    const auto asked = question_of(task, incoming.body);
    if (const auto* none = std::get_if<NoQuestion>(&asked)) {
        return at_once(incoming, 400, error_text(none->why, "invalid_request_error"));
    }
    const auto& question = std::get<Question>(asked);
    const auto hash = question.prompt_hash();
    RateLimit::Verdict verdict;
    if (limit_.is_on()) verdict = limit_.take(now);
    if (!verdict.granted) return throttled(incoming, verdict, hash);

    auto answer = answer_to(question);
    const auto prompt_tokens = answer.prompt_tokens;
    const auto completion_tokens = answer.completion_tokens;
    // The good reply is made in any case, because most faults are changes of it.
    auto reply =
        reply_to(question, std::move(answer), seed_of(weather_.seed, hash, incoming.attempt));
    if (limit_.is_on()) add_limits(reply.headers, verdict);

    const auto* rule = faults_.choose({
        .prompt = question.prompt,
        .prompt_hash = hash,
        .request = incoming.request,
        .attempt = incoming.attempt,
        .index = incoming.index,
        .stream = question.stream,
        .since_start = now - weather_began_,
    });
    const bool close = closes(incoming);
    if (rule) {
        return {
            .script = spoil(*rule, std::move(reply), close),
            .answered = answered_as(*rule),
            .prompt_hash = hash,
            .faulty = true,
        };
    }
    return {
        .script = script_of(std::move(reply), close),
        .answered = "200",
        .prompt_hash = hash,
        .prompt_tokens = prompt_tokens,
        .completion_tokens = completion_tokens,
    };
}

// Every wait is drawn by weather, prompt and attempt, not by time, so that a second run is the
// same.
Reply Service::reply_to(const Question& question, Answer answer, std::uint64_t seed) const {
    Reply reply;
    reply.chunked = question.stream;
    reply.headers.emplace_back(
        "content-type", question.stream ? "text/event-stream; charset=utf-8" : "application/json"
    );
    reply.headers.emplace_back("x-request-id", std::move(answer.request_id));
    if (!question.stream) {
        reply.pieces.push_back({draw(weather_.latency, seed), std::move(answer.body)});
        return reply;
    }
    reply.headers.emplace_back("cache-control", "no-cache");
    reply.pieces.emplace_back();  // The head goes out at once.
    std::uint64_t token = 0;
    for (auto& frame : answer.frames) {
        Duration wait{};
        if (frame.kind == Frame::Kind::token) {
            wait = token == 0 ? draw(weather_.first_token, seed)
                              : draw(weather_.per_token, mix(seed, token));
            ++token;
        }
        reply.pieces.push_back({wait, std::move(frame.text), frame.kind});
    }
    return reply;
}

// An answer that no fault and no latency changes.
Performance Service::at_once(const Incoming& incoming, int status, std::string body) const {
    return {
        .script = script_of(plain_reply(status, std::move(body)), closes(incoming)),
        .answered = std::to_string(status),
    };
}

// Both forms of Retry-After. The seconds are rounded up, so that a client that obeys is not refused
// again.
Performance Service::throttled(
    const Incoming& incoming, const RateLimit::Verdict& verdict, std::uint64_t hash
) const {
    auto reply =
        plain_reply(429, error_text("too many requests", "requests", "rate_limit_exceeded"));
    reply.headers.emplace_back("retry-after", whole_seconds(verdict.next));
    reply.headers.emplace_back("retry-after-ms", milliseconds(verdict.next));
    add_limits(reply.headers, verdict);
    return {
        .script = script_of(std::move(reply), closes(incoming)),
        .answered = "429",
        .prompt_hash = hash,
    };
}

// The ledger and the weather. These requests are not in the ledger, so that asking does not change
// it.
Performance Service::about_the_server(const Incoming& incoming, TimePoint now) {
    if (incoming.path == "/admin/weather") return weather_route(incoming, now);
    if (incoming.path == "/ledger" && incoming.method == "DELETE") {
        book_.forget();
        return at_once(incoming, 200, "{}");
    }
    if (incoming.method != "GET") {
        return at_once(incoming, 405, error_text("no such method", "invalid_request_error"));
    }
    if (incoming.path == "/ledger") return at_once(incoming, 200, sums_text(book_.sums()));
    std::string lines;
    for (const auto& entry : book_.entries()) append_entry(lines, entry);
    auto reply = plain_reply(200, std::move(lines), "application/jsonl");
    return {.script = script_of(std::move(reply), closes(incoming)), .answered = "200"};
}

// Without a token at the start of the server this route is closed.
Performance Service::weather_route(const Incoming& incoming, TimePoint now) {
    if (token_.empty() || !same_secret(incoming.token, token_)) {
        return at_once(incoming, 403, error_text("the token is missing or wrong", "forbidden"));
    }
    if (incoming.method == "GET") return at_once(incoming, 200, to_json(weather_));
    if (incoming.method != "PUT") {
        return at_once(incoming, 405, error_text("no such method", "invalid_request_error"));
    }
    auto weather = parse_weather(incoming.body);
    if (!weather) {
        return at_once(incoming, 400, error_text(weather.error().text, "invalid_request_error"));
    }
    set_weather(std::move(*weather), now);
    return at_once(incoming, 200, to_json(weather_));
}

// The client or the weather may demand that the connection ends with this answer.
bool Service::closes(const Incoming& incoming) const {
    return !incoming.keep_alive || !weather_.keep_alive;
}

}  // namespace skein::mock
