// One HTTP request to a worker with Boost.Beast: connect, write, read, and one deadline for all.
//
// Invariant: `on_page` is called once, or never after `drop`. Everything runs on the thread of the
// loop. libcurl is not used here, so that probes share nothing with the requests of users.
#include "local/pool/fetch.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace skein::local {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

// Pages with counters have some kilobytes; the bound protects our memory from a broken server.
constexpr std::size_t max_page = std::size_t{8} << 20;

using Endpoint = asio::generic::stream_protocol::endpoint;

// Parses `http://127.0.0.1:8080/v1`. The host must be a loopback address or `localhost`, because
// there is no DNS lookup here.
std::optional<Endpoint> endpoint_of(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme)) return std::nullopt;
    url.remove_prefix(scheme.size());
    url = url.substr(0, url.find('/'));
    std::uint16_t port = 80;
    const auto colon = url.rfind(':');
    const auto bracket = url.rfind(']');
    // A colon within brackets belongs to an IPv6 address.
    if (colon != url.npos && (bracket == url.npos || colon > bracket)) {
        const auto digits = url.substr(colon + 1);
        std::from_chars(digits.data(), digits.data() + digits.size(), port);
        url = url.substr(0, colon);
    }
    if (url.starts_with('[')) url = url.substr(1, url.size() - 2);
    boost::system::error_code error;
    const auto address = url == "localhost" ? asio::ip::make_address("127.0.0.1", error)
                                            : asio::ip::make_address(std::string{url}, error);
    // Never beyond this machine, because a question may carry the token of the workers.
    if (error || !(address.is_loopback() || address.is_unspecified())) return std::nullopt;
    return Endpoint{asio::ip::tcp::endpoint{address, port}};
}

std::optional<Endpoint> endpoint_of(const WorkerAddress& where) {
    if (where.socket.empty()) return endpoint_of(where.url);
    if (where.socket.size() > 107) return std::nullopt;  // The limit of `sockaddr_un::sun_path`.
    return Endpoint{asio::local::stream_protocol::endpoint{where.socket}};
}

}  // namespace

// One request in progress. Each pending handler shares ownership, so that it outlives its caller.
class Fetch : public std::enable_shared_from_this<Fetch> {
public:
    Fetch(asio::io_context& loop, std::function<void(Page)> on_page)
        : loop_{loop}, stream_{loop}, on_page_{std::move(on_page)} {
        parser_.body_limit(max_page);
    }

    void begin(const Question& question) {
        const auto endpoint = endpoint_of(question.where);
        if (!endpoint) return end_soon("this is no address on this machine");
        request_.method(question.body.empty() ? http::verb::get : http::verb::post);
        request_.target(question.path);
        request_.version(11);
        request_.set(http::field::host, "localhost");
        // One connection for each probe, so that a probe also tests that the worker accepts.
        request_.set(http::field::connection, "close");
        if (!question.token.empty()) {
            request_.set(http::field::authorization, "Bearer " + question.token);
        }
        if (!question.body.empty()) {
            request_.set(http::field::content_type, "application/json");
            request_.body() = question.body;
            request_.prepare_payload();
        }
        // One deadline for connect, write and read together; it is not set again later.
        stream_.expires_after(question.timeout);
        stream_.async_connect(*endpoint, [self = shared_from_this()](auto error) {
            self->connected(error);
        });
    }

    // The handlers that are pending end with an error, find no callback and release this object.
    void drop() {
        on_page_ = nullptr;
        stream_.cancel();
    }

private:
    void connected(boost::system::error_code error) {
        if (error == beast::error::timeout) return end("it does not answer in time");
        if (error) return end("it cannot be connected to: " + error.message());
        http::async_write(
            stream_,
            request_,
            [self = shared_from_this()](auto failure, std::size_t) { self->written(failure); }
        );
    }

    void written(boost::system::error_code error) {
        if (error == beast::error::timeout) return end("it does not answer in time");
        if (error) return end("it does not take a request: " + error.message());
        http::async_read(
            stream_,
            buffer_,
            parser_,
            [self = shared_from_this()](auto failure, std::size_t) { self->read(failure); }
        );
    }

    void read(boost::system::error_code error) {
        if (error == beast::error::timeout) return end("it does not answer in time");
        if (error) return end("its answer breaks off: " + error.message());
        Page page;
        page.status = parser_.get().result_int();
        page.body = std::move(parser_.get().body());
        tell(std::move(page));
    }

    void end(std::string why) { tell(Page{0, {}, std::move(why)}); }

    // Posted, because `on_page` must not be called from inside `fetch`.
    void end_soon(std::string why) {
        asio::post(loop_, [self = shared_from_this(), why = std::move(why)] { self->end(why); });
    }

    void tell(Page page) {
        stream_.close();
        // Cleared before the call, because the callback may drop this object.
        if (on_page_) std::exchange(on_page_, nullptr)(std::move(page));
    }

    asio::io_context& loop_;
    beast::basic_stream<asio::generic::stream_protocol> stream_;
    http::request<http::string_body> request_;
    http::response_parser<http::string_body> parser_;
    beast::flat_buffer buffer_;
    std::function<void(Page)> on_page_;
};

std::shared_ptr<Fetch> fetch(
    asio::io_context& loop, const Question& question, std::function<void(Page)> on_page
) {
    auto made = std::make_shared<Fetch>(loop, std::move(on_page));
    made->begin(question);
    return made;
}

void drop(Fetch& fetch) { fetch.drop(); }

}  // namespace skein::local
