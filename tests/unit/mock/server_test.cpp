#include "mock_server/server.hpp"

#include "client.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <system_error>
#include <thread>

using namespace skein::mock;
using namespace skein::mock::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

std::string content(const Response& response) {
    return Json::parse(response.body)["choices"][0]["message"]["content"];
}

// Asks until it is so. The event is sure to come; only when is not.
template <typename Predicate>
Ledger until(const Server& server, Predicate predicate) {
    while (true) {
        auto sums = server.sums();
        if (predicate(sums)) return sums;
        std::this_thread::yield();
    }
}

}  // namespace

TEST_CASE("the mock server answers, and tells what it saw", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto response = client.ask(chat("echo:hello", "x-skein-request: r1\r\nx-attempt: 3\r\n"));
    CHECK(response.status == 200);
    CHECK(response.headers.at("content-type") == "application/json");
    CHECK(response.headers.at("x-request-id").starts_with("req-"));
    CHECK(content(response) == "hello");
    CHECK(server.base_url() == "http://127.0.0.1:" + std::to_string(server.port()) + "/v1");

    const auto ledger = server.ledger();
    CHECK(ledger.requests == 1);
    CHECK(ledger.in_flight == 0);
    CHECK(ledger.connections == 1);
    CHECK(ledger.completion_tokens == 1);
    const auto& entry = ledger.entries.at(0);
    CHECK(entry.request == "r1");
    CHECK(entry.attempt == 3);
    CHECK(entry.path == "/v1/chat/completions");
    CHECK(entry.answered == "200");
    CHECK(entry.finished >= entry.arrived);
    CHECK(entry.bytes_sent == response.head.size() + response.body.size());
}

TEST_CASE("two servers give the same bytes", "[mock]") {
    Server one;
    Server other{{.seed = 99}};
    CHECK(one.port() != other.port());
    for (const auto& request : {chat("why?"), chat_stream("why?")}) {
        Client a{one.port()};
        Client b{other.port()};
        const auto first = a.ask(request);
        const auto second = b.ask(request);
        CHECK(first.head == second.head);
        CHECK(first.body == second.body);
        CHECK(first.whole);
    }
}

TEST_CASE("a connection serves one request after the other, even sent together", "[mock]") {
    Server server{{.latency = Constant{1ms}}};
    Client client{server.port()};
    std::string together;
    for (int i = 0; i < 50; ++i) together += chat("echo:" + std::to_string(i));
    client.send(together);
    for (int i = 0; i < 50; ++i) CHECK(content(client.read()) == std::to_string(i));
    const auto ledger = server.ledger();
    CHECK(ledger.connections == 1);
    CHECK(ledger.max_in_flight == 1);
    CHECK(ledger.entries.at(49).index == 49);
}

TEST_CASE("a request may come byte by byte", "[mock]") {
    Server server;
    Client client{server.port()};
    for (const char byte : chat("echo:slow")) client.send({&byte, 1});
    CHECK(content(client.read()) == "slow");
}

TEST_CASE("a large body is read whole, after 100-continue if that is waited for", "[mock]") {
    Server server;
    Client client{server.port()};
    const std::string text(3'000'000, 'x');
    const auto request = chat("echo:" + text, "expect: 100-continue\r\n");
    const auto head = request.find("\r\n\r\n") + 4;
    client.send(request.substr(0, head));
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(request.substr(head));
    CHECK(content(client.read()) == text);
    CHECK(server.ledger().entries.at(0).body_bytes == request.size() - head);
}

TEST_CASE("every route of the README is there, and no other", "[mock]") {
    Server server;
    Client client{server.port()};
    CHECK(client.ask(get("/v1/models")).status == 200);
    CHECK(
        client.ask(post("/v1/completions", R"({"prompt":"echo:x"})")).body.find(R"("text":"x")") !=
        std::string::npos
    );
    CHECK(client.ask(post("/v1/embeddings", R"({"input":"x"})")).status == 200);
    CHECK(client.ask(get("/ledger?x=1")).status == 200);
    CHECK(client.ask(get("/v1/nothing")).status == 404);
    CHECK(client.ask(get("/v1/chat/completions")).status == 405);
    CHECK(client.ask(post("/v1/chat/completions", "{}")).status == 400);
    const auto sums = Json::parse(client.ask(get("/ledger")).body);
    CHECK(sums["requests"] == 6);
    CHECK(sums["answered"] == Json({{"200", 3}, {"400", 1}, {"404", 1}, {"405", 1}}));
    const auto lines = client.ask(get("/ledger/requests")).body;
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 6);
    CHECK(client.ask("DELETE /ledger HTTP/1.1\r\n\r\n").status == 200);
    CHECK(Json::parse(client.ask(get("/ledger")).body)["requests"] == 0);
}

TEST_CASE("what is no HTTP is answered with 400 and counted", "[mock]") {
    Server server;
    Client client{server.port()};
    client.send("SSH-2.0-client\r\n\r\n");
    CHECK(client.read_all().starts_with("HTTP/1.1 400 "));
    Client endless{server.port()};
    endless.send("GET / HTTP/1.1\r\nx: " + std::string(70'000, 'x'));
    CHECK(endless.read().status == 400);
    Client greedy{server.port()};
    greedy.send("POST /v1/completions HTTP/1.1\r\ncontent-length: 300000000\r\n\r\n");
    CHECK(greedy.read().status == 413);
    CHECK(server.sums().answered == std::map<std::string, std::uint64_t>{{"400", 2}, {"413", 1}});
}

TEST_CASE("a client that leaves while it is answered is noticed", "[mock]") {
    Server server{{.latency = Constant{1h}, .first_token = Constant{1h}}};
    Client plain{server.port()};
    plain.send(chat("a"));
    Client stream{server.port()};
    stream.send(chat_stream("a"));
    CHECK(stream.read_until("role").ends_with("role"));
    until(server, [](auto& sums) { return sums.in_flight == 2; });
    plain.leave();
    stream.leave();
    const auto sums = until(server, [](auto& now) { return now.in_flight == 0; });
    CHECK(sums.answered == std::map<std::string, std::uint64_t>{{"client_left", 2}});
    CHECK(sums.client_left == 2);
    CHECK(sums.completion_tokens == 0);
    CHECK(server.ledger().entries.at(0).client_left);
}

TEST_CASE("a client that leaves in the middle of its request is noticed", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto request = chat("a");
    client.send(request.substr(0, request.size() - 1));
    until(server, [](auto& sums) { return sums.in_flight == 1; });
    client.leave();
    const auto sums = until(server, [](auto& now) { return now.in_flight == 0; });
    CHECK(sums.answered.at("client_left") == 1);
}

TEST_CASE("hundreds are in flight at once, and the ledger knows how many", "[mock]") {
    Server server{{.latency = Constant{1h}}};
    std::vector<Client> clients;
    for (int i = 0; i < 300; ++i) {
        clients.emplace_back(server.port());
        clients.back().send(chat(std::to_string(i)));
    }
    until(server, [](auto& sums) { return sums.in_flight == 300; });
    clients.clear();
    until(server, [](auto& sums) { return sums.in_flight == 0; });
    const auto ledger = server.ledger();
    CHECK(ledger.max_in_flight == 300);
    CHECK(ledger.connections == 300);
    CHECK(ledger.requests == 300);
}

TEST_CASE("who has the whole answer finds the request finished", "[mock]") {
    Server server;
    Client client{server.port()};
    for (int i = 0; i < 500; ++i) {
        client.ask(i % 2 ? chat("a") : chat_stream("a"));
        REQUIRE(server.sums().in_flight == 0);
    }
    CHECK(server.sums().max_in_flight == 1);
}

TEST_CASE("the rate limit is honest about when the next may come", "[mock]") {
    Server server{{.rpm = 1, .burst = 2}};
    Client client{server.port()};
    const auto first = client.ask(chat("a"));
    CHECK(first.status == 200);
    CHECK(first.headers.at("x-ratelimit-limit-requests") == "1");
    CHECK(first.headers.at("x-ratelimit-remaining-requests") == "1");
    CHECK(client.ask(chat("a")).status == 200);
    const auto refused = client.ask(chat("a"));
    CHECK(refused.status == 429);
    CHECK(std::stoi(refused.headers.at("retry-after")) >= 59);
    CHECK(std::stoi(refused.headers.at("retry-after")) <= 60);
    CHECK(Json::parse(refused.body)["error"]["code"] == "rate_limit_exceeded");
}

TEST_CASE("a key may be required", "[mock]") {
    Server server{{.require_key = true}};
    Client client{server.port()};
    CHECK(client.ask(chat("a")).status == 401);
    CHECK(client.ask(chat("a", "authorization: Bearer \r\n")).status == 401);
    CHECK(client.ask(chat("a", "authorization: Bearer CANARY-key\r\n")).status == 200);
    CHECK(client.ask(get("/ledger/requests")).body.find("CANARY") == std::string::npos);
}

TEST_CASE("the weather changes while it serves", "[mock]") {
    Server server{{}, {.token = "CANARY-token"}};
    Client client{server.port()};
    const std::string token = "x-mock-token: CANARY-token\r\n";
    const auto put = [&](const std::string& weather, const std::string& headers) {
        auto request = post("/admin/weather", weather, headers);
        return client.ask(request.replace(0, 4, "PUT"));
    };
    CHECK(put("faults: [{fault: 503, count: 1}]", token).status == 200);
    CHECK(client.ask(chat("a")).status == 503);
    CHECK(client.ask(chat("a")).status == 200);
    server.set_weather({.faults = {{.fault = Mishap::status, .status = 502}}});
    CHECK(client.ask(chat("a")).status == 502);
    CHECK(
        parse_weather(client.ask(get("/admin/weather", token)).body).value().faults.at(0).status ==
        502
    );

    const auto mistaken = put("faults: [{fault: storm}]", token);
    CHECK(mistaken.status == 400);
    CHECK(mistaken.body.find("there is no fault storm") != std::string::npos);
    CHECK(put("{}", "").status == 403);
    CHECK(put("{}", "x-mock-token: CANARY-tokem\r\n").status == 403);
    CHECK(client.ask(get("/admin/weather")).status == 403);
    CHECK(client.ask(chat("a")).status == 502);
}

TEST_CASE("without a token nobody changes the weather over the wire", "[mock]") {
    Server server;
    Client client{server.port()};
    CHECK(client.ask(get("/admin/weather", "x-mock-token: \r\n")).status == 403);
    CHECK(client.ask(get("/admin/weather")).status == 403);
}

TEST_CASE("a request that wants its connection closed has it closed", "[mock]") {
    Server server;
    Client client{server.port()};
    const auto response = client.ask(chat("a", "connection: close\r\n"));
    CHECK(response.headers.at("connection") == "close");
    CHECK(client.read_all().empty());
    server.set_weather({.keep_alive = false});
    Client other{server.port()};
    CHECK(other.ask(chat_stream("a")).whole);
    CHECK(other.read_all().empty());
    CHECK_FALSE(other.was_reset());
}

TEST_CASE("the server forgets what it is told to forget", "[mock]") {
    Server server{{}, {.ledger_keep = 2}};
    Client client{server.port()};
    for (int i = 0; i < 3; ++i) client.ask(chat("a"));
    CHECK(server.ledger().entries.size() == 2);
    server.forget();
    CHECK(server.ledger().requests == 0);
    client.ask(chat("a"));
    CHECK(server.ledger().requests == 1);
    CHECK(server.ledger().entries.at(0).index == 3);
}

TEST_CASE(
    "a port that is taken, and an address that is not this machine's own, are refused", "[mock]"
) {
    Server server;
    CHECK_THROWS_AS(Server({}, {.port = server.port()}), std::system_error);
    CHECK_THROWS_AS(Server({}, {.address = "0.0.0.0"}), std::invalid_argument);
    CHECK_THROWS_AS(Server({}, {.address = "::1"}), std::invalid_argument);
}

TEST_CASE("a server with requests in flight ends at once", "[mock]") {
    std::vector<Client> clients;
    {
        Server server{{.latency = Constant{1h}}};
        for (int i = 0; i < 20; ++i) {
            clients.emplace_back(server.port());
            clients.back().send(chat("a"));
        }
        until(server, [](auto& sums) { return sums.in_flight == 20; });
    }
    for (auto& client : clients) CHECK(client.read_all().empty());
}
