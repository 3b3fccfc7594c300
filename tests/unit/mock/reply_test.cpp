#include "mock_server/reply.hpp"

#include "mock_server/spoil.hpp"
#include "support/catch.hpp"

#include <boost/beast/zlib/inflate_stream.hpp>

using namespace skein::mock;
using namespace std::chrono_literals;

namespace {

std::string bytes_of(const Script& script) {
    std::string all;
    for (const auto& step : script.steps) {
        for (std::size_t i = 0; i < step.times; ++i) all += step.bytes;
    }
    return all;
}

skein::Duration duration_of(const Script& script) {
    skein::Duration sum{};
    for (const auto& step : script.steps) sum += step.wait;
    return sum;
}

Reply plain() {
    auto reply = plain_reply(200, R"({"answer":"yes"})");
    reply.pieces.front().wait = 5ms;
    return reply;
}

Reply stream() {
    using Kind = Frame::Kind;
    Reply reply{.chunked = true};
    reply.pieces.push_back({0ms, "", Kind::opening});
    reply.pieces.push_back({0ms, "role|", Kind::opening});
    reply.pieces.push_back({20ms, "a|", Kind::token});
    reply.pieces.push_back({1ms, "b|", Kind::token});
    reply.pieces.push_back({1ms, "c|", Kind::token});
    reply.pieces.push_back({0ms, "finish|", Kind::finish});
    reply.pieces.push_back({0ms, "done|", Kind::done});
    return reply;
}

// The body of a stream, chunks put together; `...` if the last chunk is missing.
std::string events_of(const Script& script) {
    auto rest = bytes_of(script).substr(script.head);
    std::string events;
    while (!rest.empty()) {
        const auto size = std::stoul(rest, nullptr, 16);
        if (size == 0) return events;
        const auto start = rest.find("\r\n") + 2;
        events += rest.substr(start, size);
        rest.erase(0, start + size + 2);
    }
    return events + "...";
}

}  // namespace

TEST_CASE("a plain reply waits, and then is one write", "[mock]") {
    const auto script = script_of(plain(), false);
    REQUIRE(script.steps.size() == 1);
    CHECK(script.steps[0].wait == 5ms);
    CHECK(script.steps[0].bytes.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(script.steps[0].bytes.find("content-length: 16\r\n") != std::string::npos);
    CHECK(bytes_of(script).substr(script.head) == R"({"answer":"yes"})");
    CHECK(script.ending == Ending::keep);
}

TEST_CASE("a stream sends its head at once, and each token in its time", "[mock]") {
    const auto script = script_of(stream(), false);
    REQUIRE(script.steps.size() == 4);
    CHECK(script.steps[0].wait == 0ms);
    CHECK(script.steps[0].bytes.ends_with("5\r\nrole|\r\n"));
    CHECK(script.steps[1].wait == 20ms);
    CHECK(script.steps[1].bytes == "2\r\na|\r\n");
    CHECK(script.steps[2].wait == 1ms);
    CHECK(events_of(script) == "role|a|b|c|finish|done|");
}

TEST_CASE("a stream that need not wait is one write", "[mock]") {
    auto reply = stream();
    for (auto& piece : reply.pieces) piece.wait = {};
    CHECK(script_of(std::move(reply), false).steps.size() == 1);
}

TEST_CASE("who closes says so", "[mock]") {
    const auto script = script_of(plain(), true);
    CHECK(script.ending == Ending::close);
    CHECK(bytes_of(script).find("connection: close\r\n") != std::string::npos);
}

TEST_CASE("a script cut anywhere sends the same bytes up to there", "[mock]") {
    const auto whole = bytes_of(script_of(stream(), false));
    for (std::size_t size = 0; size <= whole.size() + 3; ++size) {
        auto script = script_of(stream(), false);
        cut(script, size);
        REQUIRE(bytes_of(script) == whole.substr(0, size));
    }
}

TEST_CASE("a script slowed down sends the same bytes, few at a time", "[mock]") {
    const auto whole = bytes_of(script_of(stream(), false));
    for (const std::size_t bytes : {1u, 2u, 7u, 1000u}) {
        auto script = script_of(stream(), false);
        slow_down(script, script.head, whole.size(), bytes, 3ms);
        REQUIRE(bytes_of(script) == whole);
        CHECK(script.steps[0].bytes.size() == script.head);
        for (std::size_t i = 1; i < script.steps.size(); ++i) {
            REQUIRE(script.steps[i].bytes.size() <= bytes);
            REQUIRE(script.steps[i].wait >= 3ms);
        }
    }
    auto head = script_of(plain(), false);
    slow_down(head, 0, head.head, 1, 1ms);
    CHECK(head.steps.size() == head.head + 1);
    CHECK(duration_of(head) == 5ms + 1ms * head.head);
}

TEST_CASE("a fault at a token leaves the tokens before it", "[mock]") {
    const auto events = [](Mishap fault, std::size_t tokens) {
        return events_of(spoil({.fault = fault, .after_tokens = tokens}, stream(), false));
    };
    CHECK(events(Mishap::cut_stream, 0) == "role|");
    CHECK(events(Mishap::cut_stream, 2) == "role|a|b|");
    CHECK(events(Mishap::cut_stream, 9) == "role|a|b|c|");
    CHECK(events(Mishap::done_without_finish, 0) == "role|a|b|c|done|");
    CHECK(events(Mishap::error_in_stream, 1).starts_with("role|a|data: {\"error\":"));
    CHECK(events(Mishap::stall, 0) == "...");
    CHECK(events(Mishap::stall, 2) == "role|a|b|...");
}

TEST_CASE("a truncated reply announces more than it sends", "[mock]") {
    const auto script = spoil({.fault = Mishap::truncate, .after_bytes = 4}, plain(), false);
    CHECK(bytes_of(script).substr(script.head) == R"({"an)");
    CHECK(bytes_of(script).find("content-length: 16") != std::string::npos);
    CHECK(script.ending == Ending::close);
}

TEST_CASE("a wrong length announces less than it sends", "[mock]") {
    const auto script = spoil({.fault = Mishap::wrong_length, .bytes = 6}, plain(), false);
    CHECK(bytes_of(script).substr(script.head).size() == 16);
    CHECK(bytes_of(script).find("content-length: 10\r\n") != std::string::npos);
}

TEST_CASE("a huge reply has the size that was asked for, and needs little memory", "[mock]") {
    for (const std::size_t size : {1u, 100u, 65536u, 1'000'000u}) {
        for (auto reply : {plain(), stream()}) {
            const auto script = spoil({.fault = Mishap::huge, .bytes = size}, reply, false);
            const auto body = bytes_of(script).substr(script.head);
            CHECK(body.size() == std::max<std::size_t>(size, 50));
            CHECK(
                bytes_of(script).find("content-length: " + std::to_string(body.size())) !=
                std::string::npos
            );
            for (const auto& step : script.steps) CHECK(step.bytes.size() < 70'000);
        }
    }
}

TEST_CASE("a bomb is small, and unpacks to what was asked for, with a true checksum", "[mock]") {
    for (const std::size_t size : {1u, 2064u, 1'000'000u, 30'000'000u}) {
        const auto script = spoil({.fault = Mishap::deflate_bomb, .bytes = size}, stream(), false);
        const auto body = bytes_of(script).substr(script.head);
        CHECK(body.size() < 64 + size / 100);
        const auto length = "content-length: " + std::to_string(body.size()) + "\r\n";
        CHECK(bytes_of(script).find(length) != std::string::npos);

        std::string unpacked(size + 5000, '\0');
        boost::beast::zlib::inflate_stream unzip;
        boost::beast::zlib::z_params window;
        window.next_in = body.data() + 2;  // Beast knows deflate, without the frame of zlib.
        window.avail_in = body.size() - 2;
        window.next_out = unpacked.data();
        window.avail_out = unpacked.size();
        boost::beast::error_code error;
        unzip.write(window, boost::beast::zlib::Flush::sync, error);
        CHECK(error == boost::beast::zlib::error::end_of_stream);
        CHECK(window.avail_in == 4);
        unpacked.resize(window.total_out);
        CHECK(unpacked.size() >= size);
        CHECK(unpacked.find_first_not_of('x') == std::string::npos);

        std::uint32_t low = 1;
        std::uint32_t high = 0;
        for (const char c : unpacked) {
            low = (low + static_cast<unsigned char>(c)) % 65521;
            high = (high + low) % 65521;
        }
        std::uint32_t sum = 0;
        for (const char c : body.substr(body.size() - 4)) {
            sum = sum << 8 | static_cast<unsigned char>(c);
        }
        CHECK(sum == (high << 16 | low));
    }
}

TEST_CASE("faults without an answer send nothing, after the time that is said", "[mock]") {
    for (const auto& [fault, ending] : std::vector<std::pair<Mishap, Ending>>{
             {Mishap::hang_up, Ending::close},
             {Mishap::hang_up_reused, Ending::close},
             {Mishap::reset, Ending::reset},
             {Mishap::silence, Ending::stall}}) {
        const auto script = spoil({.fault = fault, .after = 3s}, plain(), false);
        CHECK(bytes_of(script).empty());
        CHECK(duration_of(script) == 3s);
        CHECK(script.ending == ending);
    }
}

TEST_CASE("an error says what it is to say, at once", "[mock]") {
    const Rule rule{.fault = Mishap::status, .status = 429, .headers = {{"retry-after", "7"}}};
    const auto script = spoil(rule, plain(), false);
    CHECK(bytes_of(script).starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
    CHECK(bytes_of(script).find("retry-after: 7\r\n") != std::string::npos);
    CHECK(bytes_of(script).find(R"("type":"rate_limit_error")") != std::string::npos);
    CHECK(duration_of(script) == 0ms);
    CHECK(answered_as(rule) == "429");
    const Rule strange{.fault = Mishap::status, .status = 599, .body = "no"};
    CHECK(bytes_of(spoil(strange, plain(), false)).ends_with("\r\n\r\nno"));
}
