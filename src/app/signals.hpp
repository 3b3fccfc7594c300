#pragma once

namespace skein::app {

// Delivers signals by a signalfd instead of handlers. Create it in `main` before any thread,
// because threads inherit the blocked signals SIGINT, SIGTERM and SIGHUP. SIGPIPE and SIGXFSZ are
// ignored, so that a closed pipe and a full quota are reported as errors of `write`.
class Signals {
public:
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    // Readable when a signal is pending; -1 if no signalfd could be created.
    int descriptor() const { return descriptor_; }

    // The next signal's number; 0 if there is none.
    int next();

private:
    int descriptor_ = -1;
};

}  // namespace skein::app
