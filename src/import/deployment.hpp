// One entry of litellm's `model_list`, as an endpoint of a job.
#pragma once
#include "import/notes.hpp"
#include "import/words.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::litellm {

struct Deployment {
    std::string group{};  // `model_name`.
    std::string name{};   // Of the endpoint; unique.
    config::Place at{};

    std::string api{};
    JobText url{};
    bool is_exact_url = false;
    bool allow_plaintext = false;
    JobText model{};
    std::string key{};  // The name of a variable; empty: none.
    std::vector<std::string> key_command{};
    bool is_bearer = false;
    JobText api_version{};
    std::vector<std::pair<std::string, JobText>> headers{};
    std::vector<JobText> drop{};
    std::vector<std::pair<std::string_view, double>> numbers{};  // Rates and prices, by key.
    std::optional<double> weight{};
    std::optional<double> timeout{};  // Seconds.
    std::uint64_t in_flight = 0;      // 0: not said.
    std::uint64_t max_tokens = 0;     // 0: not said.
    double order = 0;                 // Deployments of a lower order serve first.
};

// Whether an endpoint of a job file has this key.
bool is_endpoint_key(std::string_view name);

// Numbers that a job file has as well: litellm's name, the key, and what one is times the other. A
// row whose key a job file does not have (yet) is told as one without a counterpart.
struct NumberKey {
    std::string_view name;
    std::string_view key;
    double factor;
    double max;
};
std::span<const NumberKey> number_keys();

// Reads all entries of `model_list` that skein can speak with, and notes the others.
class DeploymentReader {
public:
    // `root` must outlive the reader.
    DeploymentReader(const Node& root, Notes& notes);

    std::vector<Deployment> read();

private:
    std::optional<Deployment> read_entry(const Node& entry);
    // A member of `litellm_params`, or of the credential that they name.
    const Node* param(std::string_view name) const;
    bool read_provider(Deployment& deployment);
    bool read_address(Deployment& deployment);
    bool read_vertex(Deployment& deployment);
    void set_url(Deployment& deployment, const Node& base);
    void read_key(Deployment& deployment);
    void set_key(Deployment& deployment, const Node& key);
    void read_headers(Deployment& deployment);
    void read_drop(Deployment& deployment);
    void read_numbers(Deployment& deployment);
    std::optional<double> read_number(std::string_view name);
    std::uint64_t read_whole(const char* name);
    void note_rest(const Node& entry);
    std::string unique_name(const std::string& group);

    const Node& root_;
    Notes& notes_;
    const Node* params_ = nullptr;
    const Node* info_ = nullptr;
    const Node* credential_ = nullptr;
    std::string provider_{};
    std::map<std::string, int> names_{};              // How often each name was given.
    std::map<std::string, std::string> variables_{};  // Of literal keys.
};

}  // namespace skein::litellm
