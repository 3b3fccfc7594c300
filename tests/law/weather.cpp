#include "law/weather.hpp"

#include "law/workers.hpp"

#include <algorithm>
#include <array>

namespace skein::law {
namespace {

SplitMix rng_for(
    const Scene& scene, std::uint64_t what, std::uint64_t who, std::uint64_t which = 0
) {
    return SplitMix{mix(mix(scene.seed, what), mix(who, which))};
}

constexpr std::array poisons{
    FaultKind::server_error,
    FaultKind::overloaded,
    FaultKind::bad_response,
    FaultKind::incomplete_stream,
    FaultKind::truncated,
    FaultKind::connection_lost,
    FaultKind::timeout_first_byte,
    FaultKind::throttled,
    FaultKind::not_ready,
    FaultKind::connect,
    FaultKind::rejected,
    FaultKind::forbidden,
    FaultKind::not_found};

FaultKind one_of_the_poisons(SplitMix& rng) { return poisons[rng() % poisons.size()]; }

Place place_of(SplitMix& rng, std::string name) {
    Place place{.name = std::move(name)};
    place.tier = static_cast<int>(one_of(rng, {0, 0, 0, 1, 2}));
    place.weight = one_of(rng, {1, 1, 0.5, 4});
    place.room = static_cast<std::size_t>(one_of(rng, {1, 3, 8, 64}));
    place.rpm = one_of(rng, {0, 0, 600, 3000, 60'000});
    place.tpm = one_of(rng, {0, 0, 60'000, 600'000});
    place.fails = one_of(rng, {0, 0.05, 0.3});
    place.throttles = one_of(rng, {0, 0, 0.1});
    place.rejects = one_of(rng, {0, 0, 0.05});
    place.slow = one_of(rng, {0, 0, 0.01});
    if (rng.unit() < 0.3) {
        place.down_from = dawn + between(rng, 0s, 5s);
        place.down_until = place.down_from + between(rng, 1s, rng.unit() < 0.2 ? 90s : 10s);
    }
    place.tells = one_of(rng, {0, 0, 0.3});
    if (rng.unit() < 0.15) {
        place.busy_from = dawn + between(rng, 0s, 5s);
        place.busy_until = place.busy_from + between(rng, 1s, 10s);
    }
    if (rng.unit() < 0.1) place.loads_until = dawn + between(rng, 0s, 60s);
    if (rng.unit() < 0.1) place.closes_at = dawn + between(rng, 0s, 5s);
    place.price = {one_of(rng, {0, 1, 2}), one_of(rng, {0, 4, 10})};
    place.parks = one_of(rng, {0, 0, 0, 0, 0, 0.01});
    place.first_answer = std::chrono::seconds{static_cast<int>(one_of(rng, {0, 5, 30}))};
    place.max_outage = std::chrono::seconds{static_cast<int>(one_of(rng, {0, 0, 20}))};
    make_noisy(place, rng);
    return place;
}

AttemptResult fails(FaultKind kind, bool sent = true, std::optional<Duration> retry_after = {}) {
    return {Fault{.kind = kind, .detail = "weather", .retry_after = retry_after}, {}, sent};
}

FaultKind one_of_the_failures(SplitMix& rng) {
    constexpr std::array kinds{
        FaultKind::server_error,
        FaultKind::connection_lost,
        FaultKind::timeout_idle,
        FaultKind::keepalive_race,
        FaultKind::truncated,
        FaultKind::incomplete_stream,
        FaultKind::bad_response,
        FaultKind::tls_handshake,
        FaultKind::refused};
    return kinds[rng() % kinds.size()];
}

// Fault of a worker that is unfit for a request that another server may answer.
AttemptResult turns_down(SplitMix& rng) {
    constexpr std::array kinds{
        FaultKind::context_exceeded, FaultKind::not_found, FaultKind::rejected};
    const auto kind = kinds[rng() % kinds.size()];
    return {Fault{.kind = kind, .http_status = kind == FaultKind::rejected ? 501 : 400}, {}, true};
}

FaultKind one_of_the_rejections(SplitMix& rng) {
    constexpr std::array kinds{FaultKind::rejected, FaultKind::forbidden, FaultKind::not_found};
    return kinds[rng() % kinds.size()];
}

AttemptResult completes(const Scene& scene, Sequence seq, SplitMix& rng) {
    Completion completion{.text = "answer"};
    if (rng.unit() < scene.says_usage) {
        completion.usage =
            Usage{static_cast<std::int64_t>(seq % 50), static_cast<std::int64_t>(rng() % 400)};
        if (seq % 3 == 0) completion.usage->cached_tokens = completion.usage->input_tokens / 2;
    }
    return {std::move(completion), {}, true};
}

// A connect fault has sent nothing. Only a fault of remote origin comes with an HTTP status.
AttemptResult failing(FaultKind kind) {
    auto result = fails(kind, kind != FaultKind::connect);
    if (origin_of(kind) == Origin::remote) std::get<Fault>(result.outcome).http_status = 500;
    return result;
}

// The same rows fail at each endpoint, because the rows are at fault.
std::optional<FaultKind> poison_of(const Scene& scene, const Place& place, Sequence seq) {
    if (place.poisons <= 0) return std::nullopt;
    auto rng = rng_for(scene, 4, seq);
    if (rng.unit() >= place.poisons) return std::nullopt;
    return place.poison.value_or(one_of_the_poisons(rng));
}

// Rate headers of tokens of prompts, of answers, or of both.
void tell_tokens(const Place& place, SplitMix& rng, RateNews& news) {
    for (auto* bucket : {&news.input_tokens, &news.output_tokens}) {
        if (rng.unit() >= place.tells_tokens) continue;
        *bucket = {
            .limit = 60'000,
            .remaining = static_cast<double>(rng() % 60'000),
            .reset = between(rng, 0s, 20s),
            .refill = rng() % 2 ? Refill::evenly : Refill::at_once};
    }
}

Answer usual_answer_to(
    const Scene& scene, const Place& place, Sequence seq, TimePoint now, SplitMix& rng
) {
    const auto soon = between(rng, 1ms, place.fast);
    auto latency = between(rng, place.fast, place.typical);
    if (rng.unit() < place.slow) latency *= 100;
    const bool flaps_down = place.flaps_every > 0s && (now - dawn) / place.flaps_every % 2 == 1;
    if (flaps_down || (now >= place.down_from && now < place.down_until))
        return {soon, fails(FaultKind::connect, false)};
    if (now >= place.busy_from && now < place.busy_until) {
        return {soon, fails(FaultKind::overloaded)};
    }
    if (now >= place.closes_at) {
        const bool has_name = scene.seed % 3 != 0;
        return {soon, fails(has_name ? FaultKind::auth : FaultKind::unknown_host, has_name)};
    }
    if (now < place.loads_until) return {soon, fails(FaultKind::not_ready)};
    if (auto poison = poison_of(scene, place, seq)) return {soon, failing(*poison)};
    if (rng.unit() < place.noise) {
        return {soon, failing(place.noise_kind.value_or(one_of_the_poisons(rng)))};
    }

    auto draw = rng.unit();
    if ((draw -= place.fails) < 0) return {latency, fails(one_of_the_failures(rng))};
    if ((draw -= place.throttles) < 0) {
        constexpr std::array kinds{
            FaultKind::throttled,
            FaultKind::overloaded,
            FaultKind::throttled,
            FaultKind::not_ready};
        const auto kind = kinds[rng() % kinds.size()];
        const auto pause =
            rng() % 4 ? std::optional<Duration>{between(rng, 10ms, 3s)} : std::nullopt;
        return {soon, fails(kind, true, pause)};
    }
    if ((draw -= place.breaks) < 0) return {latency, fails(FaultKind::worker_died)};
    if ((draw -= place.turns_down) < 0) return {soon, turns_down(rng)};
    if ((draw -= place.unfit) < 0) {
        return {soon, fails(rng() % 2 ? FaultKind::context_exceeded : FaultKind::filtered)};
    }
    if ((draw -= place.rejects) < 0) return {soon, fails(one_of_the_rejections(rng))};
    if ((draw -= place.parks) < 0) {
        if (rng() % 2) return {soon, fails(FaultKind::throttled, true, 5h)};
        return {soon, fails(FaultKind::quota, true, between(rng, 1s, 40s))};
    }
    auto result = completes(scene, seq, rng);
    result.trail = {now, now + latency / 2, never, now + latency};
    if (rng.unit() < place.tells) {
        result.news.requests = {
            .limit = 600,
            .remaining = static_cast<double>(rng() % 600),
            .reset = between(rng, 0s, 20s),
            .refill = rng() % 2 ? Refill::evenly : Refill::at_once};
    }
    if (place.tells_tokens > 0) tell_tokens(place, rng, result.news);
    return {latency, std::move(result)};
}

// Can a part of the answer have come before this end of it?
bool may_have_begun(const AttemptResult& result) {
    const auto* fault = std::get_if<Fault>(&result.outcome);
    if (!fault) return true;
    switch (fault->kind) {
        case FaultKind::connection_lost:
        case FaultKind::incomplete_stream:
        case FaultKind::timeout_idle:
        case FaultKind::timeout_attempt:
        case FaultKind::server_error:
        case FaultKind::overloaded:
        case FaultKind::worker_died:
        case FaultKind::too_large:
        case FaultKind::context_exceeded:
            return result.sent;
        default:
            return false;
    }
}

}  // namespace

Duration between(SplitMix& rng, Duration from, Duration to) {
    const auto span = static_cast<double>((to - from).count());
    return from + Duration{static_cast<Duration::rep>(span * rng.unit())};
}

double one_of(SplitMix& rng, std::initializer_list<double> values) {
    return values.begin()[rng() % values.size()];
}

void make_noisy(Place& place, SplitMix& rng) {
    if (rng.unit() < 0.2) {
        place.poisons = one_of(rng, {0.001, 0.01, 0.02, 0.1, 0.5});
        if (rng.unit() < 0.7) place.poison = one_of_the_poisons(rng);
    }
    if (rng.unit() < 0.2) {
        place.noise = one_of(rng, {0.001, 0.01, 0.04, 0.1});
        if (rng.unit() < 0.7) place.noise_kind = one_of_the_poisons(rng);
    }
}

Scene scene_of(std::uint64_t seed) {
    Scene scene{.seed = seed};
    SplitMix rng{mix(seed, 0x5CE7E)};
    for (const auto* name : {"first", "second", "third", "fourth"}) {
        scene.places.push_back(place_of(rng, name));
        if (rng.unit() < 0.45) break;
    }
    scene.in_flight = static_cast<std::size_t>(one_of(rng, {1, 4, 16, 100}));
    scene.settings.window = static_cast<std::size_t>(one_of(rng, {1, 16, 64, 1000}));
    scene.settings.time =
        std::chrono::milliseconds{static_cast<int>(one_of(rng, {0, 0, 2000, 30'000}))};
    scene.settings.retry.attempts = static_cast<int>(one_of(rng, {1, 2, 4}));
    scene.settings.retry.seed = seed;
    scene.settings.same_refusals = static_cast<std::size_t>(one_of(rng, {0, 0, 3, 20}));
    scene.settings.spares = rng.unit() < 0.5;
    scene.budget.requests = one_of(rng, {0, 0, 0, 0, 100});
    scene.budget.tokens = one_of(rng, {0, 0, 0, 0, 20'000});
    scene.budget.cost = one_of(rng, {0, 0, 0, 0, 0.05});
    scene.says_usage = one_of(rng, {0, 0.5, 1});
    scene.cancels = one_of(rng, {0, 0, 0.1});
    if (rng.unit() < 0.1) scene.cancel_all_at = dawn + between(rng, 0s, 3s);
    if (rng.unit() < 0.1) scene.stop_starting_at = dawn + between(rng, 0s, 3s);
    // A row that is always told to wait needs a time limit, or it would wait for ever.
    const bool is_noisy =
        std::ranges::any_of(scene.places, [](const auto& place) { return place.poisons > 0; });
    if (is_noisy && scene.settings.time == 0s) scene.settings.time = 30s;
    return scene;
}

void limit_tokens_apart(Scene& scene) {
    SplitMix rng{mix(scene.seed, 0x70CE5)};
    for (auto& place : scene.places) {
        if (place.is_local) continue;
        place.input_tpm = one_of(rng, {0, 6000, 60'000});
        place.output_tpm = one_of(rng, {0, 12'000, 120'000});
        place.counts_cached = rng.unit() < 0.5;
        place.tells_tokens = one_of(rng, {0, 0, 0.3});
    }
}

void make_choosy(Scene& scene) {
    SplitMix rng{mix(scene.seed, 0xC4005)};
    const auto remote = static_cast<std::size_t>(
        std::ranges::count_if(scene.places, [](const auto& place) { return !place.is_local; })
    );
    for (auto& place : scene.places) {
        if (place.is_local) continue;
        place.cannot = one_of(rng, {0, 0.1, 0.5});
        place.unfit = one_of(rng, {0, 0.05, 0.3});
        if (rng.unit() < 0.7) place.on.emplace_back(FaultKind::context_exceeded, rng() % remote);
        if (rng.unit() < 0.7) place.on.emplace_back(FaultKind::filtered, rng() % remote);
    }
    for (EndpointIndex i = 0; i < scene.places.size(); ++i) {
        std::erase_if(scene.places[i].on, [&](const auto& way) { return way.second == i; });
    }
}

Desk desk_of(const Scene& scene) {
    std::vector<EndpointSettings> endpoints;
    for (const auto& place : scene.places) {
        endpoints.push_back(
            {.name = place.name,
             .places = place.room,
             .rpm = place.rpm,
             .tpm = place.tpm,
             .input_tpm = place.input_tpm,
             .output_tpm = place.output_tpm,
             .counts_cached = place.counts_cached,
             .tier = place.tier,
             .weight = place.weight,
             .on = place.on,
             .price = place.price,
             .seed = mix(scene.seed, endpoints.size()),
             .is_local = place.is_local,
             .after = place.after,
             .first_answer = place.first_answer,
             .max_outage = place.max_outage}
        );
    }
    return Desk{
        endpoints,
        {.in_flight = scene.in_flight,
         .max_retry_after = scene.settings.max_retry_after,
         .seed = scene.seed,
         .budget = scene.budget}};
}

RequestPtr request_of(const Scene& scene, Sequence seq) {
    auto request = std::make_shared<Prepared>();
    auto rng = rng_for(scene, 1, seq);
    request->tokens = static_cast<std::int64_t>(rng() % 500);
    request->prompt_tokens = request->tokens / 3;
    if (scene.embeddings > 0 && rng.unit() < scene.embeddings)
        request->operation = Operation::embedding;
    request->wants_chunks = scene.streams > 0 && rng_for(scene, 201, seq).unit() < scene.streams;
    auto choice = rng_for(scene, 5, seq);
    std::size_t able = 0;
    for (EndpointIndex i = 0; i < scene.places.size(); ++i) {
        const bool cannot = choice.unit() < scene.places[i].cannot;
        if (cannot) request->cannot.add(i);
        able += cannot ? 0 : 1;
    }
    // A row that no endpoint can be asked for is not admitted.
    if (able == 0) request->cannot = {};
    return request;
}

std::optional<Duration> cancel_of(const Scene& scene, Sequence seq) {
    auto rng = rng_for(scene, 2, seq);
    if (rng.unit() >= scene.cancels) return std::nullopt;
    return between(rng, 0s, 5s);
}

Answer answer_to(
    const Scene& scene, Sequence seq, int number, EndpointIndex endpoint, TimePoint now
) {
    const auto& place = scene.places[endpoint];
    auto rng = rng_for(scene, 3 + endpoint, seq, static_cast<std::uint64_t>(number));
    auto answer = usual_answer_to(scene, place, seq, now, rng);
    if (place.is_local) answer = lived_through(place, now, std::move(answer), rng);
    auto chunks = rng_for(scene, 200, seq, static_cast<std::uint64_t>(number));
    if (request_of(scene, seq)->wants_chunks && may_have_begun(answer.result)) {
        // Many broken answers have begun, and some have not.
        const bool is_whole = std::holds_alternative<Completion>(answer.result.outcome);
        if (chunks.unit() < (is_whole ? 0.95 : 0.5))
            answer.first_chunk = between(chunks, 0ms, answer.latency);
    }
    return answer;
}

bool is_poison(const Scene& scene, Sequence seq, EndpointIndex endpoint) {
    return poison_of(scene, scene.places[endpoint], seq).has_value();
}

Duration stopping_time(const Scene& scene, Sequence seq, int number) {
    auto rng = rng_for(scene, 99, seq, static_cast<std::uint64_t>(number));
    return between(rng, 1us, 5ms);
}

}  // namespace skein::law
