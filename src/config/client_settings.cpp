// `parse_client`: from text to the checked settings of a client, in the steps of `parse_job`
// (job.cpp), but without its files, its environment and its requests.
// Runs on the thread of the caller; reads variables and key files that the text names.
#include "config/client_settings.hpp"

#include "config/endpoint_prices.hpp"
#include "config/expand.hpp"
#include "config/mistakes.hpp"
#include "config/values.hpp"
#include "config/whole.hpp"
#include "config/yaml_text.hpp"
#include "settings/check/check_settings.hpp"

#include <string_view>
#include <utility>

namespace skein::config {
namespace {

// What a job says of its files and its rows, with what a program does in its place.
constexpr std::pair<std::string_view, std::string_view> of_jobs[] = {
    {"input", "the requests come from the program"},
    {"request", "the requests come from the program"},
    {"output", "the replies go to the program"},
    {"grace", "the program says when it cancels"},
};

void refuse(const Node& member, std::string_view name, std::string_view why, Mistakes& mistakes) {
    auto what = std::string{name} + " is of job files alone; " + std::string{why};
    mistakes.push_back(complain(member.key_at, std::move(what)));
}

// Takes out of the tree what belongs to jobs, and complains of it.
void refuse_what_is_of_jobs(Node& root, Mistakes& mistakes) {
    std::erase_if(root.children, [&](const Node& member) {
        for (const auto& [name, why] : of_jobs) {
            if (member.key != name) continue;
            refuse(member, name, why, mistakes);
            return true;
        }
        return false;
    });
    constexpr std::string_view why = "the program sees each reply, and the time";
    const auto* limits = root.find("limits");
    const auto* failures = limits ? limits->find("max_failures") : nullptr;
    if (failures) refuse(*failures, "limits.max_failures", why, mistakes);
    const auto* timeouts = root.find("timeouts");
    const auto* of_job = timeouts ? timeouts->find("job") : nullptr;
    if (of_job) refuse(*of_job, "timeouts.job", why, mistakes);
}

// What a client holds at once. The default of a job is larger, because its replies are on the disk.
void choose_window(const Node& root, Draft& draft) {
    const auto* limits = root.find("limits");
    if (limits && limits->find("window")) draft.job.settings.window = draft.job.window;
}

}  // namespace

Expected<ClientSettings, ConfigError> parse_client(
    const std::string& text, const std::string& name
) {
    auto root = read_yaml(text, name);
    if (!root) return root.error();
    if (auto wrong = expand_job(*root); !wrong.empty()) return all_in_one(std::move(wrong), name);
    Draft draft{.may_hold_keys = true};
    draft.job.file = name;
    Mistakes mistakes;
    refuse_what_is_of_jobs(*root, mistakes);
    add(draft.mistakes, read_section(*root, sections().front(), draft));
    give_proxy_to_all(*root, draft);
    give_prices(*root, draft);
    choose_window(*root, draft);
    for (const auto& mistake : draft.mistakes) mistakes.push_back(mistake);
    const auto& settings = draft.job.settings;
    const bool asks_nobody = settings.endpoints.empty() && !settings.local;
    if (asks_nobody && mistakes.empty()) {
        const auto what = "endpoints is missing; say whom to ask (or give a local pool)";
        mistakes.push_back(complain(root->at, what));
    }
    if (!asks_nobody) add_placed(*root, draft, all_wrong_settings(settings), mistakes);
    if (!mistakes.empty()) return all_in_one(std::move(mistakes), name);
    warn_of_free_endpoints(draft.job);
    return ClientSettings{std::move(draft.job.settings), std::move(draft.job.warnings)};
}

}  // namespace skein::config
