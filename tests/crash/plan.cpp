#include "crash/plan.hpp"

#include "base/random.hpp"

#include <array>

namespace skein::crash {
namespace {

using namespace std::chrono_literals;

int up_to(SplitMix& rng, int max) {
    return static_cast<int>(rng() % static_cast<std::uint64_t>(max)) + 1;
}

// A step number with a roughly logarithmic distribution, so that early steps are as likely as late
// ones.
int soon_or_late(SplitMix& rng) { return up_to(rng, 2 << rng() % 9); }

SplitMix rng_for(const Plan& plan, std::uint64_t what, std::uint64_t who) {
    return SplitMix{mix(mix(plan.seed, 0xC4A5), mix(what, who))};
}

// Lets every row be answered in the end, and no endpoint be given up.
void make_answering(law::Place& place) {
    place.poisons = place.noise = 0;
    place.busy_from = place.busy_until = never;
    place.first_answer = place.max_outage = Duration::zero();
}

// A single endpoint whose faults depend on the row and the try only, so that a row that is asked
// again from its first try gets the same reply.
void make_steady(law::Scene& scene) {
    scene.places.resize(1);
    auto& place = scene.places.front();
    place.fails = place.fails > 0 ? 0.02 : 0;
    place.throttles = place.throttles > 0 ? 0.02 : 0;
    place.rejects = place.parks = place.slow = 0;
    place.down_from = place.down_until = place.closes_at = never;
    place.loads_until = law::dawn;
    make_answering(place);
    scene.settings.time = Duration::zero();
    scene.settings.same_refusals = 0;
    scene.settings.hedging = false;
    scene.budget = {};
}

Troubles troubles_of(SplitMix& rng) {
    Troubles troubles{.seed = rng()};
    const auto now_and_then = [&](int max) { return rng() % 8 == 0 ? up_to(rng, max) : 0; };
    troubles.fails_at = now_and_then(300);
    troubles.full_from = now_and_then(100);
    troubles.full_for = up_to(rng, 8);
    troubles.sync_fails_at = now_and_then(8);
    troubles.short_writes = rng() % 4 == 0 ? 0.3 : 0;
    troubles.interrupted = rng() % 4 == 0 ? 0.1 : 0;
    return troubles;
}

}  // namespace

Plan plan_of(std::uint64_t seed) {
    Plan plan{.seed = seed, .scene = law::scene_of(seed)};
    auto rng = rng_for(plan, 0, 0);
    auto& scene = plan.scene;
    scene.cancels = 0;  // A file job cancels no single request; Ctrl-C is part of the life.
    scene.cancel_all_at = scene.stop_starting_at = never;
    scene.requests = 20 + rng() % 100;
    scene.settings.hedging = rng() % 4 == 0;
    plan.window = rng() % 2 ? 1000 : 1 + rng() % 30;
    plan.durability = static_cast<Output::Durability>(rng() % 3);
    plan.lives = up_to(rng, 6);
    plan.is_steady = rng() % 4 == 0;
    if (plan.is_steady) make_steady(scene);
    // The journal is the same for every form of the output.
    using Format = Output::Format;
    constexpr std::array forms{Format::openai_batch, Format::csv, Format::jsonl, Format::text};
    plan.format = forms[rng() % forms.size()];
    return plan;
}

LifePlan life_of(const Plan& plan, int number) {
    auto rng = rng_for(plan, 1, static_cast<std::uint64_t>(number));
    LifePlan life{.seed = rng()};
    life.linger = rng() % 8 ? Duration{rng() % 2'000'000} : 3s;  // Sometimes a slow disk.
    if (number >= plan.lives) {
        life.is_fair = true;
        return life;
    }
    life.troubles = troubles_of(rng);
    if (rng() % 4 != 0)
        (rng() % 2 ? life.crash_at_step : life.troubles.crash_at) = soon_or_late(rng);
    // Without any sync no record has to survive a power cut, so there is nothing to test.
    life.power_is_cut = plan.durability != Output::Durability::none && rng() % 2 == 0;
    if (rng() % 6 == 0) life.ctrl_c = Duration{rng() % 3'000'000'000};
    life.retry_failed = !plan.is_steady && rng() % 4 == 0;
    life.retry = !plan.is_steady && rng() % 4 == 0;
    return life;
}

law::Scene scene_of(const Plan& plan, const LifePlan& life) {
    auto scene = plan.scene;
    if (!life.is_fair || plan.is_steady) return scene;
    for (auto& place : scene.places) {
        place.fails = place.throttles = place.rejects = place.parks = place.slow = 0;
        place.down_from = place.down_until = place.closes_at = never;
        place.loads_until = law::dawn;
        make_answering(place);
    }
    scene.settings.time = Duration::zero();
    scene.settings.same_refusals = 0;
    scene.budget = {};
    return scene;
}

std::uint64_t line_of(Sequence row) { return row + 1 + row / 7; }

Sequence row_of(std::uint64_t line) {
    Sequence row = line - 1 - line / 8;
    while (line_of(row) < line) ++row;
    return row;
}

std::uint64_t hash_of(const Plan& plan, Sequence row) { return mix(plan.seed, line_of(row)); }

std::string id_of(Sequence row) { return "row-" + std::to_string(row); }

bool is_asked_again(const LifePlan& life, Sequence row) {
    return life.retry && mix(life.seed, row) % 3 == 0;
}

bool is_bad(const Plan& plan, Sequence row) { return rng_for(plan, 2, row).unit() < 0.03; }

std::string answer_to(const Plan& plan, Sequence row) {
    auto rng = rng_for(plan, 3, row);
    auto size = rng() % 200;
    if (rng() % 40 == 0) size = 5000 + rng() % 5000;
    if (rng() % 2000 == 0) size = 600'000;
    std::string text{"{\"text\":\""};
    while (text.size() < size) text += rng() % 9 ? "word " : "\xE2\x80\xA8\xC3\xA9\n";
    return text + id_of(row) + "\"}";
}

}  // namespace skein::crash
