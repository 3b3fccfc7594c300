#include "app/result.hpp"

#include "app/command.hpp"
#include "json/text.hpp"

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

int complain(Terminal& terminal, std::string_view what) {
    terminal.print("skein: " + json::printable(what, 8192) + "\n");
    return wrong_usage;
}

}  // namespace skein::app
