// pool.imap_unordered: each result as soon as it is there. `index` says which question it answers.
#include <skein/skein.hpp>

#include <algorithm>
#include <iostream>
#include <ranges>
#include <set>
#include <string>
#include <vector>

int main() {
    constexpr int calls = 40;
    const skein::Endpoint uneven{.url = "mock:" SKEIN_EXAMPLES_DIR "/uneven.yaml", .model = "any"};
    skein::Client client{{.endpoints = {uneven}, .in_flight = 10}};

    const auto question = [](int n) {
        return skein::Request{.prompt = "echo: " + std::to_string(n)};
    };
    std::vector<int> came;
    const auto questions = std::views::iota(0, calls) | std::views::transform(question);
    bool are_theirs = true;
    for (const auto& reply : client.map_unordered(questions)) {
        came.push_back(static_cast<int>(reply.index));
        const auto* completion = reply.completion();
        are_theirs &= completion && std::stoi(completion->text) == came.back();
    }

    std::cout << "they came as";
    for (const int n : came) std::cout << ' ' << n;
    std::cout << '\n';
    const bool each_once =
        came.size() == calls && std::set(came.begin(), came.end()).size() == calls;
    return each_once && are_theirs && !std::ranges::is_sorted(came) ? 0 : 1;
}
