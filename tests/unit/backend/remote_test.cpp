#include "backend/remote.hpp"

#include "dialect/request/request_writer.hpp"
#include "support/mock_bench.hpp"
#include "unit/wire/raw_server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <thread>

namespace skein {
namespace {

using namespace test;
using mock::Mishap;

// A backend as the engine has it: called on the control thread only, and closed there.
class Bench {
public:
    Bench(const std::string& url, std::size_t wire_threads) : settings_{settings_to(url)} {
        settings_.wire_threads = wire_threads;
        thread_ = std::thread{[this] { loop_.run(); }};
        on_control([this] {
            remote_ = std::make_unique<Remote>(settings_, loop_, [this](auto done) {
                for (auto& one : done) told.add(std::get<AttemptDone>(std::move(one)));
            });
        });
    }
    ~Bench() {
        close();
        work_.reset();
        thread_.join();
    }

    void start(std::uint64_t id, Request request = echo("x")) {
        on_control([&] {
            start_here(id, std::move(request));
            remote_->go();
        });
    }
    void start_together(const std::vector<std::uint64_t>& ids) {
        on_control([&] {
            for (const auto id : ids) start_here(id, echo("x"));
            remote_->go();
        });
    }
    void stop(std::uint64_t id) {
        on_control([&] {
            remote_->stop(AttemptId{id});
            remote_->go();
        });
    }
    void start_and_stop(std::uint64_t id) {
        on_control([&] {
            start_here(id, echo("x"));
            remote_->stop(AttemptId{id});
            remote_->go();
        });
    }
    void close() {
        on_control([this] {
            if (remote_) remote_->close();
            remote_.reset();
        });
    }
    AttemptResult only_result() {
        REQUIRE(told.wait_for(1));
        return *told.all().front().result;
    }

    Gathered<AttemptDone> told;

private:
    template <class Call>
    void on_control(Call call) {
        std::promise<void> done;
        boost::asio::post(loop_, [&] {
            call();
            done.set_value();
        });
        done.get_future().wait();
    }

    void start_here(std::uint64_t id, Request request) {
        auto prepared = std::make_shared<const Prepared>(*prepare(request));
        remote_->start({.id = AttemptId{id}, .seq = 17, .number = 3, .request = prepared});
    }

    Settings settings_;
    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        loop_.get_executor()};
    std::unique_ptr<Remote> remote_;
    std::thread thread_;
};

std::optional<FaultKind> fault_in(const AttemptResult& result) {
    const auto* fault = std::get_if<Fault>(&result.outcome);
    return fault ? std::optional{fault->kind} : std::nullopt;
}

TEST_CASE("An attempt is made once and its result is reported once.", "[backend]") {
    for (const std::size_t wire_threads : {0u, 1u, 3u}) {
        mock::Server server;
        Bench bench{server.base_url(), wire_threads};
        for (std::uint64_t id = 1; id <= 30; ++id) bench.start(id, echo(std::to_string(id)));
        REQUIRE(bench.told.wait_for(30));
        for (const auto& [id, result] : bench.told.all()) {
            const auto* completion = std::get_if<Completion>(&result->outcome);
            REQUIRE(completion);
            CHECK(completion->text == std::to_string(static_cast<std::uint64_t>(id)));
            CHECK(result->sent);
            CHECK(result->trail.started <= result->trail.first_byte);
        }
        bench.close();
        CHECK(bench.told.count() == 30);
        CHECK(server.sums().requests == 30);
    }
}

TEST_CASE("Several wire threads open no more connections than one thread.", "[backend]") {
    mock::Server server;
    Bench bench{server.base_url(), 2};
    bench.start_together({1, 2, 3, 4, 5, 6});
    REQUIRE(bench.told.wait_for(6));
    bench.start_together({8, 10, 12, 14, 16, 18});
    REQUIRE(bench.told.wait_for(12));
    CHECK(server.sums().connections == 6);
}

TEST_CASE("A server on this machine learns the request and attempt number.", "[backend]") {
    mock::Server server;
    Bench bench{server.base_url(), 1};
    bench.start(1);
    bench.only_result();
    const auto entries = server.ledger().entries;
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].request == "17");
    CHECK(entries[0].attempt == 3);
}

TEST_CASE("An attempt that is stopped ends at once as cancelled.", "[backend]") {
    for (const std::size_t wire_threads : {0u, 1u}) {
        mock::Server server{silent()};
        Bench bench{server.base_url(), wire_threads};
        bench.start(1);
        bench.start(2);
        wait_in_flight(server, 2);
        bench.stop(1);
        const auto result = bench.only_result();
        CHECK(fault_in(result) == FaultKind::cancelled);
        CHECK(result.sent);
        CHECK(bench.told.all().front().id == AttemptId{1});
        bench.stop(1);
        bench.stop(99);
        bench.close();
        CHECK(bench.told.count() == 1);
    }
}

// On the control loop nothing can come between the two.
TEST_CASE("An attempt that is stopped before it was sent is reported as not sent.", "[backend]") {
    mock::Server server;
    Bench bench{server.base_url(), 0};
    bench.start_and_stop(1);
    const auto result = bench.only_result();
    CHECK(fault_in(result) == FaultKind::cancelled);
    CHECK_FALSE(result.sent);
    bench.close();
    CHECK(server.sums().requests == 0);
}

TEST_CASE("Stopping an ended attempt has no effect.", "[backend]") {
    mock::Server server;
    Bench bench{server.base_url(), 1};
    bench.start(1);
    CHECK_FALSE(fault_in(bench.only_result()));
    bench.stop(1);
    bench.close();
    CHECK(bench.told.count() == 1);
}

TEST_CASE("Closing drops attempts in flight in bounded time without reporting them.", "[backend]") {
    for (const std::size_t wire_threads : {0u, 1u, 3u}) {
        mock::Server server{silent()};
        Bench bench{server.base_url(), wire_threads};
        for (std::uint64_t id = 1; id <= 10; ++id) bench.start(id);
        wait_in_flight(server, 10);
        const auto from = Clock::now();
        bench.close();
        CHECK(Clock::now() - from < 5s);
        CHECK(bench.told.count() == 0);
    }
}

TEST_CASE("Closing before any attempt has begun is allowed.", "[backend]") {
    for (const std::size_t wire_threads : {0u, 1u}) {
        mock::Server server;
        Bench bench{server.base_url(), wire_threads};
        bench.start(1);
        bench.close();
        bench.close();
        CHECK(bench.told.count() <= 1);
    }
}

TEST_CASE("An attempt to an address without a listener is a fault and not sent.", "[backend]") {
    Bench bench{"http://127.0.0.1:" + std::to_string(RawServer::closed_port()) + "/v1", 1};
    bench.start(1);
    const auto result = bench.only_result();
    CHECK(fault_in(result) == FaultKind::connect);
    CHECK_FALSE(result.sent);
}

TEST_CASE("A connection that breaks after the finish_reason has brought an answer.", "[backend]") {
    const std::string events =
        R"(data: {"choices":[{"index":0,"delta":{"content":"four"}}]})"
        "\n\n"
        R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
        "\n\n";
    const std::string head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n";
    RawServer whole{once(head + events)};
    Bench bench{"http://127.0.0.1:" + std::to_string(whole.port()) + "/v1", 1};
    auto request = echo("x");
    request.stream = true;
    bench.start(1, request);
    const auto result = bench.only_result();
    CHECK_FALSE(fault_in(result));

    RawServer half{once(head + events.substr(0, events.find("\n\n") + 2))};
    Bench other{"http://127.0.0.1:" + std::to_string(half.port()) + "/v1", 1};
    other.start(1, request);
    CHECK(fault_in(other.only_result()) == FaultKind::truncated);
}

}  // namespace
}  // namespace skein
