#include "dialect/models/model_list.hpp"
#include "settings/spelling.hpp"

#include <algorithm>

namespace skein {
namespace {

// Servers take some names beside those of the list: Gemini with its folder, Ollama without
// `:latest`.
bool is_named(std::string_view model, std::string_view listed, Api api) {
    if (model == listed) return true;
    if (api == Api::gemini) {
        return model.starts_with(gemini_folder) && model.substr(gemini_folder.size()) == listed;
    }
    constexpr std::string_view latest = ":latest";
    return listed.ends_with(latest) && model == listed.substr(0, listed.size() - latest.size());
}

// The shortest name that goes on where the model ends, such as `claude-haiku-4-5-20251001`; or else
// the most similar one. In this order, because `claude-sonnet-4-5` is more similar to a name that
// is cut.
std::string meant_by(std::string_view model, const std::vector<OfferedModel>& models) {
    std::vector<std::string_view> names;
    std::string_view best;
    for (const auto& offered : models) {
        const auto& name = names.emplace_back(offered.name);
        if (name.starts_with(model) && (best.empty() || name.size() < best.size())) best = name;
    }
    return std::string{best.empty() ? config::nearest(model, names) : best};
}

}  // namespace

Offer offer_of(
    const Endpoint& endpoint, std::string_view model, const std::vector<OfferedModel>& models
) {
    if (model.empty() || !caveat_of(endpoint).empty()) return {};
    const bool is_there = std::ranges::any_of(models, [&](const OfferedModel& offered) {
        return is_named(model, offered.name, endpoint.api);
    });
    if (is_there) return {Offer::Kind::offered, {}};
    return {Offer::Kind::missing, meant_by(model, models)};
}

}  // namespace skein
