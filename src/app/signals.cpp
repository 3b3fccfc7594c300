#include "app/signals.hpp"

#include <csignal>
#include <initializer_list>
#include <sys/signalfd.h>
#include <unistd.h>

namespace skein::app {

Signals::Signals() {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    sigset_t ours;
    sigemptyset(&ours);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        // A signal that the parent process ignores stays ignored: `nohup` relies on it.
        struct sigaction before {};
        const bool ignored =
            sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
        if (!ignored) sigaddset(&ours, number);
    }
    if (pthread_sigmask(SIG_BLOCK, &ours, nullptr) != 0) return;
    descriptor_ = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
}

Signals::~Signals() {
    if (descriptor_ >= 0) close(descriptor_);
}

int Signals::next() {
    signalfd_siginfo info{};
    if (descriptor_ < 0 || read(descriptor_, &info, sizeof info) != sizeof info) return 0;
    return static_cast<int>(info.ssi_signo);
}

}  // namespace skein::app
