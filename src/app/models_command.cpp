// The command `models`: the endpoints of a job are asked what they offer.
#include "app/command.hpp"
#include "app/offers.hpp"
#include "app/result.hpp"
#include "json/json.hpp"
#include "json/text.hpp"
#include "settings/spelling.hpp"

#include <algorithm>
#include <utility>

namespace skein::app {
namespace {

// The model that every row has by the `request:` of the job; empty if rows name it.
std::string model_of_request(const Job& job) {
    if (job.request.empty()) return {};
    const auto root = json::parse(job.request);
    if (root.error() != simdjson::SUCCESS) return {};
    std::string model{json::text_or_empty(root.value_unsafe(), "model")};
    return model.find("{{") == model.npos ? model : std::string{};
}

// A mock server answers for any model.
Offer offer_at(const Endpoint& endpoint, const std::string& model, const ModelsAnswer& answer) {
    const bool is_comparable = answer.state == ModelsAnswer::State::listed && !answer.is_cut;
    if (!is_comparable || endpoint.url.starts_with("mock:")) return {};
    return offer_of(endpoint, model, answer.models);
}

// Settings with the chosen endpoints alone, so that the others need not be usable.
Expected<Settings, ConfigError> chosen(const Job& job, const std::string& name) {
    auto settings = job.settings;
    settings.local.reset();  // Its workers are started by a run alone.
    if (settings.endpoints.empty()) {
        return ConfigError{job.file, "the job has no endpoint that could be asked, only `local:`"};
    }
    if (name.empty()) return settings;
    std::vector<std::string_view> known;
    for (const auto& endpoint : job.settings.endpoints) known.push_back(endpoint.name);
    if (std::ranges::find(known, name) == known.end()) {
        return ConfigError{
            job.file, "no endpoint has the name '" + name + "'" + config::advice(name, known)};
    }
    std::erase_if(settings.endpoints, [&](const Endpoint& endpoint) {
        return endpoint.name != name;
    });
    settings.endpoints.front().on.clear();  // They name endpoints that are not here.
    return settings;
}

int failed(Terminal& terminal, const ConfigError& error) {
    terminal.print("skein: " + json::printable(error.first(), 8192) + "\n");
    for (const auto& other : error.others) failed(terminal, other);
    return wrong_usage;
}

int exit_status(const std::vector<EndpointOffer>& offers) {
    const bool is_bad = std::ranges::any_of(offers, [](const EndpointOffer& offer) {
        const auto state = offer.answer.state;
        return state == ModelsAnswer::State::refused || state == ModelsAnswer::State::failed;
    });
    return is_bad ? stopped_by_policy : all_completed;
}

int shown(const std::vector<EndpointOffer>& offers, const std::string& text) {
    const auto printed = print_result(text);
    return printed == all_completed ? exit_status(offers) : printed;
}

}  // namespace

Expected<std::vector<EndpointOffer>, ConfigError> ask_offers(
    const Job& job, const std::string& endpoint
) {
    auto settings = chosen(job, endpoint);
    if (!settings) return settings.error();
    const auto plan = plan_client(std::move(*settings));
    if (!plan) return plan.error();
    const auto usual_model = model_of_request(job);
    auto asked_all = ask_models(*plan);
    if (!asked_all) return asked_all.error();
    auto& answers = *asked_all;
    std::vector<EndpointOffer> offers;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto& asked = plan->settings().endpoints[i];
        auto model = asked.model.empty() ? usual_model : asked.model;
        auto offer = offer_at(asked, model, answers[i]);
        offers.push_back(
            {asked.name,
             std::move(answers[i]),
             std::move(model),
             std::move(offer),
             caveat_of(asked)}
        );
    }
    return offers;
}

int show_offers(const std::vector<EndpointOffer>& offers, bool with_models) {
    return shown(offers, offers_text(offers, with_models));
}

int models_command(const Command& command) {
    Terminal terminal{LogLevel::warn};
    const auto job = load_job(command.job_file, command.overrides);
    if (!job) return failed(terminal, job.error());
    for (const auto& warning : job->warnings) terminal.log(LogLevel::warn, warning);
    const auto offers = ask_offers(*job, command.endpoint);
    if (!offers) return failed(terminal, offers.error());
    if (command.as_json) return shown(*offers, json::harmless(offers_json(*offers)) + "\n");
    return show_offers(*offers, true);
}

}  // namespace skein::app
