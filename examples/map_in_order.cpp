// executor.map: 25 calls of one second by 5 workers take five seconds, and the results come in the
// order of the calls.
#include <skein/skein.hpp>

#include <chrono>
#include <iostream>
#include <ranges>
#include <string>

int main() {
    constexpr int calls = 25;
    const skein::Endpoint slow{.url = "mock:" SKEIN_EXAMPLES_DIR "/slow.yaml", .model = "any"};
    skein::Client client{{.endpoints = {slow}, .in_flight = 5}};

    // What follows `echo:` is the mock's whole answer.
    const auto square = [](int n) {
        return skein::Request{.prompt = "echo: " + std::to_string(n * n)};
    };
    const auto from = skein::Clock::now();
    int number = 0;
    for (const auto& reply :
         client.map(std::views::iota(0, calls) | std::views::transform(square))) {
        const auto* completion = reply.completion();
        if (!completion || std::stoi(completion->text) != number * number) return 1;
        std::cout << number++ << " squared is" << completion->text << '\n';
    }

    const std::chrono::duration<double> elapsed = skein::Clock::now() - from;
    std::cout << number << " replies in order after " << elapsed.count() << " s\n";
    const bool five_at_a_time = elapsed.count() >= 4.9 && client.tally().max_in_flight == 5;
    return number == calls && five_at_a_time ? 0 : 1;
}
