#pragma once
#include <string>
#include <string_view>

namespace skein::app {

// Writes a file that is not there yet. One that is there is kept, whatever it holds.
struct NewFile {
    enum class State { written, exists, failed } state = State::written;
    std::string why{};  // Of `failed`, in the words of the system.
};
NewFile write_new_file(const std::string& path, std::string_view text);

}  // namespace skein::app
