#include "mock_server/members.hpp"

namespace skein::mock {

Refused parse_body(std::string_view text, Json& body) {
    body = Json::parse(text, nullptr, false);
    if (body.is_discarded()) return no("the body is not JSON");
    if (!body.is_object()) return no("the body must be a JSON object");
    return std::nullopt;
}

const Json* member(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

const std::string* text_member(const Json& object, const char* name) {
    const auto* value = member(object, name);
    return value && value->is_string() ? &value->get_ref<const std::string&>() : nullptr;
}

Refused read_count(const Json& object, const char* name, std::uint64_t& place, std::uint64_t max) {
    const auto* value = member(object, name);
    if (!value) return std::nullopt;
    if (!value->is_number_unsigned() || *value < 1u || *value > max) {
        return no(std::string{name} + " must be a whole number from 1 to " + std::to_string(max));
    }
    place = value->get<std::uint64_t>();
    return std::nullopt;
}

Refused read_truth(const Json& object, const char* name, bool& place) {
    const auto* value = member(object, name);
    if (!value) return std::nullopt;
    if (!value->is_boolean()) return no(std::string{name} + " must be true or false");
    place = value->get<bool>();
    return std::nullopt;
}

bool is_word_of(std::string_view words, std::string_view name) {
    while (!words.empty()) {
        const auto end = words.find(' ');
        if (words.substr(0, end) == name) return true;
        words.remove_prefix(end == words.npos ? words.size() : end + 1);
    }
    return false;
}

const std::string* stranger(const Json& object, std::string_view known) {
    const auto& members = object.get_ref<const Json::object_t&>();
    for (const auto& [name, value] : members) {
        if (!is_word_of(known, name)) return &name;
    }
    return nullptr;
}

}  // namespace skein::mock
