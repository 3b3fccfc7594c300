// Streamed answers, through a whole client.
#include "support/mock_bench.hpp"
#include "unit/wire/raw_server.hpp"

#include <atomic>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

namespace skein {
namespace {

using namespace test;
using mock::Mishap;

// What came of one request.
struct Heard {
    Gathered<Chunk> chunks;
    Gathered<Reply> replies;

    Client::OnChunk on_chunk() {
        return [this](Chunk chunk) { chunks.add(std::move(chunk)); };
    }
    Client::OnReply on_reply() {
        return [this](Reply reply) { replies.add(std::move(reply)); };
    }
    std::string text() const {
        std::string text;
        for (const auto& chunk : chunks.all()) text += chunk.text;
        return text;
    }
    Reply reply() {
        REQUIRE(replies.wait_for(1));
        return replies.all().front();
    }
};

// A door that a callback waits at.
class Door {
public:
    void open() {
        is_open_ = true;
        is_open_.notify_all();
    }
    void pass() { is_open_.wait(false); }

private:
    std::atomic<bool> is_open_ = false;
};

std::string event_with(std::string_view text) {
    return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + std::string{text} +
           "\"}}]}\n\n";
}
const std::string end_of_stream =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: "
    "[DONE]\n\n";
const std::string stream_head =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

std::string url_of(const RawServer& server) {
    return "http://127.0.0.1:" + std::to_string(server.port()) + "/v1";
}

TEST_CASE("A streamed answer comes in pieces that add up to its text, then whole.", "[stream]") {
    mock::Server server;
    Heard heard;
    Gathered<std::string> order;
    Client client{settings_to(server.base_url())};
    const auto id = client.stream(
        {.prompt = "echo:one two three four", .tag = 7},
        [&](Chunk chunk) {
            order.add("piece");
            heard.chunks.add(std::move(chunk));
        },
        [&](Reply reply) {
            order.add("reply");
            heard.replies.add(std::move(reply));
        }
    );
    const auto reply = heard.reply();
    CHECK(text_of(reply) == "one two three four");
    CHECK(heard.text() == "one two three four");
    CHECK(heard.chunks.count() > 1);
    CHECK(reply.begun);
    CHECK(reply.tag == 7);
    CHECK(reply.timing.first_token);
    CHECK(order.all().back() == "reply");
    for (const auto& chunk : heard.chunks.all()) {
        CHECK(chunk.id == id);
        CHECK(chunk.tag == 7);
        CHECK(chunk.choice == 0);
    }
    check_against(server, client.tally());
}

TEST_CASE("All pieces come before the reply, also if it is there already.", "[stream]") {
    mock::Server server;
    std::string text;
    for (int i = 0; i < 100; ++i) text += "word ";
    Heard heard;
    std::atomic<std::size_t> after = 0;
    Client client{settings_to(server.base_url())};
    client.stream(
        echo(text),
        [&](Chunk chunk) {
            while (client.tally().completed == 0) std::this_thread::yield();
            if (heard.chunks.count() == 0) client.tally();  // After the turn of the reply.
            after += heard.replies.count();
            heard.chunks.add(std::move(chunk));
        },
        heard.on_reply()
    );
    const auto reply = heard.reply();
    CHECK(text_of(reply) == heard.text());
    CHECK(heard.chunks.count() > 16);
    client.drain();
    CHECK(after == 0);
}

TEST_CASE("A body that wants no stream is made one that does.", "[stream]") {
    const RawServer server{always(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: " +
        std::to_string((event_with("four") + end_of_stream).size()) + "\r\n\r\n" +
        event_with("four") + end_of_stream
    )};
    Client client{settings_to(url_of(server))};
    for (const std::string body :
         {R"({"messages":[],"stream":false})",
          R"({"messages":[]})",
          R"({"messages":[],"stream":null})",
          R"({"messages":[],"stream":true})"}) {
        Heard heard;
        client.stream({.body = body}, heard.on_chunk(), heard.on_reply());
        CHECK(text_of(heard.reply()) == "four");
        CHECK(heard.text() == "four");
        const auto sent = server.last_request();
        const auto at = sent.find("\"stream\":");
        REQUIRE(at != std::string::npos);
        CHECK(sent.substr(at, 13) == "\"stream\":true");
        CHECK(sent.find("\"stream\":", at + 1) == std::string::npos);
    }
}

TEST_CASE("An answer that is no stream is one piece.", "[stream]") {
    const RawServer server{always(
        answer(R"({"choices":[{"index":0,"message":{"content":"four"},"finish_reason":"stop"}]})")
    )};
    Heard heard;
    Client client{settings_to(url_of(server))};
    client.stream(echo("x"), heard.on_chunk(), heard.on_reply());
    CHECK(text_of(heard.reply()) == "four");
    REQUIRE(heard.chunks.count() == 1);
    CHECK(heard.text() == "four");
}

TEST_CASE("Embeddings have no pieces, and a request that cannot be sent has none.", "[stream]") {
    mock::Server server;
    Client client{settings_to(server.base_url())};
    Heard numbers;
    client.stream(
        {.prompt = "x", .path = "/v1/embeddings"}, numbers.on_chunk(), numbers.on_reply()
    );
    CHECK(numbers.reply().completion());
    CHECK(numbers.chunks.count() == 0);
    CHECK_FALSE(numbers.reply().begun);
    Heard nothing;
    const auto id = client.stream({.tag = 3}, nothing.on_chunk(), nothing.on_reply());
    CHECK(id == RequestId{0});
    CHECK(fault_of(nothing.reply()) == FaultKind::bad_input);
    CHECK(nothing.reply().tag == 3);
}

TEST_CASE("A stream that breaks after its first piece is not asked again.", "[stream]") {
    for (const auto mishap : {Mishap::cut_stream, Mishap::error_in_stream}) {
        mock::Server server{weather_of({.fault = mishap, .after_tokens = 2})};
        Heard heard;
        Client client{settings_to(server.base_url())};
        client.stream(echo("one two three four"), heard.on_chunk(), heard.on_reply());
        const auto reply = heard.reply();
        REQUIRE(reply.fault());
        CHECK(reply.begun);
        CHECK(reply.fault()->detail.find("its answer had begun") != std::string::npos);
        CHECK(reply.attempts == 1);
        CHECK(server.sums().requests == 1);
        CHECK(heard.text().starts_with("one"));
        CHECK(heard.text() != "one two three four");
        check_against(server, client.tally());
    }
}

TEST_CASE("A stream that breaks before its first piece is asked again.", "[stream]") {
    for (const auto mishap : {Mishap::hang_up, Mishap::status, Mishap::error_in_stream}) {
        mock::Server server{weather_of({.fault = mishap, .status = 500, .first_attempts = 2})};
        Heard heard;
        Client client{settings_to(server.base_url())};
        client.stream(echo("one two"), heard.on_chunk(), heard.on_reply());
        const auto reply = heard.reply();
        CHECK(text_of(reply) == "one two");
        CHECK(reply.attempts == 3);
        CHECK(heard.text() == "one two");
    }
}

TEST_CASE("An answer that was read and does not fit is not asked again.", "[stream]") {
    mock::Server server;
    auto settings = settings_to(server.base_url());
    settings.expect.json = true;
    Heard heard;
    Client client{settings};
    client.stream(echo("no JSON"), heard.on_chunk(), heard.on_reply());
    CHECK(fault_of(heard.reply()) == FaultKind::invalid_output);
    CHECK(heard.text() == "no JSON");
    CHECK(server.sums().requests == 1);
}

TEST_CASE("A slow reader holds up its own transfer and no other.", "[stream]") {
    constexpr std::size_t pieces = 10'000;
    const std::string piece(1024, 'x');
    std::atomic<bool> is_written = false;
    const RawServer server{[&](Line& line) {
        if (!line.read_request() || !line.write(stream_head)) return;
        for (std::size_t i = 0; i < pieces; ++i) {
            if (!line.write(event_with(piece))) return;
        }
        is_written = line.write(end_of_stream);
    }};
    mock::Server other;
    auto settings = settings_to(url_of(server));
    settings.timeouts.idle = 50ms;
    Door door;
    std::size_t read = 0;
    Gathered<Chunk> first;
    Gathered<Reply> replies;
    Client client{settings};
    client.stream(
        echo("x"),
        [&](Chunk chunk) {
            read += chunk.text.size();
            if (first.count() > 0) return;
            first.add(std::move(chunk));
            door.pass();
        },
        [&](Reply reply) { replies.add(std::move(reply)); }
    );
    REQUIRE(first.wait_for(1));
    // Long enough for all of it, if it were read.
    Client beside{settings_to(other.base_url())};
    for (int round = 0; round < 20 && !is_written; ++round) {
        std::vector<Request> requests(200, echo("y"));
        for (auto& reply : beside.map(requests)) CHECK(text_of(reply) == "y");
    }
    CHECK_FALSE(is_written);
    CHECK(replies.count() == 0);
    door.open();
    REQUIRE(replies.wait_for(1));
    const auto reply = replies.all().front();
    CHECK_FALSE(reply.fault());
    CHECK(read == pieces * piece.size());
    CHECK(reply.completion()->text.size() == read);
    CHECK(is_written);
}

TEST_CASE("Transfers of the same client go on while a reader is slow.", "[stream]") {
    mock::Server server;
    auto settings = settings_to(server.base_url());
    settings.chunk_buffer = 1;
    Door door;
    Gathered<Chunk> first;
    Heard heard;
    Client client{settings};
    std::string text;
    for (int i = 0; i < 200; ++i) text += "word ";
    client.stream(
        echo(text),
        [&](Chunk chunk) {
            heard.chunks.add(std::move(chunk));
            door.pass();
        },
        heard.on_reply()
    );
    REQUIRE(heard.chunks.wait_for(1));
    std::vector<Request> requests(100, echo("y"));
    std::size_t count = 0;
    for (auto& reply : client.map(requests)) count += text_of(reply) == "y" ? 1 : 0;
    CHECK(count == 100);
    CHECK(heard.replies.count() == 0);
    door.open();
    heard.reply();
    CHECK(heard.text() == text);
}

TEST_CASE("Readers take turns: a long answer does not keep a short one waiting.", "[stream]") {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "word ";
    mock::Server server;
    Client client{settings_to(server.base_url())};
    Gathered<std::string> order;
    Door door;
    client.stream(
        echo(text),
        [&](Chunk) {
            order.add("long");
            door.pass();
        },
        [&](Reply) { order.add("end of long"); }
    );
    REQUIRE(order.wait_for(1));
    client.stream(
        echo("short"), [&](Chunk) {}, [&](Reply) { order.add("end of short"); }
    );
    while (client.tally().completed == 0) std::this_thread::yield();
    client.tally();  // After the turn in which its reply was handed over.
    door.open();
    client.drain();
    const auto all = order.all();
    const auto at = std::find(all.begin(), all.end(), "end of short");
    REQUIRE(at != all.end());
    CHECK(at - all.begin() < 100);
    CHECK(all.size() == 2002);
}

TEST_CASE("A reader cancels from inside, and gets no further piece.", "[stream]") {
    mock::Server server;
    Client client{settings_to(server.base_url())};
    for (const bool all : {false, true}) {
        Heard heard;
        std::string text;
        for (int i = 0; i < 1000; ++i) text += "word ";
        client.stream(
            echo(text),
            [&](Chunk chunk) {
                if (all) {
                    client.cancel();
                } else {
                    client.cancel(chunk.id);
                }
                heard.chunks.add(std::move(chunk));
            },
            heard.on_reply()
        );
        const auto reply = heard.reply();
        CHECK(heard.chunks.count() == 1);
        // Or it was complete before.
        if (reply.fault()) CHECK(fault_of(reply) == FaultKind::cancelled);
        CHECK(reply.begun);
        CHECK(reply.attempts == 1);
    }
    client.drain();
    CHECK(client.tally().is_consistent());
}

TEST_CASE("A stalled stream is cancelled from outside.", "[stream]") {
    mock::Server server{weather_of({.fault = Mishap::stall, .after_tokens = 2})};
    Heard heard;
    Client client{settings_to(server.base_url())};
    const auto id = client.stream(echo("one two three"), heard.on_chunk(), heard.on_reply());
    REQUIRE(heard.chunks.wait_for(1));
    client.cancel(id);
    CHECK(fault_of(heard.reply()) == FaultKind::cancelled);
    CHECK(heard.reply().begun);
}

TEST_CASE("A client that is destroyed calls no reader any more.", "[stream]") {
    mock::Server server;
    std::string text;
    for (int i = 0; i < 3000; ++i) text += "word ";
    for (const std::size_t threads : {0u, 1u, 2u}) {
        auto settings = settings_to(server.base_url());
        settings.wire_threads = threads;
        settings.chunk_buffer = 200;
        Heard heard;
        auto alive = std::make_shared<int>(1);
        const std::weak_ptr<int> watch = alive;
        auto client = std::make_unique<Client>(settings);
        for (int i = 0; i < 3; ++i) {
            client->stream(
                echo(text),
                [&heard, alive](Chunk chunk) { heard.chunks.add(std::move(chunk)); },
                heard.on_reply()
            );
        }
        alive.reset();
        REQUIRE(heard.chunks.wait_for(1));
        client.reset();
        CHECK(watch.expired());
        const auto count = heard.chunks.count();
        std::this_thread::yield();
        CHECK(heard.chunks.count() == count);
    }
}

TEST_CASE("A reader may destroy its own client.", "[stream]") {
    mock::Server server;
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "word ";
    for (const std::size_t threads : {0u, 1u}) {
        auto settings = settings_to(server.base_url());
        settings.wire_threads = threads;
        settings.chunk_buffer = 200;
        Heard heard;
        auto client = std::make_unique<Client>(settings);
        client->stream(
            echo(text),
            [&](Chunk chunk) {
                client.reset();
                heard.chunks.add(std::move(chunk));
            },
            heard.on_reply()
        );
        REQUIRE(heard.chunks.wait_for(1));
        CHECK(heard.chunks.count() == 1);
        CHECK(heard.replies.count() == 0);
    }
}

TEST_CASE("A reader that throws is logged, and gets the rest.", "[stream]") {
    mock::Server server;
    Gathered<std::string> log;
    auto settings = settings_to(server.base_url());
    settings.log = [&](LogLevel, std::string_view text) { log.add(std::string{text}); };
    Heard heard;
    Client client{settings};
    client.stream(
        echo("one two three"),
        [&](Chunk chunk) {
            const bool is_first = heard.chunks.count() == 0;
            heard.chunks.add(std::move(chunk));
            if (is_first) throw std::runtime_error{"out of luck"};
        },
        heard.on_reply()
    );
    heard.reply();
    CHECK(heard.text() == "one two three");
    REQUIRE(log.wait_for(1));
    CHECK(log.all().front().find("out of luck") != std::string::npos);
}

TEST_CASE("Many streams at once get their own pieces.", "[stream]") {
    mock::Server server;
    for (const std::size_t threads : {0u, 2u}) {
        auto settings = settings_to(server.base_url());
        settings.wire_threads = threads;
        settings.hedging = threads == 2;
        settings.chunk_buffer = 300;
        constexpr std::size_t count = 200;
        std::vector<std::string> texts(count);
        std::size_t equal = 0;
        Client client{settings};
        for (std::size_t i = 0; i < count; ++i) {
            std::string text = "number " + std::to_string(i);
            for (int word = 0; word < 30; ++word) text += " word";
            Request request = echo(text);
            request.tag = i;
            client.stream(
                request,
                [&](Chunk chunk) { texts[chunk.tag] += chunk.text; },
                [&, text](Reply reply) {
                    equal += text_of(reply) == text && texts[reply.tag] == text ? 1 : 0;
                }
            );
        }
        client.drain();
        CHECK(equal == count);
        CHECK(client.tally().is_consistent());
    }
}

// A model that writes so many pieces, and says this in the end.
struct Writer final : Model {
    Writer(int count, bool fails) : count_{count}, fails_{fails} {}
    Expected<Completion, Fault> complete(const Request&, const OnChunk& on_chunk, std::stop_token)
        override {
        for (int i = 0; i < count_; ++i) on_chunk("word ");
        if (fails_) return Fault{.kind = FaultKind::server_error, .detail = "out of luck"};
        return Completion{.text = count_ > 0 ? "" : "at once"};
    }
    int count_;
    bool fails_;
};

TEST_CASE("The pieces of a model in this process are handed on as it writes them.", "[stream]") {
    for (const int count : {0, 3}) {
        for (const bool fails : {false, true}) {
            std::atomic<int> asked = 0;
            Settings settings;
            settings.backoff = {.base = 1us, .max = 1ms};
            settings.local = LocalPool{};
            settings.local->devices = {"cpu"};
            settings.local->factory = [&](const Device&) {
                ++asked;
                return Expected<std::unique_ptr<Model>, std::string>{
                    std::make_unique<Writer>(count, fails)};
            };
            Heard heard;
            Client client{settings};
            REQUIRE_FALSE(client.complaint());
            client.stream(echo("x"), heard.on_chunk(), heard.on_reply());
            const auto reply = heard.reply();
            CHECK(reply.begun == (count > 0 || !fails));
            if (fails) {
                CHECK(fault_of(reply) == FaultKind::server_error);
                CHECK(reply.attempts == (count > 0 ? 1 : settings.attempts));
            } else {
                CHECK(heard.text() == (count > 0 ? "word word word " : "at once"));
                CHECK(heard.chunks.count() == (count > 0 ? 3 : 1));
                CHECK(text_of(reply) == heard.text());
            }
        }
    }
}

TEST_CASE("A request that is asked for as usual hands on nothing.", "[stream]") {
    mock::Server server;
    Client client{settings_to(server.base_url())};
    auto future = client.ask({.prompt = "echo:one two", .stream = true, .tag = 5});
    const auto reply = get(future);
    CHECK(text_of(reply) == "one two");
    CHECK_FALSE(reply.begun);
    CHECK(reply.tag == 5);
}

}  // namespace
}  // namespace skein
