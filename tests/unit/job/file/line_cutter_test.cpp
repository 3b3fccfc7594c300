#include "job/file/line_cutter.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace skein::job;

namespace {

// Everything cut out of `text`, given in pieces of at most `piece` bytes.
std::vector<std::string> cut(std::string_view text, LineCutter cutter, std::size_t piece) {
    std::vector<std::string> lines;
    for (bool more = true; more;) {
        while (const auto line = cutter.next()) {
            auto shown = std::to_string(line->number) + '@' + std::to_string(line->offset) + ':';
            shown +=
                line->too_long ? "(" + std::to_string(line->length) + ")" : std::string{line->text};
            lines.push_back(shown + (line->ended ? "$" : ""));
        }
        const auto room = cutter.room();
        REQUIRE(!room.empty());
        const auto count = std::min({room.size(), piece, text.size()});
        std::ranges::copy(text.substr(0, count), room.begin());
        text.remove_prefix(count);
        cutter.filled(count);
        if (count == 0) {
            cutter.end();
            if (const auto line = cutter.next()) {
                lines.push_back(
                    std::to_string(line->number) + (line->too_long ? "long" : "") + ':' +
                    std::string{line->text} + (line->ended ? "$" : "")
                );
            }
            more = false;
        }
    }
    return lines;
}

}  // namespace

TEST_CASE("The lines of an input do not depend on where its bytes are split.", "[job]") {
    const std::string text = "one\n\ntwo\r\nthree is longer than a block\nlast";
    const auto whole = cut(text, LineCutter{100}, text.size());
    CHECK(
        whole ==
        std::vector<std::string>{
            "1@0:one$", "2@4:$", "3@5:two\r$", "4@10:three is longer than a block$", "5:last"}
    );
    for (std::size_t block = 1; block < 12; ++block) {
        for (std::size_t piece = 1; piece < 12; ++piece) {
            REQUIRE(cut(text, LineCutter{100, block}, piece) == whole);
        }
    }
}

TEST_CASE(
    "A line above the maximum length is counted and measured, but its text is not kept.", "[job]"
) {
    const std::string text = "short\n" + std::string(1000, 'x') + "\nnext\n" + std::string(11, 'y');
    for (const std::size_t piece : {1u, 7u, 2000u}) {
        const auto lines = cut(text, LineCutter{10, 16}, piece);
        CHECK(
            lines == std::vector<std::string>{"1@0:short$", "2@6:(1000)$", "3@1007:next$", "4long:"}
        );
    }
}

TEST_CASE(
    "The memory of the line cutter does not grow with a line above the maximum length.", "[job]"
) {
    LineCutter cutter{1000, 100};
    for (int i = 0; i < 10'000; ++i) {
        const auto room = cutter.room();
        REQUIRE(room.size() < 5000);
        std::ranges::fill(room, 'x');
        cutter.filled(room.size());
        REQUIRE(!cutter.next());
    }
    cutter.end();
    const auto line = cutter.next();
    REQUIRE(line);
    CHECK(line->too_long);
    CHECK(!cutter.next());
}
