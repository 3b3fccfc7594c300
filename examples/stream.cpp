// Tokens as they come: each piece of an answer is printed when it is there. A reader that is slow
// holds up its own transfer and no other.
#include <skein/skein.hpp>

#include <iostream>
#include <string>

int main() {
    const std::string words = "one piece after the other, until the answer is whole";
    const skein::Endpoint typing{.url = "mock:" SKEIN_EXAMPLES_DIR "/typing.yaml", .model = "any"};
    skein::Client client{{.endpoints = {typing}}};

    // All callbacks are called one after the other, so these need no lock.
    int pieces = 0;
    std::string printed;
    bool is_whole = false;
    client.stream(
        {.prompt = "echo: " + words},
        [&](const skein::Chunk& chunk) {
            ++pieces;
            printed += chunk.text;
            std::cout << chunk.text << std::flush;
        },
        [&](const skein::Reply& reply) {
            std::cout << '\n';
            // A fault with `begun` says that what was printed is not all.
            const auto* completion = reply.completion();
            is_whole = completion && completion->text == printed;
        }
    );

    // To stop reading in the middle, the reader cancels: only the reply comes then.
    std::string half;
    client.stream(
        {.prompt = "echo: " + words},
        [&](const skein::Chunk& chunk) {
            half += chunk.text;
            if (half.find("other") != std::string::npos) client.cancel(chunk.id);
        },
        [&](const skein::Reply& reply) {
            std::cout << half << " ... " << (reply.fault() ? "enough" : "all of it") << '\n';
        }
    );
    client.drain();

    std::cout << pieces << " pieces\n";
    return is_whole && pieces > 5 && half.find("whole") == std::string::npos ? 0 : 1;
}
