// DNS names, addresses, and addresses without a listener.
#include "wire_bench.hpp"

#include <condition_variable>

using namespace skein;
using namespace skein::test;
using wire::Resolver;

namespace {

Resolver::Answer found(wire::Addresses addresses) {
    return {std::make_shared<const wire::Addresses>(std::move(addresses)), {}};
}

std::shared_ptr<Resolver> resolver(Resolver::Lookup lookup) {
    return std::make_shared<Resolver>(Resolver::Settings{}, std::move(lookup));
}

// Look-ups of `slow…` hang until it is opened.
struct Gate {
    std::mutex mutex;
    std::condition_variable opened;
    bool open = false;

    void pass() {
        std::unique_lock lock{mutex};
        opened.wait(lock, [this] { return open; });
    }
    void let_go() {
        const std::lock_guard lock{mutex};
        open = true;
        opened.notify_all();
    }
};

std::shared_ptr<Resolver> gated(const std::shared_ptr<Gate>& gate) {
    return resolver([gate](const std::string& host) {
        if (host.starts_with("slow")) gate->pass();
        return found({"127.0.0.1"});
    });
}

}  // namespace

TEST_CASE("Only our own resolver looks up a host name.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    std::atomic<int> lookups = 0;
    WireBench bench{{}, resolver([&](const std::string& host) {
                        ++lookups;
                        if (host != "api.skein.invalid") return Resolver::Answer{};
                        return found({"127.0.0.1"});
                    })};
    // A name that no name server knows: only our answer can lead there.
    const auto target = target_to(server.url("api.skein.invalid"));
    std::vector<ToldPtr> all;
    for (int i = 0; i < 20; ++i) all.push_back(bench.start(target));
    bench.run_until([&] { return bench.curl_pool->in_flight() == 0; });
    for (const auto& told : all) CHECK_FALSE(told->fault());
    for (int i = 0; i < 20; ++i) CHECK_FALSE(bench.run(target)->fault());
    CHECK(lookups == 1);
}

TEST_CASE(
    "The hosts localhost and IP addresses are reached without a lookup by libcurl.", "[wire]"
) {
    const RawServer server{always(answer("ok"))};
    WireBench bench;
    CHECK_FALSE(bench.run(target_to(server.url("localhost")))->fault());
    WireBench deaf{{}, resolver([](const std::string&) { return Resolver::Answer{}; })};
    CHECK_FALSE(deaf.run(target_to(server.url("127.0.0.1")))->fault());
    CHECK(deaf.run(target_to(server.url("localhost")))->fault() == FaultKind::connect);
}

TEST_CASE("An address without a listener is a connect fault with nothing sent.", "[wire]") {
    WireBench bench;
    const auto url = "http://127.0.0.1:" + std::to_string(RawServer::closed_port()) + "/";
    const auto told = bench.run(target_to(url));
    CHECK(told->fault() == FaultKind::connect);
    CHECK_FALSE(told->ending().sent);
    CHECK(told->ending().detail.find("127.0.0.1") != std::string::npos);
}

TEST_CASE("A name that cannot be resolved is a connect fault that names it.", "[wire]") {
    WireBench bench{{}, resolver([](const std::string&) {
                        return Resolver::Answer{nullptr, "no such name"};
                    })};
    for (int i = 0; i < 2; ++i) {  // The second time from memory.
        const auto told = bench.run(target_to("http://api.skein.invalid/"));
        CHECK(told->fault() == FaultKind::connect);
        CHECK_FALSE(told->ending().sent);
        CHECK(told->ending().detail == "cannot resolve api.skein.invalid: no such name");
    }
}

TEST_CASE("A name that never resolved (NXDOMAIN) is the fault unknown_host.", "[wire]") {
    WireBench bench{
        {}, resolver([](const std::string&) {
            return Resolver::Answer{nullptr, "no such name", Resolver::Failure::no_such_name};
        })};
    const auto told = bench.run(target_to("http://api.skein.invalid/"));
    CHECK(told->fault() == FaultKind::unknown_host);
    CHECK_FALSE(told->ending().sent);
    CHECK(told->ending().detail == "cannot resolve api.skein.invalid: no such name");
}

TEST_CASE("If IPv4 or IPv6 is silent, the other family serves soon.", "[wire]") {
    const RawServer v4{always(answer("four"))};
    const SilentPort silent_v6{AF_INET6, v4.port()};
    if (!silent_v6.is_open()) {
        WARN("no IPv6 here: not tested");
        return;
    }
    const RawServer v6{always(answer("six")), in6addr_loopback};
    const SilentPort silent_v4{AF_INET, v6.port()};
    const auto serves = [](const RawServer& server, const char* silent, const char* alive) {
        WireBench bench{{}, resolver([&](const std::string&) { return found({silent, alive}); })};
        const auto told = bench.run(target_to(server.url("two.skein.invalid")));
        CHECK_FALSE(told->fault());
        CHECK(Clock::now() - told->ending().started < 1s);  // libcurl waits 200 ms for the first.
    };
    serves(v4, "[::1]", "127.0.0.1");
    serves(v6, "127.0.0.1", "[::1]");
}

TEST_CASE("If the first of two addresses is dead, the second serves.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    for (const auto& addresses :
         {wire::Addresses{"127.0.0.2", "127.0.0.1"}, wire::Addresses{"[::1]", "127.0.0.1"}}) {
        WireBench bench{{}, resolver([&](const std::string&) { return found(addresses); })};
        const auto told = bench.run(target_to(server.url("two.skein.invalid")));
        CHECK_FALSE(told->fault());
        CHECK(Clock::now() - told->ending().started < 1s);
    }
}

TEST_CASE("After a connect fault the name is looked up again.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    std::atomic<int> lookups = 0;
    WireBench bench{{}, resolver([&](const std::string&) {
                        return found({++lookups == 1 ? "127.0.0.2" : "127.0.0.1"});
                    })};
    const auto target = target_to(server.url("moved.skein.invalid"));
    CHECK(bench.run(target)->fault() == FaultKind::connect);
    CHECK_FALSE(bench.run(target)->fault());
    CHECK(lookups == 2);
}

TEST_CASE("A slow name server delays only the exchanges that need it.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    const auto gate = std::make_shared<Gate>();
    WireBench bench{{}, gated(gate)};
    const auto slow = bench.start(target_to(server.url("slow.skein.invalid")));
    const auto begun = Clock::now();
    for (int i = 0; i < 50; ++i) CHECK_FALSE(bench.run(target_to(server.url()))->fault());
    CHECK_FALSE(slow->over());
    gate->let_go();
    bench.run_until([&] { return slow->over(); });
    CHECK_FALSE(slow->fault());
    CHECK(Clock::now() - begun < 5s);
}

TEST_CASE("A name server that does not answer is a connect timeout.", "[wire]") {
    const auto gate = std::make_shared<Gate>();
    WireBench bench{{}, gated(gate)};
    const auto told = bench.run(target_to("http://slow.skein.invalid/"), [](auto& exchange) {
        exchange.patience.connect = 50ms;
    });
    CHECK(told->fault() == FaultKind::timeout_connect);
    CHECK_FALSE(told->ending().sent);
    gate->let_go();
    bench.run_ready();
}

TEST_CASE("An exchange that waits for a name can be cancelled, and its pool destroyed.", "[wire]") {
    const auto gate = std::make_shared<Gate>();
    const auto names = gated(gate);
    {
        WireBench bench{{}, names};
        const auto told = bench.start(target_to("http://slow.skein.invalid/"));
        bench.run_ready();
        CHECK(bench.curl_pool->cancel(told->id));
        const auto other = bench.start(target_to("http://slow.skein.invalid/"));
        bench.curl_pool.reset();
        CHECK_FALSE(other->over());
    }
    gate->let_go();  // The look-up ends after pool and loop.
    WireBench next{{}, names};
    const RawServer server{always(answer("ok"))};
    CHECK_FALSE(next.run(target_to(server.url("slow.skein.invalid")))->fault());
}
