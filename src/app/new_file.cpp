#include "app/new_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace skein::app {

NewFile write_new_file(const std::string& path, std::string_view text) {
    using State = NewFile::State;
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0) return {errno == EEXIST ? State::exists : State::failed, std::strerror(errno)};
    int why = 0;
    while (why == 0 && !text.empty()) {
        const auto count = ::write(file, text.data(), text.size());
        if (count > 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            why = errno;
        }
    }
    if (::close(file) != 0 && why == 0) why = errno;
    if (why == 0) return {};
    // Half a file would be taken for one that somebody filled in.
    ::unlink(path.c_str());
    return {State::failed, std::strerror(why)};
}

}  // namespace skein::app
