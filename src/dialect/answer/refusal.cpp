#include "dialect/answer/refusal.hpp"

#include "json/json.hpp"
#include "json/members.hpp"

namespace skein {

bool has_refusal(std::string_view body) {
    json::Element root;
    if (json::parse(body).get(root)) return false;
    const auto choices = json::list_member(root, "choices");
    json::Element first;
    if (!choices || choices->at(0).get(first)) return false;
    const auto message = json::member(first, "message");
    return message && !json::text_or_empty(*message, "refusal").empty();
}

}  // namespace skein
