// One place of a pool: a reusable libcurl easy handle and its present exchange. It reads the answer
// from libcurl's callbacks and applies the timeouts. Loop thread only.
#pragma once
#include "wire/curl_fault.hpp"
#include "wire/exchange.hpp"
#include "wire/head.hpp"
#include "wire/options.hpp"
#include "wire/resolver.hpp"
#include "wire/round.hpp"
#include "wire/socket_set.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::wire {

class Transfer {
public:
    enum class Phase : std::uint8_t { free, resolving, running, ended };
    using Place = std::uint32_t;

    Transfer(Place place, SocketSet& sockets, Round& round);
    ~Transfer() = default;
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    Place place() const { return place_; }
    TransferId id() const { return id_; }
    Phase phase() const { return phase_; }
    bool has_left() const { return ending_.sent; }
    CURL* easy() const { return easy_.get(); }
    const Exchange& exchange() const { return exchange_; }
    const Ending& ending() const { return ending_; }
    const AddressesPtr& addresses() const { return addresses_; }
    Resolver::Ticket ticket() const { return ticket_; }

    void begin(TransferId id, Exchange exchange, TimePoint now);
    void await_name(Resolver::Ticket ticket);

    // Sets up the handle for the exchange, so that it can be added to a multi. `addresses` may be
    // null for a numeric host or a unix socket. Returns the option that libcurl refused, if any.
    std::optional<std::string> prepare(AddressesPtr addresses);

    // Between a refusal of the reader (`ReadState::later`) and `resume`, libcurl keeps the refused
    // bytes and reads nothing more.
    bool is_paused() const { return phase_ == Phase::running && paused_; }
    CURLcode resume();

    void finish(CURLcode code);                    // libcurl has ended the transfer.
    void end(FaultKind kind, std::string detail);  // The pool ends the transfer.
    [[nodiscard]] bool expire(TimePoint now);      // False: no timeout has passed yet.

    // Frees the place. The caller passes `ending` to `on_end`.
    struct Last {
        std::function<void(Ending)> on_end;
        Ending ending;
    };
    Last release();

private:
    struct Due {
        TimePoint at = never;
        FaultKind kind = FaultKind::internal;
        const char* words = "";
    };

    // Callbacks of libcurl; `self` is the transfer.
    static std::size_t take_head(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);
    static int on_connected(void* self, char*, char*, int, int);
    static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address);
    static int close_socket(void* sockets, curl_socket_t fd);

    std::optional<std::string> make_handle();
    void forget_handle();
    void set_target(Options& options);
    void set_trust(Options& options);
    curl_slist* head_lines();
    curl_slist* resolve_line();

    void read_head(std::string_view line);
    void read_body(std::string_view bytes);
    void arrived();
    std::size_t guarded(void (Transfer::*read)(std::string_view), std::string_view bytes);

    bool is_queue_full(CURLcode code) const;
    Due due() const;
    void set_timer() { round_.timers.set(place_, due().at); }

    const Place place_;
    SocketSet& sockets_;
    Round& round_;

    EasyHandle easy_;
    std::array<char, CURL_ERROR_SIZE> words_{};  // libcurl's message of the last failure.

    // Present settings of the handle; only changes are set again.
    TargetPtr target_;
    long connect_ms_ = -1;
    bool on_new_connection_ = false;
    AddressesPtr addresses_;
    std::string resolve_text_;
    curl_slist resolve_node_{};
    std::vector<curl_slist> extra_nodes_;
    curl_slist expect_node_{};

    // The present exchange.
    TransferId id_{};
    Phase phase_ = Phase::free;
    Exchange exchange_;
    Ending ending_;
    Resolver::Ticket ticket_{};
    Head head_;
    std::size_t body_bytes_ = 0;
    bool clean_ = true;       // The handle may be reused: it is new, or its exchange succeeded.
    bool paused_ = false;     // The reader has refused bytes.
    bool resending_ = false;  // libcurl tried to send the request a second time.
    TimePoint enough_at_ = never;         // Time at which the reader had a complete answer.
    std::optional<Objection> objection_;  // Our reason to abort; it overrides libcurl's code.
};

}  // namespace skein::wire
