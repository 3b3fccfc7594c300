// What endpoints offer, for `skein models` and `skein check --ask`.
#pragma once
#include "models/ask_models.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

#include <string>
#include <vector>

namespace skein::app {

// One endpoint, its answer, and the job's model in it.
struct EndpointOffer {
    std::string name{};
    ModelsAnswer answer{};
    std::string model{};  // Empty: the rows name it.
    Offer offer{};
    std::string_view caveat{};
};

// Asks the endpoint of this name, or all. Fails for a job without such an endpoint, and for
// settings that cannot be used.
Expected<std::vector<EndpointOffer>, ConfigError> ask_offers(
    const Job& job, const std::string& endpoint
);

// Lists of the models, or only their numbers.
std::string offers_text(const std::vector<EndpointOffer>& offers, bool with_models);
std::string offers_json(const std::vector<EndpointOffer>& offers);

// Prints the text. Returns the exit status: 3 if an endpoint refused its key or was not reached.
int show_offers(const std::vector<EndpointOffer>& offers, bool with_models);

}  // namespace skein::app
