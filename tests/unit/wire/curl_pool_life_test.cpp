// Starting, cancelling and going away, at any moment.
#include "wire_bench.hpp"

#include <boost/asio/post.hpp>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <sys/eventfd.h>

using namespace skein;
using namespace skein::test;

namespace {

// Where an exchange can be when it is cancelled or its pool goes away.
enum class At { start, connecting, sending, waiting, head, body, end };

constexpr At everywhere[] = {
    At::start, At::connecting, At::sending, At::waiting, At::head, At::body, At::end};

// An exchange brought to that point, with its server.
struct Brought {
    explicit Brought(At at)
        : server{[this, at](Line& line) { serve(line, at); }},
          told{bench.start(target_to(url(at)), [&](auto& exchange) { shape(exchange, at); })} {
        if (at == At::connecting) bench.run_ready();
        bench.run_until([&] { return reached(at); });
    }

    bool reached(At at) const {
        switch (at) {
            case At::sending:
                return reading;
            case At::waiting:
                return server.requests() == 1;
            case At::head:
                return told->heads == 1;
            case At::body:
            case At::end:
                return !told->body.empty();
            default:
                return true;
        }
    }

    std::string url(At at) const {
        // A TLS handshake that is never answered.
        if (at == At::connecting) return "https://127.0.0.1:" + std::to_string(server.port());
        return server.url();
    }

    void shape(wire::Exchange& exchange, At at) {
        if (at == At::sending) exchange.body = std::string(30'000'000, 'b');
        exchange.deadline = Clock::now() + 60s;
    }

    void serve(Line& line, At at) {
        if (at == At::sending || at == At::connecting) {
            line.read_some();
            reading = true;
            pollfd hung{-1, 0, 0};
            while (!finished) ::poll(&hung, 1, 1);
            return;
        }
        if (!line.read_request()) return;
        if (at == At::head) line.write("HTTP/1.1 200 OK\r\n\r\n");
        if (at == At::body) line.write("HTTP/1.1 200 OK\r\n\r\nsome");
        if (at == At::end) line.write(answer("all"));
        line.gone();
    }

    ~Brought() { finished = true; }

    std::atomic<bool> reading = false;
    std::atomic<bool> finished = false;
    RawServer server;
    WireBench bench;
    ToldPtr told;
};

// The descriptors that are epoll sets.
std::set<int> epoll_sets() {
    std::set<int> sets;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        std::error_code gone;
        if (std::filesystem::read_symlink(entry, gone) != "anon_inode:[eventpoll]") continue;
        sets.insert(std::stoi(entry.path().filename()));
    }
    return sets;
}

}  // namespace

TEST_CASE("A cancelled exchange never calls on_end, in any phase.", "[wire]") {
    for (const At at : everywhere) {
        CAPTURE(static_cast<int>(at));
        Brought brought{at};
        auto& [reading, finished, server, bench, told] = brought;
        const bool was_over = told->over();
        CHECK(bench.curl_pool->cancel(told->id) == !was_over);
        CHECK_FALSE(bench.curl_pool->cancel(told->id));
        CHECK(bench.curl_pool->in_flight() == 0);
        bench.run_ready();
        CHECK(told->endings.size() == (was_over ? 1 : 0));

        // And its place is as good as new.
        const RawServer next{always(answer("ok"))};
        const auto after = bench.run(target_to(next.url()));
        CHECK_FALSE(after->fault());
        CHECK(after->id != told->id);
        CHECK_FALSE(bench.curl_pool->cancel(told->id));
    }
}

TEST_CASE("A pool can be destroyed with exchanges in any phase and calls no on_end.", "[wire]") {
    for (const At at : everywhere) {
        for (const bool stop_first : {false, true}) {
            CAPTURE(static_cast<int>(at), stop_first);
            Brought brought{at};
            auto& told = brought.told;
            const auto ended = told->endings.size();
            if (stop_first) brought.bench.curl_pool->stop();
            brought.bench.curl_pool.reset();
            brought.bench.run_ready();
            CHECK(told->endings.size() == ended);
        }
    }
}

TEST_CASE("A pool can be destroyed together with its loop.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    auto bench = std::make_unique<WireBench>();
    for (int i = 0; i < 10; ++i) bench->start(target_to(server.url("localhost")));
    bench->loop.run_one();
    bench.reset();
}

TEST_CASE(
    "The callback on_end may start, cancel and stop exchanges, and destroy the pool.", "[wire]"
) {
    const RawServer server{always(answer("ok"))};
    const auto target = target_to(server.url());

    SECTION("start") {
        WireBench bench{{.in_flight = 1}};
        ToldPtr second;
        bench.run(target, [&](auto& exchange) {
            exchange.on_end = [&, on_end = exchange.on_end](wire::Ending ending) {
                second = bench.start(target);  // The place is free by now.
                on_end(std::move(ending));
            };
        });
        bench.run_until([&] { return second->over(); });
        CHECK_FALSE(second->fault());
    }
    SECTION("cancel one that has ended in the same round") {
        WireBench bench;
        std::vector<ToldPtr> both(2);
        int told = 0;
        for (std::size_t i = 0; i < 2; ++i) {
            both[i] = bench.start(target, [&, i](auto& exchange) {
                exchange.deadline = Clock::now() - 1ms;
                exchange.on_end = [&, i](wire::Ending) {
                    ++told;
                    CHECK(bench.curl_pool->cancel(both[1 - i]->id));
                };
            });
        }
        bench.run_ready();
        CHECK(told == 1);
        CHECK(bench.curl_pool->in_flight() == 0);
    }
    SECTION("stop") {
        WireBench bench;
        std::vector<ToldPtr> others;
        for (int i = 0; i < 10; ++i) others.push_back(bench.start(target));
        bool stopped = false;
        bench.start(target, [&](auto& exchange) {
            exchange.deadline = Clock::now() - 1ms;
            exchange.on_end = [&](wire::Ending) {
                bench.curl_pool->stop();
                stopped = true;
            };
        });
        bench.run_until([&] { return stopped; });
        bench.run_ready();
        CHECK(bench.curl_pool->in_flight() == 0);
        for (const auto& other : others) CHECK_FALSE(other->over());
        CHECK_FALSE(bench.run(target)->fault());
    }
    SECTION("destroy") {
        for (const bool at_once : {true, false}) {
            WireBench bench;
            const auto other = bench.start(target);
            bool destroyed = false;
            bench.start(target, [&](auto& exchange) {
                if (at_once) exchange.deadline = Clock::now() - 1ms;
                exchange.on_end = [&](wire::Ending) {
                    bench.curl_pool.reset();
                    destroyed = true;
                };
            });
            bench.run_until([&] { return destroyed; });
            bench.run_ready();
        }
    }
}

TEST_CASE(
    "An on_end that starts failing exchanges again and again does not starve the loop.", "[wire]"
) {
    const RawServer server{always(answer("ok"))};
    WireBench bench;
    int failures = 0;
    bool posted_ran = false;
    std::function<void(wire::Ending)> again = [&](wire::Ending) {
        if (++failures == 1) boost::asio::post(bench.loop, [&] { posted_ran = true; });
        if (posted_ran) return;
        auto exchange = WireBench::exchange(target_to(server.url()), std::make_shared<Told>());
        exchange.deadline = Clock::now() - 1ms;
        exchange.on_end = again;
        bench.curl_pool->start(std::move(exchange));
    };
    again({});
    bench.run_until([&] { return posted_ran && bench.curl_pool->in_flight() == 0; });
    CHECK(failures < 10);
}

TEST_CASE("Transfer ids are never reused.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    WireBench bench{{.in_flight = 2}};
    std::map<wire::TransferId, int> seen;
    for (int i = 0; i < 100; ++i) ++seen[bench.run(target_to(server.url()))->id];
    CHECK(seen.size() == 100);
    CHECK_FALSE(bench.curl_pool->cancel(wire::TransferId{0}));
    CHECK_FALSE(bench.curl_pool->cancel(wire::TransferId{~std::uint64_t{0}}));
}

TEST_CASE("Proxies in the environment are not used.", "[wire]") {
    const RawServer proxy{always(answer("proxied"))};
    const auto url = proxy.url();
    for (const auto* name : {"http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"}) {
        ::setenv(name, url.c_str(), 1);
    }
    const RawServer server{always(answer("direct"))};
    WireBench bench;
    const auto told = bench.run(target_to(server.url()));
    for (const auto* name : {"http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"}) {
        ::unsetenv(name);
    }
    CHECK(told->body == "direct");
    CHECK(proxy.connections() == 0);
}

TEST_CASE("An extra header line with a line break is not sent.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    WireBench bench;
    const auto told = bench.run(target_to(server.url()), [](auto& exchange) {
        exchange.extra_lines = {"x-a: 1\r\nx-injected: 1"};
    });
    CHECK(told->fault() == FaultKind::internal);
    CHECK_FALSE(told->ending().sent);
    CHECK(server.connections() == 0);
}

TEST_CASE("Many exchanges over many multi handles all end.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    WireBench bench{{.in_flight = 50, .per_multi = 7}};
    const auto target = target_to(server.url());
    for (int round = 0; round < 5; ++round) {
        std::vector<ToldPtr> all;
        for (int i = 0; i < 50; ++i) all.push_back(bench.start(target));
        bench.run_until([&] { return bench.curl_pool->in_flight() == 0; });
        for (const auto& told : all) CHECK_FALSE(told->fault());
    }
    CHECK(server.requests() == 250);
    CHECK(server.connections() <= 50);
}

TEST_CASE("If epoll refuses a socket, only the exchanges of its multi handle are lost.", "[wire]") {
    const RawServer server{stall_after("")};
    const RawServer good{always(answer("ok"))};
    const auto before = epoll_sets();
    WireBench bench{{.in_flight = 4, .per_multi = 2}};
    int set = -1;  // The pool's own: it is made before the loop's, which is to watch it.
    for (const int fd : epoll_sets()) {
        if (set < 0 && !before.contains(fd)) set = fd;
    }
    REQUIRE(set >= 0);

    std::vector<ToldPtr> waiting;
    for (int i = 0; i < 2; ++i) waiting.push_back(bench.start(target_to(server.url())));
    bench.run_until([&] { return server.requests() == 2; });

    const int kept = ::dup(set);
    const int no_set = ::eventfd(0, EFD_CLOEXEC);
    REQUIRE(::dup2(no_set, set) == set);
    const auto refused = bench.start(target_to(server.url()));  // On the second multi.
    bench.run_until([&] { return refused->over(); });
    REQUIRE(::dup2(kept, set) == set);
    ::close(kept);
    ::close(no_set);

    CHECK(refused->fault() == FaultKind::connection_lost);
    CHECK_FALSE(waiting[0]->over());
    for (int i = 0; i < 5; ++i) CHECK_FALSE(bench.run(target_to(good.url()))->fault());
}
