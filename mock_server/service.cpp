// Decides the answer to each request: routes, rate limit, faults, latencies. It reads no clock.
// Invariant: an answer depends on the weather, the request and the time alone, except for the rate
// limit and the rules with `count` or `every`. One thread.
#include "mock_server/service.hpp"

#include "base/random.hpp"
#include "mock_server/anthropic/answer.hpp"
#include "mock_server/anthropic/question.hpp"
#include "mock_server/gemini/answer.hpp"
#include "mock_server/gemini/question.hpp"
#include "mock_server/headers.hpp"
#include "mock_server/responses/question.hpp"
#include "mock_server/spoil.hpp"

#include <variant>

namespace skein::mock {
namespace {

std::variant<Question, NoQuestion> asked(const Route& route, const Incoming& incoming) {
    if (route.api == Api::responses) return responses::question_of(incoming.body);
    if (route.api == Api::anthropic) {
        return anthropic::question_of(incoming.body, incoming.version, route.task);
    }
    if (route.api == Api::gemini) {
        return gemini::question_of(route.task, route.model, route.stream, incoming.body);
    }
    return question_of(route.task, incoming.body);
}

Reply models_reply(Api api) {
    if (api == Api::anthropic) return plain_reply(200, anthropic::models_text());
    if (api == Api::gemini) return plain_reply(200, gemini::models_text());
    return plain_reply(200, models_text());
}

// The words of OpenAI; Anthropic has a word of its own by the status, and so has Gemini.
Problem no_path() { return {.status = 404, .message = "no such path", .type = "not_found"}; }
Problem no_method() {
    return {.status = 405, .message = "no such method", .type = "invalid_request_error"};
}

// Gemini refuses the lack of a key as it refuses one that may not ask this.
Problem no_key(Api api) {
    return {
        .status = api == Api::gemini ? 403 : 401,
        .message = "no key came",
        .type = "invalid_request_error",
        .code = "invalid_api_key",
    };
}

// A key that is not that of the weather. Gemini calls that a bad argument, and says why.
Problem wrong_key(Api api) {
    return {
        .status = api == Api::gemini ? 400 : 401,
        .message = api == Api::gemini ? "API key not valid. Please pass a valid API key."
                                      : "the key is wrong",
        .type = "invalid_request_error",
        .code = "invalid_api_key",
    };
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
    const auto route = route_of(incoming);
    if (weather_.require_key && !has_key(incoming, route.api)) {
        return refused(incoming, route.api, no_key(route.api));
    }
    if (!weather_.key.empty() && has_key(incoming, route.api) && incoming.key != weather_.key) {
        return refused(incoming, route.api, wrong_key(route.api));
    }
    if (route.kind == Route::Kind::none) return refused(incoming, route.api, no_path());
    const bool models = route.kind == Route::Kind::models;
    if (incoming.method != (models ? "GET" : "POST")) {
        return refused(incoming, route.api, no_method());
    }
    if (models) return at_once(incoming, models_reply(route.api));
    return answer(route, incoming, now);
}

// The rate limit comes before the faults: a refused request does not count for a rule.
Performance Service::answer(const Route& route, const Incoming& incoming, TimePoint now) {
    const auto read = asked(route, incoming);
    if (const auto* none = std::get_if<NoQuestion>(&read)) {
        return refused(
            incoming,
            route.api,
            {.status = 400, .message = none->why, .type = "invalid_request_error"}
        );
    }
    auto question = std::get<Question>(read);
    const auto hash = question.prompt_hash();
    RateLimit::Verdict verdict;
    if (limit_.is_on()) verdict = limit_.take(now);
    if (!verdict.granted) return throttled(incoming, route.api, verdict, hash);

    const auto* rule = faults_.choose({
        .prompt = question.prompt,
        .prompt_hash = hash,
        .request = incoming.request,
        .attempt = incoming.attempt,
        .index = incoming.index,
        .stream = question.stream,
        .since_start = now - weather_began_,
    });
    if (rule && rule->fault == Mishap::no_text) {
        question.silent = true;
        question.call.clear();
    }
    auto answer = answer_to(question);
    const auto prompt_tokens = answer.prompt_tokens;
    const auto completion_tokens = answer.completion_tokens;
    // The good reply is made in any case, because most faults are changes of it.
    auto reply =
        reply_to(question, std::move(answer), seed_of(weather_.seed, hash, incoming.attempt));
    if (limit_.is_on()) add_limits(reply.headers, route.api, verdict, incoming.wall);

    const bool close = closes(incoming);
    if (rule) {
        return {
            .script = spoil(*rule, std::move(reply), close),
            .answered = answered_as(*rule),
            .prompt_hash = hash,
            .store = question.store,
            .faulty = true,
        };
    }
    return {
        .script = script_of(std::move(reply), close),
        .answered = "200",
        .prompt_hash = hash,
        .store = question.store,
        .prompt_tokens = prompt_tokens,
        .completion_tokens = completion_tokens,
    };
}

// Every wait is drawn by weather, prompt and attempt, not by time, so that a second run is the
// same.
Reply Service::reply_to(const Question& question, Answer answer, std::uint64_t seed) const {
    Reply reply{.api = question.api, .chunked = question.stream};
    reply.headers = answer_headers(question.api, question.stream, answer.request_id);
    if (!question.stream) {
        reply.pieces.push_back({draw(weather_.latency, seed), std::move(answer.body)});
        return reply;
    }
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
Performance Service::at_once(const Incoming& incoming, Reply reply) const {
    auto answered = std::to_string(reply.status);
    return {
        .script = script_of(std::move(reply), closes(incoming)), .answered = std::move(answered)};
}

Performance Service::refused(const Incoming& incoming, Api api, const Problem& problem) const {
    return at_once(incoming, problem_reply(api, problem));
}

// OpenAI has both forms of Retry-After. The seconds are rounded up, so that a client that obeys is
// not refused again.
Performance Service::throttled(
    const Incoming& incoming, Api api, const RateLimit::Verdict& verdict, std::uint64_t hash
) const {
    auto reply = problem_reply(
        api,
        {
            .status = 429,
            .message = "too many requests",
            .type = "requests",
            .code = "rate_limit_exceeded",
            .wait = verdict.next,
        }
    );
    if (is_of_openai(api)) {
        reply.headers.emplace_back("retry-after", whole_seconds(verdict.next));
        reply.headers.emplace_back("retry-after-ms", milliseconds(verdict.next));
    }
    add_limits(reply.headers, api, verdict, incoming.wall);
    auto performance = at_once(incoming, std::move(reply));
    performance.prompt_hash = hash;
    return performance;
}

// The ledger and the weather. These requests are not in the ledger, so that asking does not change
// it.
Performance Service::about_the_server(const Incoming& incoming, TimePoint now) {
    if (incoming.path == "/admin/weather") return weather_route(incoming, now);
    if (incoming.path == "/ledger" && incoming.method == "DELETE") {
        book_.forget();
        return at_once(incoming, plain_reply(200, "{}"));
    }
    if (incoming.method != "GET") {
        return refused(incoming, Api::openai, no_method());
    }
    if (incoming.path == "/ledger")
        return at_once(incoming, plain_reply(200, sums_text(book_.sums())));
    std::string lines;
    for (const auto& entry : book_.entries()) append_entry(lines, entry);
    return at_once(incoming, plain_reply(200, std::move(lines), "application/jsonl"));
}

// Without a token at the start of the server this route is closed.
Performance Service::weather_route(const Incoming& incoming, TimePoint now) {
    if (token_.empty() || !same_secret(incoming.token, token_)) {
        return refused(
            incoming,
            Api::openai,
            {.status = 403, .message = "the token is missing or wrong", .type = "forbidden"}
        );
    }
    if (incoming.method == "GET") return at_once(incoming, plain_reply(200, to_json(weather_)));
    if (incoming.method != "PUT") {
        return refused(incoming, Api::openai, no_method());
    }
    auto weather = parse_weather(incoming.body);
    if (!weather) {
        return refused(
            incoming,
            Api::openai,
            {.status = 400, .message = weather.error().text, .type = "invalid_request_error"}
        );
    }
    set_weather(std::move(*weather), now);
    return at_once(incoming, plain_reply(200, to_json(weather_)));
}

// The client or the weather may demand that the connection ends with this answer.
bool Service::closes(const Incoming& incoming) const {
    return !incoming.keep_alive || !weather_.keep_alive;
}

}  // namespace skein::mock
