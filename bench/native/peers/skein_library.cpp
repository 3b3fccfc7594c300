// The same questions through skein's library: no files, no order, every answer read and dropped.
#include "arguments.hpp"
#include "question_body.hpp"
#include "report.hpp"

#include <skein/skein.hpp>

#include <algorithm>
#include <iostream>
#include <ranges>
#include <string>

namespace {

using namespace skein::bench;

skein::Settings settings_of(const Arguments& arguments) {
    skein::Endpoint endpoint{
        .url = arguments.url,
        .model = "m",
        .api_key = skein::Secret{"CANARY-key"},
        .ca_file = arguments.ca_file};
    // The library knows the rest of the address.
    if (const auto path = endpoint.url.find("/chat/completions"); path != std::string::npos) {
        endpoint.url.resize(path);
    }
    return {
        .endpoints = {endpoint},
        .in_flight = arguments.in_flight,
        // What comes next is ready when a place becomes free; more would only cost memory.
        .window = 2 * arguments.in_flight,
        .attempts = 1,
        .wire_threads = arguments.handles};
}

int ask_all(const Arguments& arguments) {
    Report report;
    skein::Client client{settings_of(arguments)};
    if (const auto& complaint = client.complaint()) refuse(complaint->text());

    const auto words = filler(arguments.prompt);
    const auto question = [&](std::size_t number) {
        skein::Request request{.prompt = words, .stream = arguments.stream};
        const auto digits = std::to_string(number);
        request.prompt.replace(0, std::min(digits.size(), words.size()), digits, 0, words.size());
        return request;
    };
    const auto numbers = std::views::iota(std::size_t{0}, arguments.requests);
    for (const auto& reply : client.map_unordered(numbers | std::views::transform(question))) {
        ++report.requests;
        if (const auto* completion = reply.completion()) {
            report.bytes += completion->body.size();
            // The canned server counts a token for each chunk.
            if (arguments.stream && completion->usage) {
                report.chunks += static_cast<std::size_t>(completion->usage->output_tokens);
            }
        } else if (report.failed++ == 0) {
            std::cerr << reply.fault()->detail << '\n';
        }
    }
    return report.tell();
}

}  // namespace

int main(int count, char** words) {
    const auto arguments = read_arguments(count, words);
    raise_descriptor_limit();
    return ask_all(arguments);
}
