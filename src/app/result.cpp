#include "app/result.hpp"

#include "app/command.hpp"

#include <unistd.h>

namespace skein::app {

int print_result(std::string_view text) {
    while (!text.empty()) {
        const auto written = write(STDOUT_FILENO, text.data(), text.size());
        if (written <= 0) return local_failure;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return all_completed;
}

}  // namespace skein::app
