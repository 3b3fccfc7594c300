#include "settings/key_file.hpp"

#include "support/catch.hpp"
#include "unit/config/config_support.hpp"

#include <sys/stat.h>

using namespace skein;
using namespace skein::config;
using Catch::Matchers::Contains;

TEST_CASE("A key file gives the key without one line end.", "[config]") {
    const test::Folder folder;
    for (const auto* text : {"CANARY-key", "CANARY-key\n", "CANARY-key\r\n"}) {
        Secret key;
        REQUIRE_FALSE(read_key_file(folder.write("key", text), key));
        CHECK(key.reveal() == "CANARY-key");
    }
}

TEST_CASE("A key file without a valid key is refused, and its content is not shown.", "[config]") {
    const test::Folder folder;
    Secret key{"before"};
    const auto refusal = [&](const std::string& text) {
        return read_key_file(folder.write("key", text), key).value_or("");
    };
    CHECK_THAT(refusal(""), Contains("is empty"));
    CHECK_THAT(refusal("\n"), Contains("is empty"));
    CHECK_THAT(refusal("CANARY\nsecond\n"), Contains("more than one line") && !Contains("CANARY"));
    CHECK_THAT(refusal("CANARY\n\n"), Contains("more than one line"));
    CHECK_THAT(refusal("CANARY\rx"), Contains("more than one line"));
    CHECK_THAT(refusal(std::string(20'000, 'x')), Contains("larger than 16 KiB"));
    CHECK_THAT(read_key_file(folder.path("none"), key).value_or(""), Contains("does not exist"));
    CHECK_THAT(read_key_file(folder.path(""), key).value_or(""), Contains("is a folder"));
    CHECK(key.reveal() == "before");
}

TEST_CASE("A world-readable key file is detected.", "[config]") {
    const test::Folder folder;
    const auto path = folder.write("key", "CANARY-key\n");
    ::chmod(path.c_str(), 0600);
    CHECK_FALSE(is_world_readable(path));
    ::chmod(path.c_str(), 0644);
    CHECK(is_world_readable(path));
    CHECK_FALSE(is_world_readable(folder.path("none")));
}
