#include "base/random.hpp"
#include "support/catch.hpp"

#include <skein/secret.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>
#include <type_traits>
#include <utility>

using skein::Secret;
using skein::SplitMix;

namespace {

template <class T>
concept streamable = requires(std::ostream& out, const T& value) {
    out << value;
};

}  // namespace

TEST_CASE("A secret cannot be streamed or converted to text.", "[base]") {
    STATIC_REQUIRE_FALSE(streamable<Secret>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<Secret, std::string>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<Secret, std::string_view>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<std::string, Secret>);
    CHECK(Secret{"CANARY-key"}.reveal() == "CANARY-key");
}

TEST_CASE("Copying a secret keeps both, moving one wipes the source.", "[base]") {
    for (const std::string value :
         {"short", "a longer one that does not fit into the string itself"}) {
        Secret first{value};
        Secret copy{first};
        CHECK(copy.reveal() == value);
        CHECK(first.reveal() == value);

        Secret moved{std::move(first)};
        CHECK(moved.reveal() == value);
        CHECK(first.empty());  // NOLINT: tests the moved-from state.

        Secret assigned{"before"};
        assigned = moved;
        CHECK(assigned.reveal() == value);
        assigned = std::move(copy);
        CHECK(assigned.reveal() == value);
        CHECK(copy.empty());  // NOLINT
    }
}

TEST_CASE("Assigning a secret to itself keeps its value.", "[base]") {
    Secret key{"CANARY-key"};
    auto& same = key;
    key = same;
    CHECK(key.reveal() == "CANARY-key");
    key = std::move(same);
    CHECK(key.reveal() == "CANARY-key");
}

TEST_CASE(
    "A secret from the environment loses one line end, and does not exist if it is empty.", "[base]"
) {
    const auto from = [](const char* value) {
        ::setenv("SKEIN_TEST_SECRET", value, 1);
        auto secret = Secret::from_env("SKEIN_TEST_SECRET");
        ::unsetenv("SKEIN_TEST_SECRET");
        return secret;
    };
    CHECK(from("CANARY-key")->reveal() == "CANARY-key");
    CHECK(from("CANARY-key\n")->reveal() == "CANARY-key");
    CHECK(from("CANARY-key\r\n")->reveal() == "CANARY-key");
    CHECK(from("CANARY-key\n\n")->reveal() == "CANARY-key\n");
    CHECK_FALSE(from(""));
    CHECK_FALSE(from("\n"));
    CHECK_FALSE(Secret::from_env("SKEIN_TEST_SECRET"));
}

TEST_CASE("Redaction masks every occurrence of a key in a text.", "[base]") {
    const Secret key{"CANARY-key"};
    CHECK(key.redact("wrong key: CANARY-key.") == "wrong key: [key].");
    CHECK(key.redact("CANARY-keyCANARY-key") == "[key][key]");
    CHECK(key.redact("") == "");
    CHECK(Secret{}.redact("nothing to hide") == "nothing to hide");
    CHECK(Secret{"abc"}.redact("abc") == "abc");                // Would mask ordinary words.
    CHECK(Secret{"[key]"}.redact("x [key] y") == "x [key] y");  // Terminates.
}

TEST_CASE("Redaction masks a key in another case of letters, cut, or in halves.", "[base]") {
    const Secret key{"CANARY-7f3e-0123456789-abcdefghij"};
    for (const std::string quoted :
         {"canary-7f3e-0123456789-abcdefghij",
          "CANARY-7F3E-0123456789-ABCDEFGHIJ",
          "CANARY-7f3e-0123",
          "6789-abcdefghij",
          "7f3e-012",
          "CANARY-7F3e"}) {
        INFO(quoted);
        CHECK(key.redact(quoted) == "[key]");
        CHECK(key.redact("wrong: " + quoted + "…") == "wrong: [key]…");
        CHECK(key.redact(quoted + ' ' + quoted) == "[key] [key]");
    }
    CHECK(key.redact("CANARY-7***ghij") == "[key]***ghij");
    CHECK(key.redact("CANARY7f3e") == "CANARY7f3e");  // No piece has eight characters.
    CHECK(Secret{"abcd-efg"}.redact("abcd, efg") == "[key], efg");
    CHECK(Secret{"abcd"}.redact("abc bcd ABCD") == "abc bcd [key]");
}

TEST_CASE("Redaction masks a piece of a key at any position of a text.", "[base]") {
    const std::string key = "CANARY-7f3e-0123456789";
    for (std::size_t begin = 0; begin < key.size(); ++begin) {
        for (std::size_t length = 8; begin + length <= key.size(); ++length) {
            for (std::size_t lead = 0; lead < 20; ++lead) {
                const auto piece = key.substr(begin, length);
                const auto text = std::string(lead, '.') + piece + "...";
                REQUIRE(Secret{key}.redact(text) == std::string(lead, '.') + "[key]...");
            }
        }
    }
}

TEST_CASE("A redacted text of any content contains no piece of the key.", "[base]") {
    SplitMix random{5};
    const auto some = [&](std::size_t length) {
        std::string text(length, ' ');
        for (char& c : text) c = "abcABC"[random() % 6];
        return text;
    };
    for (int round = 0; round < 5000; ++round) {
        const auto key = some(4 + random() % 40);
        const auto min = std::clamp<std::size_t>((key.size() + 1) / 2, 4, 8);
        auto text = some(random() % 30) + key.substr(random() % key.size()) + some(random() % 30);
        auto rest = Secret{key}.redact(text);
        for (std::size_t at = 0; (at = rest.find("[key]", at)) != std::string::npos;) {
            rest.replace(at, 5, "|");
        }
        for (auto* letters : {&text, &rest})
            std::ranges::transform(*letters, letters->begin(), ::tolower);
        auto whole = key;
        std::ranges::transform(whole, whole.begin(), ::tolower);
        for (std::size_t at = 0; at + min <= whole.size(); ++at) {
            REQUIRE(rest.find(whole.substr(at, min)) == std::string::npos);
        }
        if (rest.find('|') == std::string::npos) CHECK(rest == text);
    }
}
