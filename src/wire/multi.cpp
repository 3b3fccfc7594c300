// Adapter between one libcurl multi handle and the pool's timers and sockets. Invariant: libcurl is
// entered only in `act`, `add`, `remove` and the set-up, never from its own callbacks (`want`,
// `wake`), which only take notes. Loop thread only.
#include "wire/multi.hpp"

#include "base/assert.hpp"
#include "wire/transfer.hpp"

#include <chrono>
#include <utility>

namespace skein::wire {

Multi::Multi(SocketSet& sockets, Round& round, Timers::Key key, long connections)
    : sockets_{sockets}, round_{round}, key_{key}, connections_{connections} {
    open();
}

Multi::~Multi() { shut(); }

// A failure ends the program (assertion), because without a handle no exchange of its places could
// ever end.
void Multi::open() {
    handle_ = curl_multi_init();
    SKEIN_ASSERT(handle_ != nullptr);
    bool fine = true;
    const auto set = [&](CURLMoption option, auto value) {
        fine = fine && curl_multi_setopt(handle_, option, value) == CURLM_OK;
    };
    set(CURLMOPT_SOCKETFUNCTION, &Multi::want);
    set(CURLMOPT_SOCKETDATA, this);
    set(CURLMOPT_TIMERFUNCTION, &Multi::wake);
    set(CURLMOPT_TIMERDATA, this);
    set(CURLMOPT_MAXCONNECTS, connections_);
    set(CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
    SKEIN_ASSERT(fine);
}

// The callbacks are removed first, because closing the kept connections would call them.
void Multi::shut() {
    curl_multi_setopt(handle_, CURLMOPT_SOCKETFUNCTION, nullptr);
    curl_multi_setopt(handle_, CURLMOPT_TIMERFUNCTION, nullptr);
    curl_multi_cleanup(handle_);
    round_.timers.set(key_, never);
}

// The caller has removed all transfers. The kept connections of the handle are lost with it.
void Multi::rebuild() {
    shut();
    open();
}

void Multi::keep_one() {
    connections_ = 1;  // Not 0, which means libcurl's default of four for each transfer.
    curl_multi_setopt(handle_, CURLMOPT_MAXCONNECTS, connections_);
}

bool Multi::add(Transfer& transfer) {
    return curl_multi_add_handle(handle_, transfer.easy()) == CURLM_OK;
}

void Multi::remove(Transfer& transfer) { curl_multi_remove_handle(handle_, transfer.easy()); }

// libcurl hands over the refused bytes from inside this call. If the reader objects to them,
// libcurl returns the failure here and does not end the transfer itself.
void Multi::resume(Transfer& transfer) {
    SKEIN_ASSERT(!round_.inside_libcurl);
    round_.inside_libcurl = true;
    const auto code = transfer.resume();
    round_.inside_libcurl = false;
    if (code == CURLE_OK) return;
    transfer.finish(code);
    remove(transfer);
    round_.done.push_back(&transfer);
}

bool Multi::on_moment() {
    listed_ = false;
    return act(CURL_SOCKET_TIMEOUT, 0);
}

// Enters libcurl once, for a socket or (CURL_SOCKET_TIMEOUT) for its timer, and then takes the
// transfers that have ended out of the handle. They are reported even if the handle is broken.
bool Multi::act(curl_socket_t fd, int events) {
    SKEIN_ASSERT(!round_.inside_libcurl);
    round_.inside_libcurl = true;
    int running = 0;
    const auto code = curl_multi_socket_action(handle_, fd, events, &running);
    round_.inside_libcurl = false;

    int left = 0;
    while (const auto* message = curl_multi_info_read(handle_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        void* transfer = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        auto& ended = *static_cast<Transfer*>(transfer);
        ended.finish(message->data.result);  // Before `remove`, which frees the message.
        remove(ended);
        round_.done.push_back(&ended);
    }
    return code == CURLM_OK;
}

// libcurl's callback: its interest in a socket changes. -1 makes libcurl fail the handle; the pool
// then ends all exchanges on it (`CurlPool::broken`).
int Multi::want(CURL*, curl_socket_t fd, int what, void* self, void*) {
    auto& multi = *static_cast<Multi*>(self);
    return multi.sockets_.want(fd, what, multi) ? 0 : -1;
}

// libcurl's callback: when it wants to be called again. It must not be entered from here, so work
// at once is listed for the next round of the pool.
int Multi::wake(CURLM*, long after_ms, void* self) {
    auto& multi = *static_cast<Multi*>(self);
    auto& round = multi.round_;
    if (after_ms == 0) {
        if (!std::exchange(multi.listed_, true)) round.at_once.push_back(&multi);
    } else if (after_ms < 0) {
        round.timers.set(multi.key_, never);
    } else {
        // One millisecond more, because libcurl rounds down and must not be called too early.
        const auto after = std::chrono::milliseconds{after_ms + 1};
        round.timers.set(multi.key_, Clock::now() + after);
    }
    return 0;
}

}  // namespace skein::wire
