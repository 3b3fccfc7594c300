#pragma once
#include <atomic>

namespace skein::job {

// Interrupts calls that may block for ever: a read of a silent standard input, or a write to a pipe
// that is not read. An interrupt cannot be taken back.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    void raise() noexcept;  // Any thread; safe in a signal handler.
    bool raised() const noexcept { return raised_.load(std::memory_order_acquire); }

    // A descriptor that becomes readable when the interrupt is raised; negative if there is none.
    int descriptor() const noexcept { return descriptor_; }

private:
    std::atomic<bool> raised_{false};
    int descriptor_;
};

// Waits until `descriptor` can be read (`POLLIN`) or written (`POLLOUT`). False if the interrupt
// came first; for `POLLOUT` a descriptor that is ready at once still gives true. An error on the
// descriptor counts as ready, because the next call on it reports the error.
bool wait_for(int descriptor, short events, const Interrupt* interrupt) noexcept;

}  // namespace skein::job
