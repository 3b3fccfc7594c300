// pool.apply_async(f, callback=…, error_callback=…): a call returns at once, and its end comes by
// callback. There is one callback for both ends, for a fault is an outcome like another.
#include <skein/skein.hpp>

#include <iostream>
#include <string>

int main() {
    constexpr int calls = 20;
    const skein::Endpoint uneven{.url = "mock:" SKEIN_EXAMPLES_DIR "/uneven.yaml", .model = "any"};
    skein::Client client{{.endpoints = {uneven}, .in_flight = 8}};

    // Callbacks are called one after the other, so these need no lock.
    int completed = 0;
    int refused = 0;
    const auto on_reply = [&](const skein::Reply& reply) {
        if (const auto* completion = reply.completion()) {
            ++completed;
            std::cout << "answered:" << completion->text << '\n';
        } else if (const auto* fault = reply.fault()) {
            refused += fault->kind == skein::FaultKind::rejected ? 1 : 0;
            std::cout << skein::to_string(fault->kind) << ": " << fault->detail << '\n';
        }
    };
    for (int n = 0; n < calls; ++n) {
        const std::string kind = n % 4 == 0 ? "an impossible question, " : "a question, ";
        client.ask({.prompt = "echo: " + kind + std::to_string(n)}, on_reply);
    }
    client.drain();  // Until the last callback has returned.

    std::cout << completed << " completed, " << refused << " refused\n";
    return completed == 15 && refused == 5 && client.tally().is_consistent() ? 0 : 1;
}
