#include "crash/job.hpp"

#include "crash/life.hpp"

#include <algorithm>

namespace skein::crash {
namespace {

using namespace std::chrono_literals;

// Number of fair lives at the end. Each must end with a complete output; a job whose output has
// failed rows is complete as well.
constexpr int enough = 2;

// Rows whose replies are lost by the power cut may be asked again.
void cut_power(World& world) {
    std::set<Sequence> known;
    for (Sequence row = 0; row < world.plan.scene.requests; ++row) {
        if (world.books.find(row)) known.insert(row);
    }
    world.disk.cut_power();
    world.books.begin_life(world.disk, true, world.now);
    for (const auto row : known) {
        if (!world.books.find(row)) world.at_risk.insert(row);
    }
}

End live(World& world, const LifePlan& life, Told& told) {
    world.disk.begin_life(life.troubles);
    const auto end = Life{world, life}.run();
    ++told.lives;
    told.crashes += end == End::crashed;
    told.failures += end == End::failed;
    told.stops += end == End::stopped;
    told.calls = told.lives == 1 ? world.disk.calls_made() : told.calls;
    world.books.read_journal(world.disk, world.now);
    if (life.power_is_cut) {
        ++told.power_cuts;
        cut_power(world);
    } else {
        world.books.begin_life(world.disk, false, world.now);
    }
    world.now += Duration{SplitMix{life.seed}() % 20'000'000'000};
    return end;
}

// Checks that the output has one line for each row, and that it is the valid record.
void check_the_output(const World& world) {
    const auto* output = world.disk.find(output_name);
    must(output, "the job is done, and there is no output");
    auto expected = world.books.header();
    for (Sequence row = 0; row < world.plan.scene.requests; ++row) {
        const auto* record = world.books.find(row);
        must(record, "a row has no reply");
        const auto id = R"("custom_id":")" + id_of(row) + '"';
        must(record->out.find(id) != std::string::npos, "a reply is to another row");
        expected += world.books.row_of_output(*record);
    }
    must(*output == expected, "the output is not the journal's replies in order");
    must(!world.disk.find(part_name), "a part was left beside the output");
}

}  // namespace

Told tell_of_job(const Plan& plan, const Lives& lives) {
    Told told;
    World world{plan};
    try {
        int fair = 0;
        for (int number = 0; fair < enough; ++number) {
            const auto life = lives(number);
            fair += life.is_fair;
            const auto end = live(world, life, told);
            must(!life.is_fair || end == End::whole, "nothing went wrong, and it is not done");
        }
        check_the_output(world);
        told.output = *world.disk.find(output_name);
    } catch (const Broken& broken) {
        told.broken = broken.what + ", in life " + std::to_string(told.lives + 1);
    }
    told.again = world.again;
    told.lost = world.books.lost();
    return told;
}

Told tell_of_job(const Plan& plan) {
    return tell_of_job(plan, [&](int number) { return life_of(plan, number); });
}

Told tell_of_job_undisturbed(const Plan& plan) {
    return tell_of_job(plan, [&](int) { return LifePlan{.is_fair = true, .seed = plan.seed}; });
}

}  // namespace skein::crash
