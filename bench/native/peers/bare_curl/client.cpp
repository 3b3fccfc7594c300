#include "client.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace skein::bench {

Client::Client(const Arguments& arguments) : arguments_{arguments}, sockets_{arguments.eager} {
    if (curl_url_set(url_, CURLUPART_URL, arguments_.url.c_str(), 0) != CURLUE_OK) {
        refuse("URL cannot be " + arguments_.url);
    }
    const auto places = std::min(arguments_.in_flight, arguments_.requests);
    const auto multis = std::min(arguments_.handles.value_or(1), places);
    if (multis == 0) refuse("--handles cannot be 0");
    const auto per_multi = static_cast<long>((places + multis - 1) / multis);
    for (std::size_t i = 0; i < multis; ++i) make_multi(static_cast<std::uint32_t>(i), per_multi);
    const Place::Shared shared{url_, head_, &sockets_};
    for (std::size_t i = 0; i < places; ++i) {
        const auto multi = static_cast<std::uint32_t>(i % multis);
        places_.push_back(std::make_unique<Place>(arguments_, multi, shared));
    }
}

Client::~Client() {
    for (auto& place : places_) {
        curl_multi_remove_handle(multis_[place->multi()]->handle, place->easy());
    }
    places_.clear();
    for (auto& multi : multis_) {
        curl_multi_setopt(multi->handle, CURLMOPT_SOCKETFUNCTION, nullptr);
        curl_multi_setopt(multi->handle, CURLMOPT_TIMERFUNCTION, nullptr);
        curl_multi_cleanup(multi->handle);
    }
    curl_slist_free_all(head_);
    curl_url_cleanup(url_);
}

void Client::make_multi(std::uint32_t number, long places) {
    auto multi = std::make_unique<Multi>();
    multi->handle = curl_multi_init();
    multi->client = this;
    multi->number = number;
    curl_multi_setopt(multi->handle, CURLMOPT_SOCKETFUNCTION, &Client::want);
    curl_multi_setopt(multi->handle, CURLMOPT_SOCKETDATA, multi.get());
    curl_multi_setopt(multi->handle, CURLMOPT_TIMERFUNCTION, &Client::wake);
    curl_multi_setopt(multi->handle, CURLMOPT_TIMERDATA, multi.get());
    curl_multi_setopt(multi->handle, CURLMOPT_MAXCONNECTS, places);
    curl_multi_setopt(multi->handle, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
    multis_.push_back(std::move(multi));
}

int Client::run() {
    report_.began = Clock::now();
    for (auto& place : places_) ask(*place);
    while (report_.requests < arguments_.requests) {
        act_at_once();
        sockets_.wait(milliseconds_to_next(), [this](auto multi, auto fd, int events) {
            act(*multis_[multi], fd, events);
        });
        act_on_time();
    }
    return report_.tell();
}

void Client::ask(Place& place) {
    place.prepare(asked_++);
    curl_multi_add_handle(multis_[place.multi()]->handle, place.easy());
}

void Client::act(Multi& multi, curl_socket_t fd, int events) {
    int running = 0;
    curl_multi_socket_action(multi.handle, fd, events, &running);
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi.handle, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        Place* place = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &place);
        finished(*place, message->data.result);
    }
}

void Client::finished(Place& place, CURLcode code) {
    ++report_.requests;
    if (code != CURLE_OK || !place.answered()) ++report_.failed;
    report_.bytes += place.answer_bytes();
    curl_multi_remove_handle(multis_[place.multi()]->handle, place.easy());
    if (asked_ < arguments_.requests) ask(place);
}

// Those that were asked in this turn leave together.
void Client::act_at_once() {
    for (std::size_t i = 0; i < at_once_.size(); ++i) {
        at_once_[i]->at_once = false;
        act(*at_once_[i], CURL_SOCKET_TIMEOUT, 0);
    }
    at_once_.clear();
}

int Client::milliseconds_to_next() {
    auto next = Clock::time_point::max();
    for (const auto& multi : multis_) next = std::min(next, multi->due);
    if (next == Clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
    return static_cast<int>(std::clamp<long>(left, 0, 1000));
}

void Client::act_on_time() {
    Clock::time_point now{};
    for (const auto& multi : multis_) {
        if (multi->due == Clock::time_point::max()) continue;
        if (now == Clock::time_point{}) now = Clock::now();
        if (multi->due > now) continue;
        multi->due = Clock::time_point::max();
        act(*multi, CURL_SOCKET_TIMEOUT, 0);
    }
}

int Client::want(CURL*, curl_socket_t fd, int what, void* self, void*) {
    auto& multi = *static_cast<Multi*>(self);
    multi.client->sockets_.want(fd, what, multi.number);
    return 0;
}

int Client::wake(CURLM*, long after_ms, void* self) {
    auto& multi = *static_cast<Multi*>(self);
    if (after_ms == 0) {
        if (!std::exchange(multi.at_once, true)) multi.client->at_once_.push_back(&multi);
    } else if (after_ms < 0) {
        multi.due = Clock::time_point::max();
    } else {
        multi.due = Clock::now() + std::chrono::milliseconds{after_ms};
    }
    return 0;
}

}  // namespace skein::bench
