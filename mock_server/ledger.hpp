// The ledger: the server's own record of requests and answers. Tests compare it with the tally of
// the client.
#pragma once
#include "mock_server/api.hpp"

#include <skein/time.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace skein::mock {

// One request. Times are since the start of the server.
struct Entry {
    std::uint64_t number = 0;  // In the order in which their heads came.
    Duration arrived{};
    std::optional<Duration> finished{};  // Nothing, while it is in flight.
    std::uint64_t connection = 0;
    std::size_t index = 0;  // On the connection: 0 is its first.
    std::string request{};  // The id that the client told, if it did.
    std::uint32_t attempt = 1;
    std::string path{};
    Api api = Api::openai;
    std::uint64_t body_bytes = 0;
    std::uint64_t prompt_hash = 0;
    std::optional<bool> store{};  // As the question says it.
    std::string answered{};       // A status, the name of a fault, `client_left`, or nothing yet.
    std::uint64_t bytes_sent = 0;
    bool client_left = false;  // Before it had been told everything.
};

// A copy of the ledger. At every moment `requests` is the sum of `answered` plus `in_flight`,
// unless requests in flight were forgotten.
struct Ledger {
    std::uint64_t requests = 0;
    std::uint64_t in_flight = 0;
    std::uint64_t max_in_flight = 0;
    std::uint64_t connections = 0;
    std::uint64_t client_left = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t prompt_tokens = 0;  // Of what was answered in full, and without a fault.
    std::uint64_t completion_tokens = 0;
    std::uint64_t max_with_one_id = 0;
    std::map<std::string, std::uint64_t> answered{};
    std::vector<Entry> entries{};  // The latest, as many as are kept.
};

// How a request ended.
struct Finish {
    Duration at{};
    std::string answered{};
    std::uint64_t bytes_sent = 0;
    bool client_left = false;
    std::uint64_t prompt_tokens = 0;
    std::uint64_t completion_tokens = 0;
};

// Keeps the ledger, for one thread.
class Book {
public:
    explicit Book(std::size_t keep) : keep_{keep} {}

    void connected() { ++sums_.connections; }
    // A head has come. Returns the number that the entry gets here.
    std::uint64_t begin(Entry entry);
    // Its body has come.
    void read(
        std::uint64_t number,
        std::uint64_t body_bytes,
        std::uint64_t prompt_hash,
        std::optional<bool> store = {}
    );
    void finish(std::uint64_t number, Finish finish);

    // Resets all counts, except of the requests in flight.
    void forget();

    const Ledger& sums() const { return sums_; }  // Without entries.
    const std::deque<Entry>& entries() const { return entries_; }
    Ledger copy() const;

private:
    Entry* find(std::uint64_t number);
    void count_id(const std::string& request);

    std::size_t keep_;
    std::uint64_t next_ = 0;
    std::uint64_t forgotten_ = 0;  // All below this number.
    Ledger sums_{};
    std::deque<Entry> entries_{};
    std::unordered_map<std::string, std::uint64_t> with_id_{};
};

// As JSON: the sums as one object, an entry as one line.
std::string sums_text(const Ledger& sums);
void append_entry(std::string& out, const Entry& entry);

}  // namespace skein::mock
