#include "wire/head.hpp"

#include "support/catch.hpp"

using namespace skein;
using wire::Head;

namespace {

Head fresh(std::size_t limit = 1000) {
    Head head;
    head.begin(limit);
    return head;
}

std::optional<wire::Objection> read(Head& head, std::initializer_list<const char*> lines) {
    for (const auto* line : lines) {
        if (auto objection = head.read(std::string{line} + "\r\n")) return objection;
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("A head is complete at its empty line, with status and header lines.", "[wire]") {
    auto head = fresh();
    CHECK_FALSE(read(head, {"HTTP/1.1 503 Busy", "Retry-After:  7 ", "x-empty:", "no colon"}));
    CHECK_FALSE(head.complete());
    CHECK(head.status() == 0);
    CHECK_FALSE(read(head, {""}));
    CHECK(head.complete());
    CHECK(head.status() == 503);
    CHECK(head.headers().get("retry-after") == "7");
    CHECK(head.headers().get("X-Empty") == "");
    CHECK(head.headers().lines().size() == 2);
}

TEST_CASE("Interim answers leave no status and no headers.", "[wire]") {
    auto head = fresh();
    read(head, {"HTTP/1.1 103 Early Hints", "link: </a>", "content-length: 9", ""});
    CHECK_FALSE(head.complete());
    CHECK_FALSE(read(head, {"HTTP/1.1 200 OK", "content-length: 3", ""}));
    CHECK(head.complete());
    CHECK(head.status() == 200);
    CHECK_FALSE(head.headers().get("link"));
}

TEST_CASE("All heads of an answer and its trailers share one limit.", "[wire]") {
    auto head = fresh(100);
    for (int i = 0; i < 5; ++i) CHECK_FALSE(read(head, {"HTTP/1.1 103", ""}));
    const auto objection = read(head, {"HTTP/1.1 103 Once too often", ""});
    REQUIRE(objection);
    CHECK(objection->kind == FaultKind::too_large);

    auto trailing = fresh(100);
    CHECK_FALSE(read(trailing, {"HTTP/1.1 200 OK", "", "x-trailer: 1"}));
    CHECK_FALSE(trailing.headers().get("x-trailer"));
    CHECK(read(trailing, {std::string(100, 'x').c_str()}));
}

TEST_CASE("A head with ambiguous framing of the body is refused.", "[wire]") {
    auto same = fresh();
    CHECK_FALSE(read(same, {"HTTP/1.1 200 OK", "Content-Length: 5", "content-length: 5", ""}));

    auto two = fresh();
    const auto objection = read(two, {"HTTP/1.1 200 OK", "Content-Length: 5", "content-length: 6"});
    REQUIRE(objection);
    CHECK(objection->kind == FaultKind::bad_response);

    for (const bool length_first : {true, false}) {
        auto both = fresh();
        const char* length = "content-length: 5";
        const char* coding = "Transfer-Encoding: chunked";
        CHECK(read(
            both,
            {"HTTP/1.1 200 OK", length_first ? length : coding, length_first ? coding : length}
        ));
    }
}

TEST_CASE("The head parser is reset for every answer.", "[wire]") {
    auto head = fresh();
    read(head, {"HTTP/1.1 200 OK", "content-length: 5", "x-old: 1", ""});
    head.begin(1000);
    CHECK_FALSE(head.complete());
    CHECK(head.status() == 0);
    CHECK_FALSE(read(head, {"HTTP/1.1 404 Not Found", "content-length: 6", ""}));
    CHECK_FALSE(head.headers().get("x-old"));
}
