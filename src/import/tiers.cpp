// Fallbacks become tiers: a later tier serves while no endpoint of an earlier one is well. What
// falls back for one fault alone (`context_window_fallbacks`) becomes `on:`, and its endpoints the
// last tiers. Deployments with an `order` become tiers within their group.
#include "import/tiers.hpp"

#include "json/text.hpp"
#include "settings/ranges.hpp"
#include "settings/spelling.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace skein::litellm {
namespace {

using Groups = Router::Groups;

const Groups* fallbacks_of(const Router::Fallbacks& fallbacks, const std::string& group) {
    auto at = fallbacks.find(group);
    if (at == fallbacks.end()) at = fallbacks.find("*");
    return at == fallbacks.end() ? nullptr : &at->second;
}

bool holds(const std::vector<Deployment>& deployments, const std::string& group) {
    return std::ranges::find(deployments, group, &Deployment::group) != deployments.end();
}

// The groups of the job, in the order in which they serve.
class Chain {
public:
    Chain(const std::vector<Deployment>& deployments, const Router& router)
        : deployments_{deployments}, router_{router} {}

    // The group, its fallbacks and theirs, and then those for single faults.
    Groups from(const std::string& first) {
        add(first);
        for (std::size_t i = 0; i < groups_.size(); ++i) {
            const auto* next = fallbacks_of(router_.after_failure, groups_[i]);
            add_all(next ? *next : router_.default_fallbacks);
        }
        for (std::size_t i = 0; i < groups_.size(); ++i) {
            if (const auto* next = fallbacks_of(router_.after_context, groups_[i])) add_all(*next);
            if (const auto* next = fallbacks_of(router_.after_filter, groups_[i])) add_all(*next);
        }
        return groups_;
    }

private:
    void add(const std::string& name) {
        const auto group = resolved(router_, name);
        if (holds(deployments_, group) && known_.insert(group).second) groups_.push_back(group);
    }
    void add_all(Groups names) {
        for (const auto& name : names) add(name);
    }

    const std::vector<Deployment>& deployments_;
    const Router& router_;
    std::set<std::string> known_;
    Groups groups_;
};

// The first endpoint of the first fallback group that the job has.
std::string endpoint_after(
    const Router::Fallbacks& fallbacks,
    const std::string& group,
    const Router& router,
    const std::vector<Placed>& all
) {
    const auto* groups = fallbacks_of(fallbacks, group);
    if (!groups) return {};
    for (const auto& name : *groups) {
        const auto wanted = resolved(router, name);
        if (wanted == group) continue;
        const auto at = std::ranges::find(all, wanted, [](const Placed& placed) {
            return placed.deployment.group;
        });
        if (at != all.end()) return at->deployment.name;
    }
    return {};
}

ConfigError none_of(const std::string& wanted, const std::vector<Deployment>& deployments) {
    if (deployments.empty()) {
        return {"", "the file has no entry of model_list that skein could ask"};
    }
    std::vector<std::string_view> known;
    for (const auto& deployment : deployments) known.push_back(deployment.group);
    constexpr std::size_t max_named = 20;
    known.resize(std::min(known.size(), max_named));
    return {
        "",
        "no entry of model_list that skein could ask has the model_name '" + shown(wanted) + "'" +
            json::printable(config::advice(wanted, known), 600)};
}

// Moves the deployments of the groups into tiers. Of a deployment beyond the most that a job may
// have there is a note.
std::vector<Placed> in_tiers(
    std::vector<Deployment> deployments, const Groups& groups, Notes& notes
) {
    std::vector<Placed> all;
    std::size_t tier = 0;
    for (const auto& group : groups) {
        std::map<double, std::vector<Deployment*>> by_order;
        for (auto& deployment : deployments) {
            if (deployment.group == group) by_order[deployment.order].push_back(&deployment);
        }
        for (const auto& [order, same] : by_order) {
            for (auto* deployment : same) {
                if (all.size() == config::range::endpoints.max || tier > config::range::tier.max) {
                    notes.add(deployment->at, "left out: a job has a hundred endpoints at most");
                    continue;
                }
                all.push_back({.deployment = std::move(*deployment), .tier = tier});
            }
            ++tier;
        }
    }
    return all;
}

}  // namespace

Expected<std::vector<Placed>, ConfigError> placed(
    std::vector<Deployment> deployments,
    const Router& router,
    const std::string& wanted,
    Notes& notes
) {
    const auto first = !wanted.empty()       ? resolved(router, wanted)
                       : deployments.empty() ? std::string{}
                                             : deployments.front().group;
    if (!holds(deployments, first)) return none_of(first, deployments);
    const auto groups = Chain{deployments, router}.from(first);
    std::set<std::string> told;
    for (const auto& deployment : deployments) {
        if (std::ranges::find(groups, deployment.group) != groups.end()) continue;
        if (!told.insert(deployment.group).second) continue;
        const auto name = shown(deployment.group);
        notes.add(
            deployment.at,
            name + " is left out: a job asks one model, here " + shown(first) +
                ", and its fallbacks; --model " + name + " makes a job of it"
        );
    }
    auto all = in_tiers(std::move(deployments), groups, notes);
    for (auto& one : all) {
        const auto& group = one.deployment.group;
        one.on_context = endpoint_after(router.after_context, group, router, all);
        one.on_filter = endpoint_after(router.after_filter, group, router, all);
    }
    return all;
}

}  // namespace skein::litellm
