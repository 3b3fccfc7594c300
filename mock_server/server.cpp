// The server: a listening socket and an event loop on a thread of its own. Invariant: only that
// thread touches the service and its connections; calls from outside are posted to it.
#include "mock_server/server.hpp"

#include "mock_server/connection.hpp"
#include "mock_server/service.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <future>
#include <stdexcept>
#include <sys/resource.h>
#include <system_error>
#include <thread>
#include <utility>

namespace skein::mock {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Pause while no descriptor is left for another connection. Without it, the loop would spin,
// because the listening socket stays readable.
constexpr auto pause_between_accepts = std::chrono::milliseconds{20};

void open_as_many_files_as_allowed() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

tcp::acceptor listener(asio::io_context& io, std::uint16_t port) {
    const tcp::endpoint endpoint{asio::ip::address_v4::loopback(), port};
    tcp::acceptor acceptor{io};
    boost::system::error_code error;
    const auto need = [&] {
        if (!error) return;
        throw std::system_error{error, "cannot serve 127.0.0.1:" + std::to_string(port)};
    };
    acceptor.open(endpoint.protocol(), error);
    need();
    acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
    need();
    acceptor.bind(endpoint, error);
    need();
    acceptor.listen(65535, error);  // The kernel makes it as much as it allows.
    need();
    acceptor.non_blocking(true, error);
    need();
    return acceptor;
}

}  // namespace

class Server::Inside {
public:
    Inside(Weather weather, const ServerOptions& options)
        : service_{std::move(weather), options.token, options.ledger_keep, Clock::now()},
          acceptor_{listener(io_, options.port)},
          pause_{io_},
          port_{acceptor_.local_endpoint().port()} {
        await_client();
        thread_ = std::thread{[this] { io_.run(); }};
    }

    // Connections still open are destroyed with `io_`, which holds their handlers.
    ~Inside() {
        io_.stop();
        thread_.join();
    }

    std::uint16_t port() const { return port_; }

    // Runs `work` on the thread of the server, the only one that may touch the service, and waits
    // for the result. Not to be called on that thread, because it would wait for itself.
    template <typename Work>
    auto there(Work work) {
        std::packaged_task<decltype(work(service_))()> task{[&] { return work(service_); }};
        auto result = task.get_future();
        asio::post(io_, [&task] { task(); });
        return result.get();
    }

private:
    using Error = boost::system::error_code;

    void await_client() {
        acceptor_.async_wait(tcp::acceptor::wait_read, [this](Error error) {
            if (!error) accept_all();
        });
    }

    // Accepts until no client waits. A client that has already left is not an error of the server.
    void accept_all() {
        Error error;
        while (true) {
            tcp::socket socket{io_};
            acceptor_.accept(socket, error);
            if (error) break;
            service_.book().connected();
            std::make_shared<Connection>(std::move(socket), service_, connections_++)->start();
        }
        if (error == asio::error::would_block || error == asio::error::connection_aborted) {
            return await_client();
        }
        pause_.expires_after(pause_between_accepts);
        pause_.async_wait([this](Error) { await_client(); });
    }

    Service service_;
    asio::io_context io_{1};  // Gone before the service that its connections use.
    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    std::uint16_t port_;
    std::uint64_t connections_ = 0;
    std::thread thread_{};
};

Server::Server(Weather weather, ServerOptions options) {
    if (options.address != "127.0.0.1") {
        throw std::invalid_argument{
            "the mock server serves 127.0.0.1 only, not " + options.address};
    }
    open_as_many_files_as_allowed();
    inside_ = std::make_unique<Inside>(std::move(weather), options);
}

Server::~Server() = default;

std::uint16_t Server::port() const { return inside_->port(); }

std::string Server::base_url() const {
    return "http://127.0.0.1:" + std::to_string(port()) + "/v1";
}

void Server::set_weather(Weather weather) {
    inside_->there([&](Service& service) { service.set_weather(std::move(weather), Clock::now()); }
    );
}

Ledger Server::ledger() const {
    return inside_->there([](Service& service) { return service.book().copy(); });
}

Ledger Server::sums() const {
    return inside_->there([](Service& service) { return service.book().sums(); });
}

void Server::forget() {
    inside_->there([](Service& service) { service.book().forget(); });
}

}  // namespace skein::mock
