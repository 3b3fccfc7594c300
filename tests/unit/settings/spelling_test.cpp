#include "settings/spelling.hpp"

#include "support/catch.hpp"

using namespace skein::config;

namespace {
constexpr std::string_view known[] = {"in_flight", "window", "attempts", "rpm", "tpm"};
}

TEST_CASE("The edit distance of two words counts letters, and a swap as one.", "[config]") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("abc", "") == 3);
    CHECK(edit_distance("rpm", "rpm") == 0);
    CHECK(edit_distance("rmp", "rpm") == 1);
    CHECK(edit_distance("windw", "window") == 1);
    CHECK(edit_distance("inflight", "in_flight") == 1);
    CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("The nearest word is suggested if it is similar enough.", "[config]") {
    CHECK(nearest("in_fligth", known) == "in_flight");
    CHECK(nearest("inflight", known) == "in_flight");
    CHECK(nearest("attempt", known) == "attempts");
    CHECK(nearest("tmp", known) == "tpm");
    CHECK(nearest("colour", known).empty());
    CHECK(nearest("x", known).empty());
    CHECK(nearest("", known).empty());
    CHECK(nearest(std::string(100'000, 'w'), known).empty());
}

TEST_CASE("Advice for a misspelt word names the nearest word, or all words.", "[config]") {
    CHECK(advice("windoow", known) == "; did you mean 'window'?");
    CHECK(advice("colour", known) == "; it can be: in_flight, window, attempts, rpm, tpm");
}
