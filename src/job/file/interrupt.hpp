#pragma once
#include <atomic>

namespace skein::job {

// Ends what might block for ever: reading a standard input that stays silent, writing to a pipe
// that nobody reads. Once raised it stays so.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    void raise() noexcept;  // Any thread, and signal handlers.
    bool raised() const noexcept { return raised_.load(std::memory_order_acquire); }

    // Readable once raised.
    int descriptor() const noexcept { return descriptor_; }

private:
    std::atomic<bool> raised_{false};
    int descriptor_;
};

// Waits until `descriptor` can be read (`POLLIN`) or written (`POLLOUT`). False if the interrupt
// came first; what can be written at once is written all the same. An error on the descriptor
// counts as ready: the next call on it will tell.
bool wait_for(int descriptor, short events, const Interrupt* interrupt) noexcept;

}  // namespace skein::job
