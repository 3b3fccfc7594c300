#include "job/journal/failure_groups.hpp"

#include "support/catch.hpp"

#include <string>

using namespace skein;
using namespace skein::job;

TEST_CASE(
    "Failed rows with the same fault and message form one group, whatever their numbers.", "[job]"
) {
    FailureGroups groups;
    for (int i = 1; i <= 5; ++i) {
        const auto number = std::to_string(i);
        groups.add(
            {.id = "row-" + number,
             .code = "rejected",
             .words = "HTTP 400 (request a" + number + "b): 512" + number + " tokens are too many"}
        );
    }
    groups.add({.id = "x", .code = "rejected", .words = "HTTP 400: no such field"});
    groups.add({.id = "y", .code = "server_error", .words = "HTTP 400: no such field"});
    const auto list = groups.list();
    REQUIRE(list.size() == 3);
    CHECK(list[0].rows == 5);
    CHECK(list[0].code == "rejected");
    CHECK(list[0].words == "HTTP 400: 5121 tokens are too many");
    CHECK(list[0].ids == std::vector<std::string>{"row-1", "row-2", "row-3"});
    CHECK(list[1].words == "HTTP 400: no such field");
    CHECK(list[2].code == "server_error");
    CHECK(groups.others() == 0);
}

TEST_CASE("Failed rows beyond the maximum of groups are only counted.", "[job]") {
    FailureGroups groups;
    std::string words = "a";
    for (std::size_t i = 0; i < FailureGroups::max_groups + 7; ++i, words += 'a') {
        groups.add({.id = "id", .code = "rejected", .words = words});
    }
    groups.add({.id = "id", .code = "rejected", .words = "a"});
    CHECK(groups.list().size() == FailureGroups::max_groups);
    CHECK(groups.list().front().rows == 2);
    CHECK(groups.others() == 7);
}

TEST_CASE("Long messages and ids of failed rows are cut between two characters.", "[job]") {
    FailureGroups groups;
    std::string name;
    while (name.size() <= FailureGroups::max_id) name += "é";
    groups.add({.id = name, .code = "rejected", .words = std::string(1000, 'x')});
    const auto group = groups.list().front();
    std::string words(FailureGroups::max_words, 'x');
    words += "…";  // Not in one expression: gcc 12 takes that for a write out of bounds under TSan.
    CHECK(group.words == words);
    CHECK(group.ids.front().size() <= FailureGroups::max_id + 3);
    CHECK(cut("aé", 2) == "a…");
    CHECK(cut("aé", 3) == "aé");
}

TEST_CASE("The common words of messages contain no numbers and no identifiers.", "[job]") {
    CHECK(common_words("line 17: it has 5123 tokens") == "line #: it has # tokens");
    CHECK(common_words("id 8f3a-11, x_2y!") == "id #, #!");
    CHECK(common_words("") == "");
    CHECK(common_words("no digits: none") == "no digits: none");
}
