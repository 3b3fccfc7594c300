#include "base/find_program.hpp"

#include "support/catch.hpp"

using namespace skein;

TEST_CASE("A program is found by its name in PATH or by its path, if it can be run.", "[base]") {
    CHECK(find_program("sh").ends_with("/sh"));
    CHECK(find_program("/bin/sh") == "/bin/sh");
    CHECK(find_program("/etc/passwd").empty());
    CHECK(find_program("no-such-program").empty());
}
