// skein-mock: the mock server as a program.
#include "mock_server/server.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <unistd.h>

namespace {

namespace asio = boost::asio;
namespace mock = skein::mock;

struct Options {
    std::uint16_t port = 0;
    std::string port_file{};
    std::string weather_file{};
    std::string token_env{};
    std::size_t ledger_keep = mock::ServerOptions{}.ledger_keep;
    bool until_stdin_closes = false;
};

void describe(CLI::App& app, Options& options) {
    app.footer(
        "Ends on SIGINT and SIGTERM. What it saw is at /ledger and /ledger/requests.\n"
        "mock_server/README.md describes the routes and the weather."
    );
    app.add_option("--port", options.port, "port on 127.0.0.1; 0: any that is free");
    app.add_option("--port-file", options.port_file, "write the port to this file, once it serves");
    app.add_option("--weather", options.weather_file, "YAML: how slow it is, what goes wrong");
    app.add_option(
        "--token-env",
        options.token_env,
        "environment variable with the token that opens /admin/weather; without: closed"
    );
    app.add_option("--ledger-keep", options.ledger_keep, "entries kept in the ledger");
    app.add_flag(
        "--until-stdin-closes",
        options.until_stdin_closes,
        "end, too, when standard input ends: with the script that started it"
    );
}

// Writes the port to the file by a rename, so that a script that waits for the file never reads
// half of it.
bool write_port(const std::string& file, std::uint16_t port) {
    const auto draft = file + ".part";
    std::ofstream out{draft};
    out << port << '\n';
    out.close();
    return out && std::rename(draft.c_str(), file.c_str()) == 0;
}

// Reads standard input to its end, and then ends the program.
class StdinWatch {
public:
    // `copy`: a descriptor of it, to keep; -1 if it was closed from the beginning.
    StdinWatch(asio::io_context& io, int copy) : io_{io}, stdin_{io} {
        boost::system::error_code error;
        stdin_.assign(copy, error);
        if (error) {
            io_.stop();
        } else {
            read();
        }
    }

private:
    void read() {
        stdin_.async_read_some(asio::buffer(bytes_), [this](auto error, std::size_t) {
            if (error) return io_.stop();
            read();
        });
    }

    asio::io_context& io_;
    asio::posix::stream_descriptor stdin_;
    std::array<char, 4096> bytes_{};
};

int fail(const std::string& why) {
    std::fprintf(stderr, "skein-mock: %s\n", why.c_str());
    return 2;
}

// Serves until a signal or the end of standard input. The server has a thread of its own; this
// thread waits for the end.
int serve(const Options& options, mock::Weather weather, std::string token) {
    // Before anything else is opened, which would take the place of a closed standard input.
    const int standard_input = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    asio::io_context io;
    asio::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&](auto, int) { io.stop(); });

    mock::Server server{
        std::move(weather),
        {.port = options.port, .token = std::move(token), .ledger_keep = options.ledger_keep}};
    if (!options.port_file.empty() && !write_port(options.port_file, server.port())) {
        return fail(options.port_file + " cannot be written");
    }
    std::printf("skein-mock listening on %s\n", server.base_url().c_str());
    std::fflush(stdout);

    std::unique_ptr<StdinWatch> watch;
    if (options.until_stdin_closes) watch = std::make_unique<StdinWatch>(io, standard_input);
    io.run();

    const auto ledger = server.sums();
    std::fprintf(
        stderr,
        "skein-mock: %llu requests, most in flight %llu\n",
        static_cast<unsigned long long>(ledger.requests),
        static_cast<unsigned long long>(ledger.max_in_flight)
    );
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App app{"A mock of a service for large language models, for tests and measurements."};
    Options options;
    describe(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }

    mock::Weather weather;
    if (!options.weather_file.empty()) {
        auto loaded = mock::load_weather(options.weather_file);
        if (!loaded) return fail(loaded.error().text);
        weather = std::move(*loaded);
    }
    std::string token;
    if (!options.token_env.empty()) {
        const auto* value = std::getenv(options.token_env.c_str());
        if (!value || !*value) return fail(options.token_env + " is not set");
        token = value;
    }
    try {
        return serve(options, std::move(weather), std::move(token));
    } catch (const std::exception& error) {
        return fail(error.what());
    }
}
