#include "mock_server/ledger.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace skein::mock;
using namespace std::chrono_literals;

TEST_CASE("the ledger counts those in flight, and the most there were at once", "[mock]") {
    Book book{10};
    const auto a = book.begin({});
    const auto b = book.begin({});
    book.finish(a, {.answered = "200"});
    const auto c = book.begin({});
    CHECK(book.sums().in_flight == 2);
    CHECK(book.sums().max_in_flight == 2);
    book.finish(b, {.answered = "200"});
    book.finish(c, {.answered = "503"});
    CHECK(book.sums().in_flight == 0);
    CHECK(book.sums().requests == 3);
    CHECK(book.sums().answered == std::map<std::string, std::uint64_t>{{"200", 2}, {"503", 1}});
}

TEST_CASE("an entry is filled in as the request goes on", "[mock]") {
    Book book{10};
    const auto number = book.begin({.arrived = 5ms, .request = "r", .attempt = 2, .path = "/v1/x"});
    book.read(number, 100, 77);
    CHECK_FALSE(book.copy().entries.at(0).finished);
    book.finish(number, {.at = 9ms, .answered = "stall", .bytes_sent = 12, .client_left = true});
    const auto entry = book.copy().entries.at(0);
    CHECK(entry.finished == 9ms);
    CHECK(entry.body_bytes == 100);
    CHECK(entry.prompt_hash == 77);
    CHECK(entry.answered == "stall");
    CHECK(entry.bytes_sent == 12);
    CHECK(entry.client_left);
    CHECK(book.sums().client_left == 1);
}

TEST_CASE("only the latest entries are kept, but everything counts", "[mock]") {
    Book book{2};
    std::vector<std::uint64_t> numbers;
    for (int i = 0; i < 5; ++i) numbers.push_back(book.begin({}));
    for (const auto number : numbers) book.finish(number, {.at = 1ms, .answered = "200"});
    const auto ledger = book.copy();
    REQUIRE(ledger.entries.size() == 2);
    CHECK(ledger.entries[0].number == 3);
    CHECK(ledger.entries[1].finished);
    CHECK(ledger.requests == 5);
    CHECK(ledger.answered.at("200") == 5);

    Book none{0};
    none.finish(none.begin({.request = "a"}), {.answered = "200"});
    CHECK(none.copy().entries.empty());
    CHECK(none.sums().requests == 1);
}

TEST_CASE("the ledger knows how often the same request came", "[mock]") {
    Book book{10};
    for (const auto* id : {"a", "b", "a", "", "", "", "a"}) book.begin({.request = id});
    CHECK(book.sums().max_with_one_id == 3);
}

TEST_CASE("what is forgotten is not counted when it ends, yet was in flight", "[mock]") {
    Book book{10};
    const auto old = book.begin({});
    book.forget();
    CHECK(book.sums().requests == 0);
    CHECK(book.sums().in_flight == 1);
    const auto fresh = book.begin({});
    CHECK(book.sums().max_in_flight == 2);
    book.finish(old, {.answered = "200"});
    CHECK(book.sums().in_flight == 1);
    CHECK(book.sums().answered.empty());
    book.finish(fresh, {.answered = "200"});
    CHECK(book.copy().entries.at(0).answered == "200");
}

TEST_CASE("the ledger is told as JSON, whatever the client called its request", "[mock]") {
    Book book{10};
    book.finish(book.begin({.request = "a\"\n\xFF", .path = "/x"}), {.at = 3ns, .answered = "200"});
    book.begin({});
    std::string line;
    append_entry(line, book.entries()[0]);
    CHECK(line.find('\n') == line.size() - 1);
    const auto entry = nlohmann::json::parse(line);
    CHECK(entry["request"] == "a\"\n\xEF\xBF\xBD");
    CHECK(entry["finished_ns"] == 3);
    CHECK(entry["answered"] == "200");
    std::string open;
    append_entry(open, book.entries()[1]);
    CHECK(nlohmann::json::parse(open)["finished_ns"].is_null());
    const auto sums = nlohmann::json::parse(sums_text(book.sums()));
    CHECK(sums["requests"] == 2);
    CHECK(sums["in_flight"] == 1);
    CHECK(sums["answered"]["200"] == 1);
    CHECK(nlohmann::json::parse(sums_text({}))["answered"].empty());
}
