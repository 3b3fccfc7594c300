// The whole way: the dispatcher decides, and models of the user's own answer.
#include "engine/engine.hpp"
#include "local/inprocess/own.hpp"
#include "support/catch.hpp"
#include "unit/local/inprocess/own_bench.hpp"

#include <atomic>
#include <stdexcept>

namespace skein {
namespace {

using namespace std::chrono_literals;
using namespace test;

// No endpoint but workers.
class Pool {
public:
    Pool(Own::Plan plan, std::size_t places) {
        plan.first = 0;
        std::vector<EndpointSettings> endpoints;
        for (std::size_t i = 0; i < plan.devices.size(); ++i) {
            endpoints.push_back(
                {.name = "local-" + std::to_string(i), .places = places, .is_local = true}
            );
        }
        engine_ = std::make_unique<Engine>(Engine::Parts{
            .desk = Desk{endpoints, {}},
            .settings =
                {.retry =
                     {.backoff =
                          {.base = 1us, .max = 1us, .throttled_base = 1us, .throttled_max = 1us}},
                 .local = LocalCapabilities{}},
            .backend =
                [&](boost::asio::io_context& loop, Backend::Tell tell) {
                    auto own = std::make_unique<Own>(
                        std::move(plan),
                        loop,
                        std::move(tell),
                        [this](EndpointUpdate news) { hears_.load()->tell(std::move(news)); }
                    );
                    own_ = own.get();
                    return own;
                },
            .deliver =
                [this](auto some) {
                    for (auto& one : some) replies.add({one.seq, std::move(one.reply)});
                }});
        hears_ = engine_.get();
        own_->wake();
    }

    void ask(Sequence seq, std::string what) {
        engine_->submit({seq, std::make_shared<const Prepared>(*prepare({.prompt = what}))});
    }
    Tally tally() { return engine_->tally(); }

    Gathered<Dispatcher::Deliver> replies;

private:
    std::atomic<Engine*> hears_ = nullptr;
    Own* own_ = nullptr;
    std::unique_ptr<Engine> engine_;
};

TEST_CASE(
    "A request that kills every in-process model is given up without harm to others.", "[engine]"
) {
    auto plan = OwnBench::plan_of(
        [](const Request& request, const Model::OnChunk& on_chunk, std::stop_token stop) {
            if (request.messages[0].content == "poison") throw std::runtime_error{"dead"};
            return echo(request, on_chunk, stop);
        },
        2
    );
    Pool pool{plan, 4};
    for (Sequence seq = 1; seq <= 60; ++seq) {
        pool.ask(seq, seq == 20 ? "poison" : std::to_string(seq));
    }
    REQUIRE(pool.replies.wait_for(60));
    for (const auto& [seq, reply] : pool.replies.all()) {
        if (seq == 20) {
            REQUIRE(reply->fault());
            CHECK(reply->fault()->kind == FaultKind::worker_died);
            CHECK(reply->attempts == 3);
            continue;
        }
        REQUIRE(reply->completion());
        CHECK(reply->completion()->text == std::to_string(seq));
        CHECK(reply->served_by == ServedBy::local);
    }
    CHECK(pool.tally().is_consistent());
}

TEST_CASE(
    "If no in-process model can be loaded, every request fails with the reason.", "[engine]"
) {
    auto plan = OwnBench::plan_of(echo, 2);
    plan.factory = [](const Device&) -> Expected<std::unique_ptr<Model>, std::string> {
        return std::string{"no weights"};
    };
    Pool pool{plan, 4};
    for (Sequence seq = 1; seq <= 3; ++seq) pool.ask(seq, "x");
    REQUIRE(pool.replies.wait_for(3));
    for (const auto& [seq, reply] : pool.replies.all()) {
        REQUIRE(reply->fault());
        CHECK(reply->fault()->kind == FaultKind::no_endpoint);
        CHECK_THAT(
            reply->fault()->detail,
            Catch::Contains("local-1: given up") && Catch::Contains("no weights")
        );
    }
}

TEST_CASE("In-process models that are recycled all the time lose no request.", "[engine]") {
    const auto seen = std::make_shared<Seen>();
    auto plan = OwnBench::plan_of(echo, 2, seen);
    plan.recycle_after = 3;
    Pool pool{plan, 2};
    for (Sequence seq = 1; seq <= 60; ++seq) pool.ask(seq, "x");
    REQUIRE(pool.replies.wait_for(60));
    for (const auto& [seq, reply] : pool.replies.all()) CHECK(reply->completion());
    CHECK(seen->made.count() >= 60 / (3 + 2));
}

}  // namespace
}  // namespace skein
