#include "process/environment.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace skein::local;

TEST_CASE("a variable that is set takes the place of the one that was there", "[local]") {
    std::vector<std::string> environment{"CUDA_VISIBLE_DEVICES=0,1", "PATH=/bin", "CUDA_VISIBLE=x"};
    set_variable(environment, "CUDA_VISIBLE_DEVICES", "1");
    set_variable(environment, "NEW", "");
    CHECK(
        environment ==
        std::vector<std::string>{"PATH=/bin", "CUDA_VISIBLE=x", "CUDA_VISIBLE_DEVICES=1", "NEW="}
    );
}

TEST_CASE("a program is found in PATH, or where it is said to be", "[local]") {
    CHECK(find_program("sh").ends_with("/sh"));
    CHECK(find_program("/bin/sh") == "/bin/sh");
    CHECK(find_program("/etc/passwd").empty());
    CHECK(find_program("no-such-program").empty());
}
