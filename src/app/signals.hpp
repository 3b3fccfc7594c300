#pragma once

namespace skein::app {

// Signals as something to read, not as something that interrupts. Made in `main` before any
// thread, so that all of them leave SIGINT, SIGTERM and SIGHUP to it. SIGPIPE and SIGXFSZ are
// ignored: a closed pipe and a full quota are errors of a write, told by it.
class Signals {
public:
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    // Readable when a signal is there; -1 if the system would not give one.
    int descriptor() const { return descriptor_; }

    // The next signal's number; 0 if there is none.
    int next();

private:
    int descriptor_ = -1;
};

}  // namespace skein::app
