#include "job/file/interrupt.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace skein::job {

// If no eventfd is available (too many open files), only the flag works: calls that do not block
// still end.
Interrupt::Interrupt() : descriptor_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

Interrupt::~Interrupt() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void Interrupt::raise() noexcept {
    raised_.store(true, std::memory_order_release);
    const std::uint64_t one = 1;
    const int before = errno;  // A signal handler must not change errno.
    [[maybe_unused]] const auto ignored = ::write(descriptor_, &one, sizeof one);
    errno = before;
}

bool wait_for(int descriptor, short events, const Interrupt* interrupt) noexcept {
    std::array<pollfd, 2> watched{{
        {.fd = descriptor, .events = events, .revents = 0},
        {.fd = interrupt ? interrupt->descriptor() : -1, .events = POLLIN, .revents = 0},
    }};
    for (;;) {
        const bool raised = interrupt && interrupt->raised();
        if (raised && events == POLLIN) return false;
        const int ready = ::poll(watched.data(), watched.size(), raised ? 0 : -1);
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0 || watched[0].revents != 0) return true;
        if (raised) return false;
    }
}

}  // namespace skein::job
