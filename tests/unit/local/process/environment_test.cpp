#include "local/process/environment.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace skein::local;

TEST_CASE("A variable that is set replaces an older entry of the same name.", "[local]") {
    std::vector<std::string> environment{"CUDA_VISIBLE_DEVICES=0,1", "PATH=/bin", "CUDA_VISIBLE=x"};
    set_variable(environment, "CUDA_VISIBLE_DEVICES", "1");
    set_variable(environment, "NEW", "");
    CHECK(
        environment ==
        std::vector<std::string>{"PATH=/bin", "CUDA_VISIBLE=x", "CUDA_VISIBLE_DEVICES=1", "NEW="}
    );
}
