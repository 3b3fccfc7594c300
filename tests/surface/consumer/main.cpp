#include <skein/skein.hpp>

#include <iostream>

int main() {
    skein::Client client{{.endpoints = {{.url = "mock:", .model = "any"}}}};
    const auto reply = client.ask({.prompt = "echo: hello"}).get();
    if (const auto* completion = reply.completion()) std::cout << completion->text << '\n';
    return reply.fault() ? 1 : 0;
}
