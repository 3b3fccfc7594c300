#include "base/find_program.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <unistd.h>

namespace skein {
namespace fs = std::filesystem;

namespace {

bool can_be_run(const fs::path& file) {
    std::error_code error;
    return fs::is_regular_file(file, error) && access(file.c_str(), X_OK) == 0;
}

}  // namespace

std::string find_program(const std::string& name) {
    std::error_code error;
    if (name.find('/') != std::string::npos) {
        return can_be_run(name) ? fs::absolute(name, error).string() : std::string{};
    }
    const char* path = std::getenv("PATH");
    std::string_view rest{path ? path : "/usr/local/bin:/usr/bin:/bin"};
    while (!rest.empty()) {
        const auto end = std::min(rest.find(':'), rest.size());
        const fs::path folder{rest.substr(0, end)};
        // An empty entry means the current folder to a shell. It is skipped here.
        if (!folder.empty() && can_be_run(folder / name)) {
            return fs::absolute(folder / name, error).string();
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

}  // namespace skein
