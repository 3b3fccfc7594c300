// Transfers that wait for their reader.
#include "wire_bench.hpp"

using namespace skein;
using namespace skein::test;

namespace {

std::string text_of(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 26);
    return text;
}

// A reader that takes no more than so many bytes until it is allowed to.
struct Reader {
    std::size_t may_take = 0;
    int refusals = 0;
    std::size_t largest = 0;

    WireBench::Change on(const ToldPtr& told) {
        return [this, told](wire::Exchange& exchange) {
            exchange.on_body = [this, told](std::string_view bytes, TimePoint) {
                if (told->body.size() >= may_take) {
                    ++refusals;
                    return ReadState::later;
                }
                largest = std::max(largest, bytes.size());
                told->body += bytes;
                return ReadState::more;
            };
        };
    }
};

struct Paused {
    WireBench bench;
    Reader reader;
    ToldPtr told = std::make_shared<Told>();
    wire::TransferId id{};

    void start(const RawServer& server, const WireBench::Change& change = {}) {
        auto exchange = WireBench::exchange(target_to(server.url()), told);
        reader.on(told)(exchange);
        if (change) change(exchange);
        id = bench.curl_pool->start(std::move(exchange));
        const auto before = reader.refusals;
        bench.run_until([&] { return reader.refusals > before; });
    }
};

TEST_CASE("Bytes that a reader refuses come again, all and in order.", "[curl_pool][pause]") {
    const auto body = text_of(1'000'000);
    const RawServer server{always(answer(body))};
    Paused paused;
    paused.reader.may_take = 1;
    paused.start(server);
    while (!paused.told->over()) {
        paused.reader.may_take = paused.told->body.size() + 100'000;
        const auto before = paused.reader.refusals;
        paused.bench.curl_pool->resume(paused.id);
        paused.bench.run_until([&] {
            return paused.told->over() || paused.reader.refusals > before;
        });
    }
    CHECK_FALSE(paused.told->fault());
    CHECK(paused.told->body == body);
    CHECK(paused.reader.refusals >= 5);
    CHECK(paused.reader.largest <= 64 * 1024);
    // The connection is as good as any.
    const auto next = paused.bench.run(target_to(server.url()));
    CHECK(next->body == body);
    CHECK(server.connections() == 1);
}

TEST_CASE("A chunked answer survives a pause at every arrival.", "[curl_pool][pause]") {
    const auto body = text_of(100'000);
    std::string sent = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < body.size(); at += 100)
        sent += "64\r\n" + body.substr(at, 100) + "\r\n";
    sent += "0\r\n\r\n";
    const RawServer server{always(sent)};
    Paused paused;
    paused.start(server);
    while (!paused.told->over()) {
        paused.reader.may_take = paused.told->body.size() + 1;
        const auto before = paused.reader.refusals;
        paused.bench.curl_pool->resume(paused.id);
        paused.bench.run_until([&] {
            return paused.told->over() || paused.reader.refusals > before;
        });
    }
    CHECK_FALSE(paused.told->fault());
    CHECK(paused.told->body == body);
}

TEST_CASE("A paused transfer holds up no other.", "[curl_pool][pause]") {
    const RawServer server{always(answer(text_of(200'000)))};
    Paused paused;
    paused.start(server);
    for (int i = 0; i < 5; ++i) {
        CHECK(paused.bench.run(target_to(server.url()))->body.size() == 200'000);
    }
    CHECK(paused.reader.refusals == 1);
    CHECK_FALSE(paused.told->over());
    CHECK(paused.bench.curl_pool->cancel(paused.id));
    CHECK(paused.bench.curl_pool->in_flight() == 0);
}

TEST_CASE(
    "The time of a pause is no silence, but the attempt's time runs on.", "[curl_pool][pause]"
) {
    const RawServer server{always(answer(text_of(200'000)))};
    Paused paused;
    paused.start(server, [](wire::Exchange& exchange) {
        exchange.patience.idle = 50ms;
        exchange.content_deadline = [] { return Clock::now() - 1s; };
        exchange.patience.attempt = 300ms;
    });
    paused.bench.run_until([&] { return paused.told->over(); });
    CHECK(paused.told->fault() == FaultKind::timeout_attempt);
    CHECK(Clock::now() - paused.told->ending().started >= 300ms);
}

TEST_CASE("Silence after a pause is silence.", "[curl_pool][pause]") {
    const RawServer server{stall_after("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun")};
    Paused paused;
    paused.start(server, [](wire::Exchange& exchange) { exchange.patience.idle = 50ms; });
    paused.reader.may_take = 1000;
    paused.bench.curl_pool->resume(paused.id);
    paused.bench.run_until([&] { return paused.told->over(); });
    CHECK(paused.told->fault() == FaultKind::timeout_idle);
    CHECK(paused.told->body == "begun");
}

TEST_CASE("A reader that objects to what it had refused ends the exchange.", "[curl_pool][pause]") {
    const RawServer server{always(answer(text_of(200'000)))};
    for (const bool throws : {false, true}) {
        Paused paused;
        bool objects = false;
        paused.start(server, [&](wire::Exchange& exchange) {
            exchange.on_body = [&](std::string_view, TimePoint) {
                if (objects && throws) throw std::runtime_error{"out of luck"};
                ++paused.reader.refusals;
                return objects ? ReadState::too_much : ReadState::later;
            };
        });
        objects = true;
        paused.bench.curl_pool->resume(paused.id);
        CHECK_FALSE(paused.told->over());  // Never from inside the call.
        paused.bench.run_until([&] { return paused.told->over(); });
        CHECK(paused.told->fault() == (throws ? FaultKind::internal : FaultKind::too_large));
        paused.bench.curl_pool->resume(paused.id);  // It is over: ignored.
    }
}

TEST_CASE("Refused bytes count against the limit once.", "[curl_pool][pause]") {
    const auto body = text_of(50'000);
    const RawServer server{always(answer(body))};
    Paused paused;
    paused.start(server, [&](wire::Exchange& exchange) { exchange.limits.body = body.size(); });
    for (int i = 0; i < 3; ++i) paused.bench.curl_pool->resume(paused.id);
    CHECK(paused.reader.refusals == 4);
    paused.reader.may_take = body.size();
    paused.bench.curl_pool->resume(paused.id);
    paused.bench.run_until([&] { return paused.told->over(); });
    CHECK_FALSE(paused.told->fault());
    CHECK(paused.told->body == body);
}

TEST_CASE("A connection that breaks in a pause is noticed after it.", "[curl_pool][pause]") {
    const RawServer server{once("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun")};
    Paused paused;
    paused.start(server);
    paused.reader.may_take = 1000;
    paused.bench.curl_pool->resume(paused.id);
    paused.bench.run_until([&] { return paused.told->over(); });
    CHECK(paused.told->fault() == FaultKind::truncated);
    CHECK(paused.told->body == "begun");
}

}  // namespace
