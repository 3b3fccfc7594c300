// Members of a JSON object that is put together from the events of a stream.
#pragma once
#include "json/json.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein {

// In the order in which they came first; a later value replaces the earlier one.
class NativeMembers {
public:
    void set(std::string_view name, std::string value) {
        held_ += name.size() + value.size();
        const auto at = std::ranges::find(all_, name, &Member::first);
        if (at == all_.end()) {
            all_.emplace_back(name, std::move(value));
        } else {
            at->second = std::move(value);
        }
    }
    // All members of an object but those that `is_left_out` says.
    template <class LeftOut>
    void set_all(json::Element object, LeftOut is_left_out) {
        simdjson::dom::object members;
        if (object.get(members)) return;
        for (const auto& [name, value] : members) {
            if (!is_left_out(std::string_view{name})) set(name, json::one_line(value));
        }
    }
    bool has(std::string_view name) const {
        return std::ranges::find(all_, name, &Member::first) != all_.end();
    }

    // Appends all but one, with a comma before each that needs one. `out` ends within an object.
    void append(std::string& out, std::string_view without = {}) const {
        for (const auto& [name, value] : all_) {
            if (name != without || without.empty()) append_name(out, name) += value;
        }
    }
    static std::string& append_name(std::string& out, std::string_view name) {
        if (out.back() != '{') out += ',';
        json::append_string(out, name);
        return out += ':';
    }

    // All bytes that were ever taken in, so that replacing is no way around a limit.
    std::size_t held() const { return held_; }

private:
    using Member = std::pair<std::string, std::string>;
    std::vector<Member> all_{};
    std::size_t held_ = 0;
};

}  // namespace skein
