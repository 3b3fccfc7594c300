// Keys that change, between the decisions (KeyRenewal) and the wire, with a fetch that a test ends.
#include "backend/key_waits.hpp"

#include "dialect/request/request_writer.hpp"
#include "support/catch.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace skein {
namespace {

// Fetches wait until the test gives them a result.
class Fetches {
public:
    KeyKeeper::Fetched wait(int) {
        std::unique_lock lock{mutex_};
        ++begun_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return !results_.empty(); });
        auto result = std::move(results_.back());
        results_.pop_back();
        return result;
    }
    void give(KeyKeeper::Fetched result) {
        const std::lock_guard lock{mutex_};
        results_.push_back(std::move(result));
        changed_.notify_all();
    }
    int begun() {
        const std::lock_guard lock{mutex_};
        return begun_;
    }
    // Waits until so many results have reached all listeners.
    void told() {
        const std::lock_guard lock{mutex_};
        ++told_;
        changed_.notify_all();
    }
    void until_told(int count) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return told_ >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<KeyKeeper::Fetched> results_;
    int begun_ = 0;
    int told_ = 0;
};

struct Launched {
    Attempt attempt;
    Flight::Keyed keyed;
};
struct Told {
    AttemptId id;
    AttemptResult result;
};

struct Bench {
    explicit Bench(Endpoint endpoint) {
        endpoint.name = "main";
        settings.endpoints = {std::move(endpoint)};
        keeper = std::make_shared<KeyKeeper>(
            settings.endpoints,
            [this](LogLevel, std::string_view words) { log += std::string{words} + '\n'; },
            [this](const Endpoint&, int stop) { return fetches.wait(stop); }
        );
        keeper->listen([this](EndpointIndex) { fetches.told(); });
        auto prepared = prepare({.prompt = "2+2"});
        request = std::make_shared<const Prepared>(std::move(*prepared));
        waits = std::make_unique<KeyWaits>(keeper, hooks());
    }

    KeyWaits::Hooks hooks() {
        return {
            .launch =
                [this](Attempt attempt, Flight::Keyed keyed) {
                    launched.push_back({std::move(attempt), std::move(keyed)});
                },
            .tell =
                [this](AttemptId id, EndpointIndex, AttemptResult result) {
                    told.push_back({id, std::move(result)});
                }};
    }

    void begin(std::uint64_t id) {
        waits->begin({.id = AttemptId{id}, .endpoint = 0, .request = request});
    }

    // The attempt that was launched as the n-th ends so.
    void end(std::size_t n, Outcome outcome) {
        auto& [attempt, keyed] = launched.at(n);
        const Flight flight{attempt, keyed, settings};
        waits->ended(attempt.id, flight, {std::move(outcome), {}, true});
    }
    void refuse(std::size_t n) {
        end(n,
            Fault{
                .kind = FaultKind::auth,
                .detail = "HTTP 401",
                .http_status = 401,
                .should_retry = false});
    }

    void fetched(KeyKeeper::Fetched result) {
        fetches.give(std::move(result));
        fetches.until_told(++results);
        waits->fetched(0);
    }
    void fetched(const std::string& key) { fetched({Secret{key}, {}}); }

    std::string key_of(std::size_t n) const {
        return std::string{launched.at(n).keyed.endpoint->api_key.reveal()};
    }
    const Fault& fault_of(std::size_t n) const {
        return std::get<Fault>(told.at(n).result.outcome);
    }

    Settings settings;
    Fetches fetches;
    int results = 0;
    std::string log;
    std::shared_ptr<KeyKeeper> keeper;
    RequestPtr request;
    std::vector<Launched> launched;
    std::vector<Told> told;
    std::unique_ptr<KeyWaits> waits;
};

Endpoint with_file() { return {.api_key = Secret{"CANARY-1"}, .api_key_file = "k"}; }
Endpoint with_command() { return {.api_key_command = {"print"}}; }

TEST_CASE(
    "An attempt with a fixed key is sent at once, and its refusal is reported at once.", "[key]"
) {
    Bench bench{{.api_key = Secret{"CANARY-1"}}};
    bench.begin(1);
    REQUIRE(bench.launched.size() == 1);
    bench.refuse(0);
    REQUIRE(bench.told.size() == 1);
    CHECK(bench.fault_of(0).kind == FaultKind::auth);
    CHECK(bench.fetches.begun() == 0);
}

TEST_CASE("Attempts with a refused key wait for one fetch and end as key_renewed.", "[key]") {
    Bench bench{with_file()};
    for (std::uint64_t id = 1; id <= 3; ++id) bench.begin(id);
    bench.end(0, Completion{});
    bench.refuse(1);
    bench.refuse(2);
    bench.begin(4);
    CHECK(bench.told.size() == 1);
    CHECK(bench.launched.size() == 3);
    bench.fetched("CANARY-2");
    REQUIRE(bench.told.size() == 3);
    CHECK(bench.fault_of(1).kind == FaultKind::key_renewed);
    CHECK(bench.fault_of(2).kind == FaultKind::key_renewed);
    CHECK_FALSE(bench.fault_of(2).should_retry);
    REQUIRE(bench.launched.size() == 4);
    CHECK(bench.key_of(3) == "CANARY-2");
    CHECK(bench.fetches.begun() == 1);
    CHECK(bench.log.find("CANARY") == std::string::npos);
}

TEST_CASE("A late refusal of the old key ends as key_renewed without a fetch.", "[key]") {
    Bench bench{with_file()};
    bench.begin(1);
    bench.begin(2);
    bench.refuse(0);
    bench.fetched("CANARY-2");
    bench.refuse(1);
    REQUIRE(bench.told.size() == 2);
    CHECK(bench.fault_of(1).kind == FaultKind::key_renewed);
    CHECK(bench.fetches.begun() == 1);
}

TEST_CASE("A refusal stays a refusal with its reason if the fetch brings the same key.", "[key]") {
    Bench bench{with_file()};
    bench.begin(1);
    bench.refuse(0);
    bench.begin(2);
    bench.fetched("CANARY-1");
    REQUIRE(bench.told.size() == 2);
    CHECK(bench.fault_of(0).kind == FaultKind::auth);
    CHECK(bench.fault_of(1).kind == FaultKind::auth);
    CHECK(bench.fault_of(0).detail.find("the same key") != std::string::npos);
    CHECK(bench.told[0].result.sent);
    CHECK_FALSE(bench.told[1].result.sent);
    CHECK(bench.launched.size() == 1);
}

TEST_CASE("Attempts wait for the first key of a command, or fail with its reason.", "[key]") {
    Bench bench{with_command()};
    bench.begin(1);
    CHECK(bench.launched.empty());
    bench.fetched(KeyKeeper::Fetched{.failure = "exit status 1"});
    REQUIRE(bench.told.size() == 1);
    CHECK(bench.fault_of(0).kind == FaultKind::auth);
    CHECK(bench.fault_of(0).detail == "not asked: exit status 1");
    CHECK(bench.log == "endpoint=main has no key: exit status 1\n");
}

TEST_CASE("An attempt that waits for a key can be stopped.", "[key]") {
    Bench bench{with_file()};
    bench.begin(1);
    bench.refuse(0);
    bench.begin(2);
    CHECK_FALSE(bench.waits->stop(AttemptId{7}));
    CHECK(bench.waits->stop(AttemptId{1}));
    CHECK(bench.waits->stop(AttemptId{2}));
    REQUIRE(bench.told.size() == 2);
    CHECK(bench.fault_of(0).kind == FaultKind::cancelled);
    CHECK(bench.told[0].result.sent);
    CHECK_FALSE(bench.told[1].result.sent);
    bench.fetched("CANARY-2");
    CHECK(bench.told.size() == 2);
    CHECK(bench.launched.size() == 1);
}

}  // namespace
}  // namespace skein
