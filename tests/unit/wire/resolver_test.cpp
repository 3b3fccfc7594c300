#include "wire/resolver.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

using namespace skein;
using namespace std::chrono_literals;
using wire::Resolver;

namespace {

Resolver::Answer found(const char* address) {
    return {std::make_shared<const wire::Addresses>(wire::Addresses{address}), {}};
}

// A look-up that hangs until the gate is opened.
struct Gate {
    std::mutex mutex;
    std::condition_variable moved;
    bool open = false;
    int inside = 0;

    void pass() {
        std::unique_lock lock{mutex};
        ++inside;
        moved.notify_all();
        moved.wait(lock, [this] { return open; });
    }
    void wait_for(int count) {
        std::unique_lock lock{mutex};
        moved.wait(lock, [&] { return inside >= count; });
    }
    void let_go() {
        const std::lock_guard lock{mutex};
        open = true;
        moved.notify_all();
    }
};

struct Asked {
    boost::asio::io_context loop;
    std::vector<Resolver::Answer> answers;

    Resolver::Ticket ask(Resolver& resolver, const std::string& host) {
        return resolver.ask(host, loop, [this](Resolver::Answer answer) {
            answers.push_back(std::move(answer));
        });
    }
    void run_until(std::size_t count) {
        loop.restart();
        const auto work = boost::asio::make_work_guard(loop);
        while (answers.size() < count) {
            if (loop.run_one_for(20s) == 0) FAIL("no answer");
        }
    }
};

}  // namespace

TEST_CASE("A name is looked up once for many requests, and cached.", "[wire]") {
    std::atomic<int> lookups = 0;
    auto gate = std::make_shared<Gate>();
    Asked asked;
    Resolver resolver{{}, [&lookups, gate](const std::string&) {
                          ++lookups;
                          gate->pass();
                          return found("127.0.0.1");
                      }};
    CHECK_FALSE(resolver.known("a.test", Clock::now()));
    for (int i = 0; i < 10; ++i) asked.ask(resolver, "a.test");
    gate->let_go();
    asked.run_until(10);
    CHECK(lookups == 1);
    CHECK(asked.answers[9].addresses->front() == "127.0.0.1");
    REQUIRE(resolver.known("a.test", Clock::now()));
    CHECK(resolver.known("a.test", Clock::now() + 59s));
    CHECK_FALSE(resolver.known("a.test", Clock::now() + 61s));

    asked.ask(resolver, "a.test");
    asked.run_until(11);
    CHECK(lookups == 1);
}

TEST_CASE("A failed lookup is cached for five seconds.", "[wire]") {
    Asked asked;
    Resolver resolver{{}, [](const std::string&) { return Resolver::Answer{nullptr, "no such"}; }};
    asked.ask(resolver, "a.invalid");
    asked.run_until(1);
    CHECK_FALSE(asked.answers[0].addresses);
    CHECK(asked.answers[0].reason == "no such");
    CHECK(resolver.known("a.invalid", Clock::now() + 4s));
    CHECK_FALSE(resolver.known("a.invalid", Clock::now() + 6s));
}

TEST_CASE("A temporary lookup failure is not cached.", "[wire]") {
    std::atomic<int> lookups = 0;
    Asked asked;
    Resolver resolver{{}, [&](const std::string&) {
                          if (++lookups > 2) return found("127.0.0.1");
                          return Resolver::Answer{nullptr, "later", Resolver::Failure::passing};
                      }};
    for (std::size_t i = 1; i <= 3; ++i) {
        asked.ask(resolver, "a.test");
        asked.run_until(i);
        CHECK((asked.answers.back().addresses != nullptr) == (i == 3));
    }
    CHECK(lookups == 3);
}

TEST_CASE("NXDOMAIN for a name that resolved before is a temporary failure.", "[wire]") {
    using Failure = Resolver::Failure;
    bool there = false;
    Asked asked;
    Resolver resolver{
        {.keep = Duration::zero(), .keep_failures = Duration::zero()}, [&](const std::string&) {
            if (there) return found("127.0.0.1");
            return Resolver::Answer{nullptr, "no such name", Failure::no_such_name};
        }};
    const auto ask = [&] {
        asked.ask(resolver, "a.test");
        asked.run_until(asked.answers.size() + 1);
        return asked.answers.back().failure;
    };
    CHECK(ask() == Failure::no_such_name);
    there = true;
    CHECK(ask() == Failure::usual);
    there = false;
    CHECK(ask() == Failure::usual);
    CHECK_FALSE(asked.answers.back().addresses);
}

TEST_CASE("Dropped addresses cause one new lookup.", "[wire]") {
    std::atomic<int> lookups = 0;
    Asked asked;
    Resolver resolver{{}, [&](const std::string&) { return ++lookups, found("127.0.0.1"); }};
    asked.ask(resolver, "a.test");
    asked.run_until(1);
    const auto old = asked.answers[0].addresses;
    resolver.drop("a.test", old);
    CHECK_FALSE(resolver.known("a.test", Clock::now()));
    asked.ask(resolver, "a.test");
    asked.run_until(2);
    CHECK(lookups == 2);

    resolver.drop("a.test", old);  // A failure with old addresses says nothing about the new ones.
    CHECK(resolver.known("a.test", Clock::now()));
    resolver.drop("never.heard", old);
}

TEST_CASE("A forgotten ticket gets no answer, and other tickets do.", "[wire]") {
    auto gate = std::make_shared<Gate>();
    Asked asked;
    Asked other;
    Resolver resolver{{}, [gate](const std::string&) { return gate->pass(), found("127.0.0.1"); }};
    const auto ticket = asked.ask(resolver, "a.test");
    other.ask(resolver, "a.test");
    resolver.forget(ticket);
    gate->let_go();
    other.run_until(1);
    asked.loop.poll();
    CHECK(asked.answers.empty());
}

TEST_CASE("Hanging lookups delay other names only if all threads hang.", "[wire]") {
    auto gate = std::make_shared<Gate>();
    Asked slow;
    Asked quick;
    Resolver resolver{{.threads = 3}, [gate](const std::string& host) {
                          if (host.starts_with("slow")) gate->pass();
                          return found("127.0.0.1");
                      }};
    slow.ask(resolver, "slow1.test");
    slow.ask(resolver, "slow2.test");
    gate->wait_for(2);
    quick.ask(resolver, "quick.test");
    quick.run_until(1);
    gate->let_go();
    slow.run_until(2);
}

TEST_CASE("A lookup that never returns does not delay the resolver's destructor.", "[wire]") {
    auto gate = std::make_shared<Gate>();
    {
        Asked asked;
        Resolver resolver{
            {}, [gate](const std::string&) { return gate->pass(), found("127.0.0.1"); }};
        asked.ask(resolver, "a.test");
        gate->wait_for(1);
    }
    gate->let_go();  // The lookup returns after the resolver is gone.
}

TEST_CASE("A lookup that throws counts as failed.", "[wire]") {
    Asked asked;
    Resolver resolver{
        {}, [](const std::string&) -> Resolver::Answer { throw std::runtime_error{"torn cable"}; }};
    asked.ask(resolver, "a.test");
    asked.run_until(1);
    CHECK(asked.answers[0].reason == "torn cable");
}

TEST_CASE("The system lookup finds localhost and gives the reason for an unknown name.", "[wire]") {
    const auto here = Resolver::system_lookup("localhost");
    REQUIRE(here.addresses);
    for (const auto& address : *here.addresses) {
        CHECK((address == "127.0.0.1" || address == "[::1]"));
    }
    const auto nowhere = Resolver::system_lookup("skein.invalid");
    CHECK_FALSE(nowhere.addresses);
    CHECK_FALSE(nowhere.reason.empty());
    CHECK(nowhere.failure != Resolver::Failure::usual);
}
