// A mock server for LLM APIs, on 127.0.0.1. Its weather decides latencies and faults, and its
// ledger records every request.
#pragma once
#include "mock_server/ledger.hpp"
#include "mock_server/weather.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace skein::mock {

struct ServerOptions {
    std::uint16_t port = 0;               // 0: any that is free.
    std::string address = "127.0.0.1";    // No other is served.
    std::string token{};                  // For /admin/weather; empty: the route is closed.
    std::size_t ledger_keep = 2'000'000;  // Entries; the sums count everything.
};

// Serves on its own thread from construction to destruction. The destructor closes all connections
// and does not wait for them. Its functions may be called from any other thread. The constructor
// raises the soft limit of open files to the hard limit.
class Server {
public:
    // Throws std::system_error if the port cannot be had, std::invalid_argument for an address
    // other than 127.0.0.1.
    explicit Server(Weather weather = {}, ServerOptions options = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;
    std::string base_url() const;  // With `/v1` at its end.

    // From the next request on. Counts and buckets begin anew.
    void set_weather(Weather weather);

    Ledger ledger() const;
    Ledger sums() const;  // The ledger without its entries: cheap, to be asked often.
    void forget();

private:
    class Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace skein::mock
