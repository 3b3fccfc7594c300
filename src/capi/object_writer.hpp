// Writes one JSON object, member by member.
#pragma once
#include "json/text.hpp"

#include <skein/time.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace skein::capi {

class ObjectWriter {
public:
    ObjectWriter& add(std::string_view name, std::string_view text) {
        json::append_string(begun(name), text);
        return *this;
    }
    ObjectWriter& add(std::string_view name, const char* text) {
        return add(name, std::string_view{text});
    }
    template <std::integral Number>
    ObjectWriter& add(std::string_view name, Number number) {
        if constexpr (std::same_as<Number, bool>) {
            begun(name) += number ? "true" : "false";
        } else {
            json::append_number(begun(name), static_cast<std::int64_t>(number));
        }
        return *this;
    }
    ObjectWriter& add(std::string_view name, double number) {
        json::append_number(begun(name), number);
        return *this;
    }
    ObjectWriter& add(std::string_view name, Duration duration) {
        return add(name, static_cast<std::int64_t>(duration.count()));
    }
    template <class Value>
    ObjectWriter& add(std::string_view name, const std::optional<Value>& value) {
        if (value) return add(name, *value);
        begun(name) += "null";
        return *this;
    }
    ObjectWriter& add_json(std::string_view name, std::string_view json) {
        begun(name) += json;
        return *this;
    }

    // The last call.
    std::string text() { return std::move(text_ += '}'); }

private:
    std::string& begun(std::string_view name) {
        if (text_.size() > 1) text_ += ',';
        json::append_string(text_, name);
        return text_ += ':';
    }

    std::string text_ = "{";
};

// A list whose items are JSON already.
template <class Items, class Write>
std::string list_of(const Items& items, Write write) {
    std::string text = "[";
    for (const auto& item : items) {
        if (text.size() > 1) text += ',';
        text += write(item);
    }
    return text += ']';
}

}  // namespace skein::capi
