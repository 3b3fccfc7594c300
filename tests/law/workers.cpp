#include "law/workers.hpp"

#include <algorithm>

namespace skein::law {
namespace {

// Mostly the supervisor checks a worker at once; otherwise only its requests reveal its death.
std::vector<Place::Life> lives_of(SplitMix& rng) {
    std::vector<Place::Life> lives;
    auto now = dawn + between(rng, 1us, rng.unit() < 0.3 ? 1ms : 8s);
    for (const auto count = 1 + rng() % 4; lives.size() < count;) {
        auto& life = lives.emplace_back(Place::Life{.from = now});
        life.until = now + between(rng, 200ms, 8s);
        life.noticed = between(rng, 1us, 50ms);
        life.is_noticed = rng.unit() < 0.5;
        now = life.until + between(rng, 100ms, 4s);
    }
    return lives;
}

Place worker_of(SplitMix& rng, std::string name) {
    Place place{.name = std::move(name)};
    place.is_local = true;
    place.room = static_cast<std::size_t>(one_of(rng, {1, 4, 4}));
    place.fails = one_of(rng, {0, 0, 0.1, 0.7});
    place.throttles = one_of(rng, {0, 0, 0.1});
    place.rejects = one_of(rng, {0, 0, 0.05});
    place.breaks = one_of(rng, {0, 0.02, 0.2});
    place.turns_down = one_of(rng, {0, 0.05});
    place.typical = 400ms;
    place.lives = lives_of(rng);
    place.is_given_up = rng.unit() < 0.3;
    if (!place.is_given_up) place.lives.back().until = never;
    return place;
}

void take_away(Place& place, SplitMix& rng) {
    if (rng.unit() < 0.6) {
        place.down_from = dawn + between(rng, 0s, 3s);
        place.down_until = place.down_from + between(rng, 1s, 30s);
    }
    if (rng.unit() < 0.15) place.closes_at = dawn + between(rng, 0s, 5s);
}

const Place::Life* life_at(const Place& place, TimePoint now) {
    const auto at = std::ranges::find_if(place.lives, [&](const auto& life) {
        return life.from <= now && now < life.until;
    });
    return at == place.lives.end() ? nullptr : &*at;
}

}  // namespace

Scene with_workers(Scene scene) {
    SplitMix rng{mix(scene.seed, 0x10CA1)};
    if (rng.unit() < 0.15) scene.places.clear();
    int tier = 0;
    for (auto& place : scene.places) {
        take_away(place, rng);
        tier = std::max(tier, place.tier + 1);
    }
    const Duration after = std::chrono::milliseconds{int(one_of(rng, {0, 300, 2000, 10'000}))};
    for (const auto* name : {"local-0", "local-1", "local-2"}) {
        scene.places.push_back(worker_of(rng, name));
        scene.places.back().tier = tier;
        scene.places.back().after = after;
        if (rng.unit() < 0.5) break;
    }
    scene.settings.local = LocalCapabilities{.context = rng.unit() < 0.5 ? 0 : 60};
    scene.embeddings = one_of(rng, {0, 0, 0.1});
    return scene;
}

std::vector<std::pair<TimePoint, EndpointUpdate>> news_of(const Scene& scene) {
    std::vector<std::pair<TimePoint, EndpointUpdate>> all;
    for (EndpointIndex i = 0; i < scene.places.size(); ++i) {
        const auto& place = scene.places[i];
        for (const auto& life : place.lives) {
            all.emplace_back(
                life.from, EndpointUpdate{.endpoint = i, .availability = Availability::there}
            );
            const auto end = life.until == never ? never : life.until + life.noticed;
            if (&life == &place.lives.back() && place.is_given_up) {
                EndpointUpdate news{
                    .endpoint = i, .availability = Availability::shut, .why = "given up"};
                all.emplace_back(end, std::move(news));
            } else if (life.is_noticed && end != never) {
                all.emplace_back(end, EndpointUpdate{.endpoint = i});
            }
        }
    }
    return all;
}

std::optional<TimePoint> found_well_at(const Scene& scene, EndpointIndex endpoint, TimePoint now) {
    SplitMix rng{mix(mix(scene.seed, endpoint), static_cast<std::uint64_t>((now - dawn).count()))};
    const auto looked = now + between(rng, 10ms, 1s);
    return life_at(scene.places[endpoint], looked) ? std::optional{looked} : std::nullopt;
}

Answer lived_through(const Place& place, TimePoint began, Answer answer, SplitMix& rng) {
    const auto* life = life_at(place, began);
    if (life && began + answer.latency < life->until) return answer;
    AttemptResult broken{
        Fault{.kind = FaultKind::worker_died, .detail = "weather"}, {}, life != nullptr};
    // Some deaths are reported late, when the next incarnation may already be available.
    const auto told = rng.unit() < 0.2 ? between(rng, 1ms, 3s) : between(rng, 1us, 1ms);
    return {(life ? life->until - began : Duration{}) + told, std::move(broken)};
}

bool is_for_remote_only(const Scene& scene, Sequence seq) {
    const auto& local = scene.settings.local;
    if (!local) return false;
    const auto request = request_of(scene, seq);
    const bool is_too_long = local->context > 0 && request->prompt_tokens >= 2 * local->context + 2;
    return is_too_long || request->operation == Operation::embedding;
}

}  // namespace skein::law
