// What Asio can do with HTTP/1.1 written by hand: the answers are read into memory (streams: only
// counted), and nothing is parsed but their framing.
#include "../arguments.hpp"
#include "../report.hpp"
#include "connection.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace skein::bench {
namespace {

template <class Stream>
void run(Loop& loop, Work& work, const Arguments& arguments, const QuestionBody& body) {
    std::vector<std::unique_ptr<Connection<Stream>>> connections;
    const auto count = std::min(arguments.in_flight, arguments.requests);
    for (std::size_t i = 0; i < count; ++i) {
        connections.push_back(std::make_unique<Connection<Stream>>(loop, work, body));
        connections.back()->go_on();
    }
    loop.run();
}

void trust(asio::ssl::context& context, const Arguments& arguments) {
    boost::system::error_code error;
    context.set_verify_mode(asio::ssl::verify_peer);
    if (arguments.ca_file.empty()) {
        context.set_default_verify_paths(error);
    } else {
        context.load_verify_file(arguments.ca_file, error);
    }
    if (error) refuse("cannot use the certificates of " + arguments.ca_file);
}

int ask_all(const Arguments& arguments) {
    const QuestionBody body{arguments.prompt, arguments.stream};
    Loop loop{1};  // One thread: no locks.
    Work work{.target = target_of(arguments, body.text().size()), .stream = arguments.stream};
    boost::system::error_code error;
    work.addresses = tcp::resolver{loop}.resolve(work.target.host, work.target.port, error);
    if (error) refuse("cannot resolve " + work.target.host);
    if (work.target.tls) trust(work.tls, arguments);

    Report report;
    std::size_t asked = 0;
    work.next = [&]() -> std::optional<std::size_t> {
        if (asked == arguments.requests) return std::nullopt;
        return asked++;
    };
    work.ended = [&](bool fine, std::size_t bytes) {
        ++report.requests;
        report.failed += fine ? 0 : 1;
        report.bytes += bytes;
    };
    if (work.target.tls)
        run<Secured>(loop, work, arguments, body);
    else
        run<Plain>(loop, work, arguments, body);
    return report.tell();
}

}  // namespace
}  // namespace skein::bench

int main(int count, char** words) {
    const auto arguments = skein::bench::read_arguments(count, words);
    skein::bench::raise_descriptor_limit();
    return skein::bench::ask_all(arguments);
}
