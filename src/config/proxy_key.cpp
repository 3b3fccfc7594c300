#include "config/proxy_key.hpp"

#include "config/expand.hpp"
#include "config/values.hpp"
#include "settings/proxy.hpp"

namespace skein::config {

Complaint read_proxy(const Node& node, ProxySetting into) {
    constexpr std::string_view none = "none";
    std::string text;
    if (auto complaint = read_text(node, text)) return complaint;
    if (text == none) return std::nullopt;
    auto proxy = split_login(text);
    if (!proxy.login.empty() && !sole_variable(node.written)) {
        return complain(
            node.at,
            "the login of a proxy never stands in a job file, because those are shown, copied and "
            "committed; put the whole URL into an environment variable and write proxy: ${MY_PROXY}"
        );
    }
    if (proxy.url != proxy_of_environment) {
        if (auto wrong = check_proxy(proxy.url)) {
            return complain(node.at, *wrong + "; or environment, or none");
        }
    }
    into.url = std::move(proxy.url);
    into.login = std::move(proxy.login);
    return std::nullopt;
}

}  // namespace skein::config
