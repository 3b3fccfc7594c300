// Answers of servers, valid and invalid, and the endings of their exchanges.
#include "wire_bench.hpp"

using namespace skein;
using namespace skein::test;

namespace {

// The result of one exchange with a server that runs this script.
ToldPtr ask(RawServer::Script script, const WireBench::Change& change = {}) {
    const RawServer server{std::move(script)};
    WireBench bench;
    return bench.run(target_to(server.url()), change);
}

}  // namespace

TEST_CASE("A request is sent unchanged, and its answer arrives complete.", "[wire]") {
    const RawServer server{always(answer("{\"ok\":true}", "x-request-id: r1\r\n"))};
    WireBench bench;
    const auto target = target_to(server.url(), {"content-type: application/json", "x-key: k"});
    const auto told = bench.run(target, [](auto& exchange) {
        exchange.extra_lines = {"x-attempt: 2", "x-more: 1"};
    });
    CHECK_FALSE(told->fault());
    CHECK(told->heads == 1);
    CHECK(told->status == 200);
    CHECK(told->body == "{\"ok\":true}");
    const auto& ending = told->ending();
    CHECK(ending.status == 200);
    CHECK(told->headers.get("X-Request-Id") == "r1");
    CHECK(ending.sent);
    CHECK_FALSE(ending.reused_connection);
    CHECK(ending.started <= ending.first_byte);
    CHECK(ending.first_byte <= ending.last_byte);
    CHECK(ending.last_byte < never);

    const auto seen = server.last_request();
    CHECK(seen.starts_with("POST /v1/x HTTP/1.1\r\n"));
    CHECK(seen.ends_with("\r\n\r\n{\"model\":\"m\",\"prompt\":\"hello\"}"));
    for (const auto* line :
         {"\r\ncontent-type: application/json\r\n",
          "\r\nAccept: */*\r\n",
          "\r\nx-key: k\r\n",
          "\r\nx-attempt: 2\r\n",
          "\r\nx-more: 1\r\n"}) {
        CHECK(seen.find(line) != std::string::npos);
    }
    for (const auto* word : {"Expect", "x-www-form", "Accept-Encoding", "Cookie", "User-Agent"}) {
        CHECK(seen.find(word) == std::string::npos);
    }
}

TEST_CASE("Bodies of any size are sent and received.", "[wire]") {
    for (const std::size_t size : {0u, 1u, 16'384u, 65'536u, 3'000'001u}) {
        CAPTURE(size);
        const RawServer server{always(answer(std::string(size, 'a')))};
        WireBench bench;
        const auto told = bench.run(target_to(server.url()), [&](auto& exchange) {
            exchange.body = std::string(size, 'b');
        });
        CHECK_FALSE(told->fault());
        CHECK(told->body == std::string(size, 'a'));
        const auto seen = server.last_request();
        CHECK(seen.ends_with("\r\n\r\n" + std::string(size, 'b')));
        CHECK(seen.find("Expect") == seen.npos);
    }
}

TEST_CASE("A chunked answer is assembled without its trailers.", "[wire]") {
    const auto told =
        ask(always("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                   "5\r\nhello\r\n6\r\n world\r\n0\r\nx-trailer: 1\r\n\r\n"));
    CHECK_FALSE(told->fault());
    CHECK(told->body == "hello world");
    CHECK_FALSE(told->headers.get("x-trailer"));
}

TEST_CASE("Thousands of interim answers have no effect.", "[wire]") {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    const auto told = ask(always(text + answer("fine")));
    CHECK_FALSE(told->fault());
    CHECK(told->heads == 1);
    CHECK(told->body == "fine");
    CHECK(told->headers.size() == 1);
}

TEST_CASE(
    "The fault of a broken connection depends on how much of the answer had come.", "[wire]"
) {
    using K = FaultKind;
    struct Row {
        const char* text;
        K when_closed;
        K when_reset;
    };
    const Row rows[] = {
        {"", K::connection_lost, K::connection_lost},
        {"HTTP/1.1 200 OK\r\ncontent-le", K::connection_lost, K::connection_lost},
        {"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half", K::truncated, K::truncated},
        {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
         K::truncated,
         K::truncated},
    };
    for (const auto& [text, when_closed, when_reset] : rows) {
        CAPTURE(text);
        const auto closed = ask(once(text));
        CHECK(closed->fault() == when_closed);
        CHECK(closed->ending().sent);

        const auto reset = ask([text = std::string{text}](Line& line) {
            if (!line.read_request()) return;
            line.write(text);
            line.reset();
        });
        CHECK(reset->fault() == when_reset);
        CHECK_FALSE(reset->ending().detail.empty());
    }
}

TEST_CASE("An answer without a length ends where the connection ends.", "[wire]") {
    const auto told = ask(once("HTTP/1.1 200 OK\r\n\r\n{\"half\":"));
    CHECK_FALSE(told->fault());
    CHECK(told->body == "{\"half\":");
}

TEST_CASE("Bytes after an answer are not taken for the next answer.", "[wire]") {
    std::atomic<int> number = 0;
    const RawServer server{[&](Line& line) {
        while (line.read_request()) {
            const auto body = "answer " + std::to_string(++number);
            if (!line.write(answer(body) + answer("smuggled"))) return;
        }
    }};
    WireBench bench;
    const auto target = target_to(server.url());
    CHECK(bench.run(target)->body == "answer 1");
    CHECK(bench.run(target)->body == "answer 2");
    CHECK(server.connections() == 2);
}

TEST_CASE("A head with two lengths or an invalid length is a bad response.", "[wire]") {
    for (const auto* lines :
         {"content-length: 4\r\ncontent-length: 9\r\n",
          "content-length: 4\r\ntransfer-encoding: chunked\r\n",
          "content-length: -4\r\n"}) {
        CAPTURE(lines);
        const auto told =
            ask(stall_after("HTTP/1.1 200 OK\r\n" + std::string{lines} + "\r\nfourfourfour"));
        CHECK(told->fault() == FaultKind::bad_response);
        CHECK(told->ending().status == 0);
    }
}

TEST_CASE("Endless headers and a header of a megabyte are too large.", "[wire]") {
    const auto endless = ask([](Line& line) {
        if (!line.read_request() || !line.write("HTTP/1.1 200 OK\r\n")) return;
        while (line.write("x-more: " + std::string(1000, 'a') + "\r\n")) {
        }
    });
    CHECK(endless->fault() == FaultKind::too_large);
    CHECK(endless->heads == 0);

    const auto huge = ask([](Line& line) {
        if (!line.read_request()) return;
        line.write("HTTP/1.1 200 OK\r\nx: " + std::string(1'000'000, 'a') + "\r\n\r\n");
    });
    CHECK(huge->fault() == FaultKind::too_large);

    const auto small = ask(always(answer("ok", "x-a: 1\r\n")), [](auto& exchange) {
        exchange.limits.headers = 20;
    });
    CHECK(small->fault() == FaultKind::too_large);
}

TEST_CASE("A body one byte above the limit is too large, a body of the limit is not.", "[wire]") {
    const auto limit = [](auto& exchange) { exchange.limits.body = 1000; };
    CHECK_FALSE(ask(always(answer(std::string(1000, 'a'))), limit)->fault());
    const auto told = ask(always(answer(std::string(1001, 'a'))), limit);
    CHECK(told->fault() == FaultKind::too_large);
    CHECK(told->ending().status == 200);

    const auto endless = ask(
        [](Line& line) {
            if (!line.read_request() || !line.write("HTTP/1.1 200 OK\r\n\r\n")) return;
            while (line.write(std::string(1000, 'a'))) {
            }
        },
        [](auto& exchange) { exchange.limits.body = 1'000'000; }
    );
    CHECK(endless->fault() == FaultKind::too_large);
    CHECK(endless->body.size() <= 1'000'000);
}

TEST_CASE("An answer that is not HTTP is a bad response.", "[wire]") {
    for (const auto* junk :
         {"hello, who is there?\n",
          "SSH-2.0-OpenSSH_9.2\r\n",
          "220 mail.example ESMTP\r\n",
          "\x16\x03\x01\x02junk"}) {
        CAPTURE(junk);
        const auto told = ask(once(junk));
        CHECK(told->fault() == FaultKind::bad_response);
        CHECK(told->body.empty());
    }
}

TEST_CASE("A redirect is an answer and is never followed.", "[wire]") {
    const RawServer elsewhere{always(answer("stolen"))};
    for (const auto* status : {"301", "302", "303", "307", "308"}) {
        for (const auto& to : {elsewhere.url(), std::string{"file:///etc/hostname"}}) {
            const auto told = ask(always(
                "HTTP/1.1 " + std::string{status} + " Moved\r\nlocation: " + to +
                "\r\ncontent-length: 0\r\n\r\n"
            ));
            CHECK_FALSE(told->fault());
            CHECK(told->ending().status == std::stoi(status));
        }
    }
    CHECK(elsewhere.connections() == 0);
}

TEST_CASE("An early error answer counts even if the rest of the request is not read.", "[wire]") {
    const auto refuse = [](bool with_reset) {
        return [with_reset](Line& line) {
            line.read_some();
            line.write("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig"
            );
            if (with_reset) line.reset();
            line.half_close();
            if (!with_reset) line.gone();
        };
    };
    for (const bool with_reset : {false, true}) {
        const auto told = ask(refuse(with_reset), [](auto& exchange) {
            exchange.body = std::string(8'000'000, 'b');
        });
        if (with_reset && told->ending().status == 0) continue;  // The reset overtook it.
        CHECK_FALSE(told->fault());
        CHECK(told->ending().status == 413);
    }
}

TEST_CASE("An error answer whose body is cut is still that error answer.", "[wire]") {
    const auto told = ask(once("HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\nbus"));
    CHECK_FALSE(told->fault());
    CHECK(told->ending().status == 503);
    CHECK(told->body == "bus");
}

TEST_CASE("A server that closes after every answer costs only new connections.", "[wire]") {
    const RawServer server{once(answer("ok", "connection: close\r\n"))};
    WireBench bench;
    const auto target = target_to(server.url());
    for (int i = 0; i < 50; ++i) CHECK_FALSE(bench.run(target)->fault());
    CHECK(server.connections() == 50);
    CHECK(bench.curl_pool->open_sockets() == 0);
}

TEST_CASE("A reader that has enough keeps its answer and its connection.", "[wire]") {
    const RawServer server{always(answer("data: [DONE]\n\n"))};
    WireBench bench;
    const auto target = target_to(server.url());
    const auto enough = [](auto& exchange) {
        exchange.on_body = [](std::string_view, TimePoint) { return ReadState::enough; };
    };
    for (int i = 0; i < 3; ++i) CHECK_FALSE(bench.run(target, enough)->fault());
    CHECK(bench.run(target)->body == "data: [DONE]\n\n");  // The next reader is not full yet.
    CHECK(server.connections() == 1);
}

TEST_CASE("A reader that has enough does not wait long for a server that does not end.", "[wire]") {
    for (const bool bounded : {true, false}) {
        CAPTURE(bounded);
        int asked = 0;
        const auto told = ask(
            [](Line& line) {
                if (!line.read_request() || !line.write("HTTP/1.1 200 OK\r\n\r\n[DONE]")) return;
                while (!line.gone(10) && line.write("more")) {
                }
            },
            [&](auto& exchange) {
                if (bounded) {
                    exchange.patience.idle = 50ms;
                    exchange.patience.attempt = 200ms;
                    exchange.deadline = Clock::now() + 300ms;
                }
                exchange.on_body = [&](std::string_view, TimePoint) {
                    ++asked;
                    return ReadState::enough;
                };
            }
        );
        CHECK_FALSE(told->fault());
        CHECK(asked == 1);
        const auto lasted = Clock::now() - told->ending().started;
        CHECK(lasted >= 1s);
        CHECK(lasted < 5s);
    }
}

TEST_CASE("An error after the reader has enough does no harm.", "[wire]") {
    const auto told = ask(
        [](Line& line) {
            if (!line.read_request()) return;
            line.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[DONE]");
            line.reset();
        },
        [](auto& exchange) {
            exchange.on_body = [](std::string_view, TimePoint) { return ReadState::enough; };
        }
    );
    CHECK_FALSE(told->fault());
    CHECK(told->ending().status == 200);
}

TEST_CASE("An answer that its reader cannot hold is too large.", "[wire]") {
    const auto told = ask(always(answer("much")), [](auto& exchange) {
        exchange.on_body = [](std::string_view, TimePoint) { return ReadState::too_much; };
    });
    CHECK(told->fault() == FaultKind::too_large);
}

TEST_CASE("A callback that throws ends only its own exchange.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    WireBench bench;
    const auto target = target_to(server.url());
    const auto other = bench.start(target);
    const auto in_head = bench.run(target, [](auto& exchange) {
        exchange.on_head = [](int, const Headers&) { throw std::runtime_error{"oh\x1b[2J"}; };
    });
    CHECK(in_head->fault() == FaultKind::internal);
    CHECK(in_head->ending().detail.find("oh") != std::string::npos);
    CHECK(in_head->ending().detail.find('\x1b') == std::string::npos);
    const auto in_body = bench.run(target, [](auto& exchange) {
        exchange.on_body = [](std::string_view, TimePoint) -> ReadState { throw 1; };
    });
    CHECK(in_body->fault() == FaultKind::internal);
    bench.run_until([&] { return other->over(); });
    CHECK_FALSE(other->fault());
    CHECK_FALSE(bench.run(target)->fault());
}

TEST_CASE("An exchange leaves no state for the next exchange on its place.", "[wire]") {
    const RawServer server{[&](Line& line) {
        for (int i = 1; line.read_request(); ++i) {
            line.write(i == 1 ? answer("first, and long", "x-first: 1\r\n") : answer("second"));
        }
    }};
    const RawServer broken{once("HTTP/1.1 200 OK\r\ncontent-length: 9\r\nx-broken: 1\r\n\r\nhal")};
    WireBench bench{{.in_flight = 1}};
    const auto target = target_to(server.url(), {"x-key: one"});
    bench.run(target, [](auto& exchange) {
        exchange.extra_lines = {"x-extra: 1"};
        exchange.body = std::string(1000, 'b');
    });
    CHECK(bench.run(target_to(broken.url()))->fault() == FaultKind::truncated);
    const auto told = bench.run(target);
    CHECK_FALSE(told->fault());
    CHECK(told->ending().detail.empty());
    CHECK(told->body == "second");
    CHECK(told->headers.size() == 1);
    const auto seen = server.last_request();
    CHECK(seen.find("x-extra") == std::string::npos);
    CHECK(seen.find("bbb") == std::string::npos);
    CHECK(seen.find("x-key: one") != std::string::npos);

    for (int i = 0; i < 3; ++i) {
        const auto again = bench.run(target_to(server.url(), {"x-other: two"}), [](auto& exchange) {
            exchange.limits.body = 10;
        });
        CHECK_FALSE(again->fault());
    }
    CHECK(server.last_request().find("x-key") == std::string::npos);
    CHECK(server.last_request().find("x-other: two") != std::string::npos);
}
