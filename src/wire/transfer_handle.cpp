// The libcurl side of a transfer: the options of its easy handle, and the callbacks. Invariant: the
// request is sent at most once; an attempt of libcurl to resend it is refused (`on_connected`,
// `open_socket`), because the dispatcher decides about retries. Loop thread only.
#include "wire/certificates.hpp"
#include "wire/transfer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace skein::wire {
namespace {

Transfer& transfer(void* self) { return *static_cast<Transfer*>(self); }

// Rounds up, because zero means libcurl's default of five minutes, which is right only for "no
// limit".
long milliseconds(Duration bound) {
    using namespace std::chrono;
    if (bound <= Duration::zero()) return 0;
    const auto rounded = ceil<std::chrono::milliseconds>(std::min<Duration>(bound, hours{24}));
    return static_cast<long>(rounded.count());
}

constexpr std::size_t long_body = 64 * 1024;

// Null for an empty text: libcurl's default.
const char* or_none(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

}  // namespace

std::optional<std::string> Transfer::make_handle() {
    easy_.reset(curl_easy_init());
    if (!easy_) return "libcurl could not make a handle";
    if (auto refused = set_constant_options(easy())) return refused;
    Options options{easy()};
    void* const self = this;
    // libcurl calls `on_connected` before it sends a request; the second call is refused. Otherwise
    // libcurl would silently resend a request when a kept connection dies without an answer.
    options.set(CURLOPT_PREREQFUNCTION, &Transfer::on_connected)
        .set(CURLOPT_PREREQDATA, self)
        .set(CURLOPT_HEADERFUNCTION, &Transfer::take_head)
        .set(CURLOPT_HEADERDATA, self)
        .set(CURLOPT_WRITEFUNCTION, &Transfer::take_body)
        .set(CURLOPT_WRITEDATA, self)
        .set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket)
        .set(CURLOPT_OPENSOCKETDATA, self)
        // The data pointer is the socket set, because a connection may outlive the transfer that
        // opened it, but not the socket set.
        .set(CURLOPT_CLOSESOCKETFUNCTION, &Transfer::close_socket)
        .set(CURLOPT_CLOSESOCKETDATA, static_cast<void*>(&sockets_))
        .set(CURLOPT_ERRORBUFFER, words_.data())
        .set(CURLOPT_PRIVATE, self);
    return options.refused();
}

// Discards the handle after a failure, because libcurl keeps state in it: a handle on which libcurl
// had tried to resend fails the next request before sending it.
void Transfer::forget_handle() {
    clean_ = true;
    easy_.reset();
    target_.reset();
    connect_ms_ = -1;
    on_new_connection_ = false;
}

// Sets only the options that differ from the last exchange, and the pointers into this exchange.
std::optional<std::string> Transfer::prepare(AddressesPtr addresses) {
    for (const auto& line : exchange_.extra_lines) {
        if (!is_header_line(line)) return "a header line is malformed";
    }
    if (!easy_) {
        if (auto refused = make_handle()) {
            forget_handle();
            return refused;
        }
    }
    clean_ = false;
    Options options{easy()};
    const bool named = addresses || addresses_;
    if (addresses != addresses_ || target_ != exchange_.target) {
        addresses_ = std::move(addresses);
        resolve_text_.clear();
    }
    if (target_ != exchange_.target) set_target(options);
    const bool on_new_connection = target_->one_shot || exchange_.on_new_connection;
    if (on_new_connection != on_new_connection_) {
        options.set(CURLOPT_FRESH_CONNECT, long{on_new_connection});
    }
    on_new_connection_ = on_new_connection;
    const long connect_ms = milliseconds(exchange_.patience.connect);
    if (connect_ms != connect_ms_) options.set(CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    connect_ms_ = connect_ms;
    // POSTFIELDS is not copied. A short body is sent in one system call with the head. It makes the
    // request a POST, so that a handle which has sent a GET needs nothing else.
    const auto body = exchange_.body.text();
    options.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()))
        .set(CURLOPT_POSTFIELDS, body.data())
        .set(CURLOPT_HTTPHEADER, head_lines());
    if (exchange_.is_get) options.set(CURLOPT_HTTPGET, 1L);
    if (named) options.set(CURLOPT_RESOLVE, resolve_line());
    phase_ = Phase::running;
    return options.refused();
}

// Options that depend on the target: set only where the target is not that of the last exchange of
// this place. `or_none` also takes back what the last target has set.
void Transfer::set_target(Options& options) {
    target_ = exchange_.target;
    options.set(CURLOPT_CURLU, target_->parsed.get());
    set_trust(options);
    options.set(CURLOPT_UNIX_SOCKET_PATH, or_none(target_->socket))
        .set(CURLOPT_FORBID_REUSE, long{target_->one_shot})
        .set(CURLOPT_PROXY, target_->proxy.c_str())
        .set(CURLOPT_PROXYUSERNAME, or_none(target_->proxy_user))
        .set(
            CURLOPT_PROXYPASSWORD,
            target_->proxy_user.empty()
                ? nullptr
                : std::string{target_->proxy_password.reveal()}.c_str()  // libcurl copies it.
        );
}

// Trust: `ca_file` replaces the system's bundle file; a system folder stays trusted beside it.
void Transfer::set_trust(Options& options) {
    const auto& system = system_certificates();
    const auto& ca = target_->ca_file.empty() ? system.file : target_->ca_file;
    const bool for_proxy = target_->proxy.starts_with("https://");
    if (!ca.empty()) options.set(CURLOPT_CAINFO, ca.c_str());
    if (!ca.empty() && for_proxy) options.set(CURLOPT_PROXY_CAINFO, ca.c_str());
    const auto& folder = system.folder;
    if (!folder.empty()) options.set(CURLOPT_CAPATH, folder.c_str());
    if (!folder.empty() && for_proxy) options.set(CURLOPT_PROXY_CAPATH, folder.c_str());
    const auto& key = target_->client_key.empty() ? target_->client_cert : target_->client_key;
    options.set(CURLOPT_SSLCERT, or_none(target_->client_cert)).set(CURLOPT_SSLKEY, or_none(key));
}

// Header lines: the extra ones, then the target's. The list nodes borrow their text. The list is
// short, because libcurl walks it about a dozen times a request.
curl_slist* Transfer::head_lines() {
    curl_slist* next = target_->lines.get();
    const auto before = [&](curl_slist& node, char* line) {
        node = {line, next};
        next = &node;
    };
    // For a body above a megabyte libcurl would wait for `100 Continue`, which costs a second with
    // servers that do not support it.
    static char no_expect[] = "Expect:";
    if (exchange_.body.text().size() > long_body) before(expect_node_, no_expect);
    extra_nodes_.resize(exchange_.extra_lines.size());
    for (auto i = extra_nodes_.size(); i-- > 0;) {
        before(extra_nodes_[i], exchange_.extra_lines[i].data());
    }
    return next;
}

// CURLOPT_RESOLVE entry `host:port:address,address`; libcurl keeps it until it gets another.
curl_slist* Transfer::resolve_line() {
    if (!addresses_) return nullptr;
    if (resolve_text_.empty()) {
        resolve_text_ = target_->dialed_host + ":" + std::to_string(target_->dialed_port);
        char before = ':';
        for (const auto& address : *addresses_) {
            resolve_text_ += std::exchange(before, ',') + address;
        }
    }
    resolve_node_ = {resolve_text_.data(), nullptr};
    return &resolve_node_;
}

// libcurl calls this when the connection is up and the request is about to be sent. A second call
// is a silent resend, which libcurl tries if no byte of an answer came.
int Transfer::on_connected(void* self, char*, char*, int, int) {
    auto& it = transfer(self);
    if (std::exchange(it.ending_.sent, true)) {
        it.resending_ = true;
        return CURL_PREREQFUNC_ABORT;
    }
    long connections = 0;
    curl_easy_getinfo(it.easy(), CURLINFO_NUM_CONNECTS, &connections);
    it.ending_.reused_connection = connections == 0;
    return CURL_PREREQFUNC_OK;
}

// A transfer that opens a socket after its request was sent wants to resend: refused right here,
// before a new connection is made.
curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& it = transfer(self);
    if (!it.ending_.sent) return it.sockets_.open(*address);
    it.resending_ = true;
    return CURL_SOCKET_BAD;
}

int Transfer::close_socket(void* sockets, curl_socket_t fd) {
    static_cast<SocketSet*>(sockets)->close(fd);
    return 0;
}

// The reader may refuse again what it gets from inside this call.
CURLcode Transfer::resume() {
    paused_ = false;
    const auto code = curl_easy_pause(easy(), CURLPAUSE_CONT);
    set_timer();
    return code;
}

std::size_t Transfer::take_head(char* data, std::size_t size, std::size_t count, void* self) {
    return transfer(self).guarded(&Transfer::read_head, {data, size * count});
}

std::size_t Transfer::take_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& it = transfer(self);
    const auto taken = it.guarded(&Transfer::read_body, {data, size * count});
    return it.paused_ ? CURL_WRITEFUNC_PAUSE : taken;
}

}  // namespace skein::wire
