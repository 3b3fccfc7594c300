// result.get(timeout=1): two different things in one. Waiting a while for a future ends only the
// waiting, and the request goes on; a deadline ends the request itself.
#include <skein/skein.hpp>

#include <chrono>
#include <future>
#include <iostream>

using namespace std::chrono_literals;

int main() {
    const skein::Endpoint slow{.url = "mock:" SKEIN_EXAMPLES_DIR "/slow.yaml", .model = "any"};
    const skein::Endpoint uneven{.url = "mock:" SKEIN_EXAMPLES_DIR "/uneven.yaml", .model = "any"};

    skein::Client patient{{.endpoints = {slow}}};
    auto future = patient.ask({.prompt = "echo: worth the wait"});
    if (future.wait_for(100ms) != std::future_status::timeout) return 1;
    std::cout << "not there yet, and still under way\n";
    const auto late = future.get();
    if (!late.completion()) return 1;
    std::cout << "answered:" << late.completion()->text << '\n';

    skein::Client strict{{.endpoints = {uneven}}};
    const auto reply = strict.ask({.prompt = "wait for ever", .deadline = 200ms}).get();
    const auto* fault = reply.fault();
    if (!fault) return 1;
    std::cout << skein::to_string(fault->kind) << ": " << fault->detail << '\n';
    return fault->kind == skein::FaultKind::deadline && strict.tally().in_flight == 0 ? 0 : 1;
}
