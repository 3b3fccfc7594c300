#include "input/array_cutter.hpp"

#include "support/catch.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace skein::input;

namespace {

// The values, followed by `line!problem` if there is an error.
std::vector<std::string> values_of(
    std::string_view text, std::size_t block = 1000, std::size_t max_length = 1000
) {
    ArrayCutter cutter{max_length, block};
    std::vector<std::string> values;
    for (bool ended = false;;) {
        while (const auto value = cutter.next()) {
            values.push_back(
                value->too_long ? "long" + std::to_string(value->length) : std::string{value->text}
            );
        }
        if (!cutter.problem().empty()) {
            values.push_back(std::to_string(cutter.line()) + "!" + cutter.problem());
        }
        if (ended || !cutter.problem().empty()) return values;
        const auto room = cutter.room();
        const auto count = text.copy(room.data(), room.size());
        text.remove_prefix(count);
        cutter.filled(count);
        ended = count == 0;
        if (ended) cutter.end();
    }
}

using Values = std::vector<std::string>;

}  // namespace

TEST_CASE("A JSON list is split into its values, wherever the bytes are cut.", "[input]") {
    const std::string text =
        " [ {\"a\":\"]},{\\\"\",\n \"b\":[1,{}]} ,\"x,]\\\\\", 17,null\n,[]\n,{}] \n";
    const Values whole{
        "{\"a\":\"]},{\\\"\",\n \"b\":[1,{}]}", "\"x,]\\\\\"", "17", "null", "[]", "{}"};
    for (std::size_t block = 1; block < 40; ++block) REQUIRE(values_of(text, block) == whole);
    CHECK(values_of("[]").empty());
    CHECK(values_of("[1]") == Values{"1"});
}

TEST_CASE("Text that is no JSON list is an error with its line.", "[input]") {
    CHECK(values_of("") == Values{"1!it holds nothing"});
    CHECK(values_of("{}")[0].starts_with("1!it begins with {"));
    CHECK(
        values_of("[{},\n{}") ==
        Values{"{}", "{}", "2!the JSON list is cut off: it is never closed, after 2 whole values"}
    );
    CHECK(values_of("[{}\n{}]") == Values{"{}", "2!a comma is missing behind value 1"});
    CHECK(values_of("[{},]") == Values{"{}", "1!a value is missing behind value 1"});
    CHECK(
        values_of("[{}]\n\n[]") ==
        Values{"{}", "3!something follows behind the end of the JSON list"}
    );
}

TEST_CASE("A value of a JSON list that is too long is reported by its length alone.", "[input]") {
    const std::string text = "[1,\"" + std::string(50, 'x') + "\",{\"a\":2}]";
    for (std::size_t block = 1; block < 70; ++block) {
        REQUIRE(values_of(text, block, 20) == Values{"1", "long52", "{\"a\":2}"});
    }
}
