// A mock of a service for large language models, on 127.0.0.1: it answers at once or slowly, well
// or badly, as its weather says, and keeps account of what it saw.
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
    std::string token{};                  // For /admin/weather; empty: nobody has access.
    std::size_t ledger_keep = 2'000'000;  // Entries; the sums count everything.
};

// Serves from its own thread, from its construction until its destruction, which closes what is
// open and takes no longer than that. Its functions may be called from any thread but its own.
//
// The number of files that the process may open is raised as far as it goes without asking.
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
