#include "client.hpp"
#include "mock_server/server.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <thread>

using namespace skein::mock;
using namespace skein::mock::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

// A server where one thing goes wrong, and a client that asks it.
struct Scene {
    explicit Scene(Rule rule)
        : server{Weather{.faults = {std::move(rule)}}}, client{server.port()} {}

    Response plain() { return client.ask(chat("echo:one two three")); }
    Response stream() { return client.ask(chat_stream("echo:one two three")); }
    std::map<std::string, std::uint64_t> answered() { return server.sums().answered; }

    Server server;
    Client client;
};

}  // namespace

TEST_CASE("a status with its headers and its body", "[mock]") {
    Scene scene{{.status = 503, .body = "{}", .headers = {{"retry-after", "2"}}}};
    for (const auto& response : {scene.plain(), scene.stream()}) {
        CHECK(response.status == 503);
        CHECK(response.headers.at("retry-after") == "2");
        CHECK(response.body == "{}");
    }
    CHECK(scene.answered() == std::map<std::string, std::uint64_t>{{"503", 2}});
}

TEST_CASE("a hang-up closes in good order, without a byte", "[mock]") {
    Scene scene{{.fault = Mishap::hang_up}};
    scene.client.send(chat("a"));
    CHECK(scene.client.read_all().empty());
    CHECK_FALSE(scene.client.was_reset());
    CHECK(scene.answered().at("hang_up") == 1);
    CHECK(scene.server.ledger().entries.at(0).bytes_sent == 0);
}

TEST_CASE("a reused connection is hung up, a new one never", "[mock]") {
    Scene scene{{.fault = Mishap::hang_up_reused}};
    CHECK(scene.plain().status == 200);
    scene.client.send(chat("a"));
    CHECK(scene.client.read_all().empty());
    Client fresh{scene.server.port()};
    CHECK(fresh.ask(chat("a")).status == 200);
    const auto ledger = scene.server.ledger();
    CHECK(
        ledger.answered == std::map<std::string, std::uint64_t>{{"200", 2}, {"hang_up_reused", 1}}
    );
    CHECK(ledger.entries.at(1).index == 1);
    CHECK(ledger.entries.at(2).connection == 1);
}

TEST_CASE("a reset breaks the connection, before the answer or within it", "[mock]") {
    Scene before{{.fault = Mishap::reset}};
    before.client.send(chat("a"));
    CHECK(before.client.read_all().empty());
    CHECK(before.client.was_reset());
    Scene within{{.fault = Mishap::reset, .after_bytes = 5}};
    within.client.send(chat("a"));
    within.client.read_all();
    CHECK(within.client.was_reset());
    CHECK(within.answered().at("reset") == 1);
}

TEST_CASE("a truncated answer ends before its length", "[mock]") {
    Scene scene{{.fault = Mishap::truncate, .after_bytes = 7}};
    const auto response = scene.plain();
    CHECK(response.status == 200);
    CHECK(response.body.size() == 7);
    CHECK_FALSE(response.whole);
    CHECK_FALSE(scene.client.was_reset());
    Scene stream{{.fault = Mishap::truncate, .after_bytes = 50}};
    CHECK_FALSE(stream.stream().whole);
}

TEST_CASE("a cut stream ends in good order, and the connection serves on", "[mock]") {
    Scene scene{{.fault = Mishap::cut_stream, .after_tokens = 2}};
    const auto response = scene.stream();
    CHECK(response.whole);
    CHECK(response.body.find(" two") != std::string::npos);
    CHECK(response.body.find(" three") == std::string::npos);
    CHECK(response.body.find("[DONE]") == std::string::npos);
    CHECK(response.body.find(R"("finish_reason":"stop")") == std::string::npos);
    CHECK(scene.plain().status == 200);
    CHECK(scene.answered() == std::map<std::string, std::uint64_t>{{"200", 1}, {"cut_stream", 1}});
}

TEST_CASE("a stream is done without having finished", "[mock]") {
    Scene scene{{.fault = Mishap::done_without_finish}};
    const auto response = scene.stream();
    CHECK(response.body.ends_with("data: [DONE]\n\n"));
    CHECK(response.body.find(R"("finish_reason":"stop")") == std::string::npos);
}

TEST_CASE("an error comes in the middle of a stream", "[mock]") {
    Scene scene{{.fault = Mishap::error_in_stream, .after_tokens = 1}};
    const auto response = scene.stream();
    CHECK(response.status == 200);
    const auto at = response.body.rfind("data: ");
    CHECK(Json::parse(response.body.substr(at + 6)).contains("error"));
    CHECK(response.whole);
}

TEST_CASE("stalled and silent requests are in flight until the client leaves", "[mock]") {
    for (const auto fault : {Mishap::stall, Mishap::silence}) {
        Scene scene{{.fault = fault, .after_bytes = 3, .after_tokens = 1}};
        scene.client.send(chat_stream("echo:one two"));
        if (fault == Mishap::stall) scene.client.read_until("one");
        Client plain{scene.server.port()};
        plain.send(chat("a"));
        if (fault == Mishap::stall) plain.read_until("\r\n\r\n{\"i");
        while (scene.server.sums().in_flight < 2) std::this_thread::yield();
        scene.client.leave();
        plain.leave();
        while (scene.server.sums().in_flight > 0) std::this_thread::yield();
        CHECK(scene.answered().at(std::string{name_of(fault)}) == 2);
        CHECK(scene.server.sums().client_left == 2);
    }
}

TEST_CASE("what trickles arrives whole", "[mock]") {
    for (const auto fault : {Mishap::trickle, Mishap::slow_headers}) {
        Scene scene{{.fault = fault, .bytes = 3, .interval = 20us}};
        CHECK(
            Json::parse(scene.plain().body)["choices"][0]["message"]["content"] == "one two three"
        );
        const auto stream = scene.stream();
        CHECK(stream.whole);
        CHECK(stream.body.ends_with("data: [DONE]\n\n"));
    }
}

TEST_CASE("bodies that are no answers have an honest length", "[mock]") {
    for (const auto fault :
         {Mishap::bad_json, Mishap::deep_json, Mishap::bad_utf8, Mishap::html, Mishap::empty}) {
        CAPTURE(name_of(fault));
        Scene scene{{.fault = fault}};
        for (const auto& response : {scene.plain(), scene.stream()}) {
            CHECK(response.status == 200);
            CHECK(response.whole);
        }
        CHECK(scene.plain().body.empty() == (fault == Mishap::empty));
        CHECK(scene.answered().at(std::string{name_of(fault)}) == 3);
    }
    CHECK_FALSE(Json::accept(Scene{{.fault = Mishap::bad_json}}.plain().body));
    CHECK_FALSE(Json::accept(Scene{{.fault = Mishap::bad_utf8}}.plain().body));
    CHECK(Scene{{.fault = Mishap::deep_json}}.plain().body.size() > 200'000);
    CHECK(Scene{{.fault = Mishap::html}}.plain().headers.at("content-type").starts_with("text/html")
    );
}

TEST_CASE("a huge answer is sent at the pace of the client", "[mock]") {
    Scene scene{{.fault = Mishap::huge, .bytes = 30'000'000}};
    const auto response = scene.plain();
    CHECK(response.body.size() == 30'000'000);
    CHECK(Json::accept(response.body));
    scene.client.send(chat("a"));
    scene.client.read_until("xxxx");
    scene.client.leave();
    while (scene.server.sums().in_flight > 0) std::this_thread::yield();
    CHECK(scene.server.sums().client_left == 1);
}

TEST_CASE("a wrong length leaves bytes that belong to no answer", "[mock]") {
    Scene scene{{.fault = Mishap::wrong_length, .bytes = 4}};
    const auto response = scene.plain();
    CHECK(response.whole);
    CHECK_FALSE(Json::accept(response.body));
    scene.client.send(chat("a"));
    CHECK_FALSE(scene.client.read_until("HTTP/1.1").starts_with("HTTP/1.1"));
}

TEST_CASE("a redirect says where to", "[mock]") {
    Scene scene{{.fault = Mishap::redirect, .location = "http://127.0.0.1:1/v1"}};
    CHECK(scene.plain().status == 307);
    CHECK(scene.plain().headers.at("location") == "http://127.0.0.1:1/v1");
}

TEST_CASE("raw bytes are sent as they are", "[mock]") {
    Scene scene{{.fault = Mishap::raw, .body = "SSH-2.0-mock\r\n"}};
    scene.client.send(chat("a"));
    CHECK(scene.client.read_all() == "SSH-2.0-mock\r\n");
}

TEST_CASE("a request fails at first and is answered later", "[mock]") {
    Scene scene{{.fault = Mishap::status, .first_attempts = 2}};
    CHECK(scene.client.ask(chat("a")).status == 500);
    CHECK(scene.client.ask(chat("a", "x-attempt: 2\r\n")).status == 500);
    CHECK(scene.client.ask(chat("a", "x-attempt: 3\r\n")).status == 200);
    CHECK(scene.client.ask(chat("a", "x-attempt: soon\r\n")).status == 500);
}
