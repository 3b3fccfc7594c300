// Merges the chunks of a stream into one value. The rules depend only on the name and type of each
// value, so that a future, unknown member is kept like the known ones. Invariant: every byte kept
// is reported in `Grown`, so that the caller can bound the memory. Lists outside of deltas are kept
// as JSON text.
#include "dialect/answer/merged.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skein {
namespace {

using json::Element;

// Memory charged for a value besides its bytes, so that many empty values count. The number of
// siblings is added, because they were searched: so the time is bounded by the same limit.
constexpr std::size_t bytes_of_a_value = 256;

// Members of a delta whose text is a name. Servers repeat it in each chunk or send it once.
constexpr std::array<std::string_view, 14> names_of_things{
    "role",
    "id",
    "type",
    "object",
    "model",
    "format",
    "mime_type",
    "media_type",
    "status",
    "source",
    "call_id",
    "tool_call_id",
    "item_id",
    "encoding",
};

// Members of a part that contains only text or only thinking.
constexpr std::array<std::string_view, 5> texts_of_a_part{
    "text", "thinking", "reasoning", "content", "summary"};

bool is_one_of(std::string_view name, const auto& names) {
    return std::ranges::find(names, name) != names.end();
}

// Does the part contain nothing but its type and text?
bool is_part_of_text(Element part) {
    simdjson::dom::object object;
    if (part.get(object)) return false;
    bool has_text = false;
    for (const auto& [name, value] : object) {
        if (name == "type") continue;
        if (!is_one_of(name, texts_of_a_part)) return false;
        has_text = value.is_string() || value.is_array();
        if (!has_text) return false;
    }
    return has_text;
}

}  // namespace

// `null` is ignored: servers send it for members that have no news in this chunk.
Grown Merged::merge(Element given, Join join, std::string_view name) {
    std::string_view text;
    simdjson::dom::array list;
    simdjson::dom::object object;
    if (given.is_null()) return {};
    if (!given.get(text)) return merge_text(text, join, name);
    if (!given.get(object)) return merge_object(object, join);
    if (given.get(list)) return merge_scalar(given);
    return join == Join::pieces ? merge_list(list) : merge_items(list, join);
}

// A text that meets an object, or JSON kept as text, is dropped: there is no value that could hold
// both.
Grown Merged::append(std::string_view text) {
    if (kind_ == Kind::null || kind_ == Kind::scalar) {
        kind_ = Kind::text;
        text_.clear();
    }
    if (kind_ == Kind::text) {
        text_ += text;
        return {text.size(), text.size()};
    }
    if (kind_ != Kind::list || text.empty()) return {};
    // A text that follows a list of parts becomes a text part.
    if (list_.empty() || list_.back().text_of("type") != "text" || !list_.back().find("text")) {
        Grown grown{bytes_of_a_value, 0};
        auto& part = list_.emplace_back();
        grown += part.at("type", grown).replace("text");
        return grown += part.at("text", grown).append(text);
    }
    return list_.back().find("text")->append(text);
}

// An empty text never replaces a known one. The same text again costs nothing.
Grown Merged::replace(std::string_view text) {
    const bool may = is_empty() || kind_ == Kind::scalar || kind_ == Kind::text;
    if (!may || (text.empty() && kind_ != Kind::null)) return {};
    if (kind_ == Kind::text && text_ == text) return {};
    const auto before = text_.size();
    kind_ = Kind::text;
    text_ = text;
    return {text.size() > before ? text.size() - before : 0, 0};
}

Grown Merged::merge_text(std::string_view given, Join join, std::string_view name) {
    if (join != Join::pieces || is_one_of(name, names_of_things)) return replace(given);
    if (name == "name") {  // Servers send pieces, the whole name, or the name so far.
        if (kind_ == Kind::text && given.starts_with(text_)) return replace(given);
    }
    return append(given);
}

// Numbers and booleans: the last one counts. It never replaces a text, list or object with content.
Grown Merged::merge_scalar(Element given) {
    if (!is_empty() && kind_ != Kind::scalar) return {};
    const auto before = text_.size();
    kind_ = Kind::scalar;
    text_ = json::one_line(given);
    return {text_.size() > before ? text_.size() - before : 0, 0};
}

// Keeps a list as JSON text, because its elements are never merged.
Grown Merged::merge_items(simdjson::dom::array given, Join join) {
    if (!is_empty() && kind_ != Kind::items) return {};
    if (join == Join::replace && given.size() > 0) text_.clear();
    if (kind_ != Kind::items) text_.clear();
    kind_ = Kind::items;
    const auto before = text_.size();
    for (const auto element : given) {
        if (!text_.empty()) text_ += ',';
        text_ += json::one_line(element);
    }
    return {text_.size() - before, 0};
}

Grown Merged::merge_object(simdjson::dom::object given, Join join) {
    if (!is_empty() && kind_ != Kind::object) return {};
    kind_ = Kind::object;
    Grown grown;
    for (const auto& [name, value] : given) {
        grown += at(name, grown).merge(value, join, name);
    }
    return grown;
}

// Turns the value into a list. A present text becomes the first part of the list.
Grown Merged::make_list() {
    if (kind_ == Kind::list) return {};
    const auto text = std::exchange(text_, {});
    const bool had_text = kind_ == Kind::text && !text.empty();
    kind_ = Kind::list;
    if (!had_text) return {};
    auto grown = append(text);
    return {grown.held, 0};
}

// Each element continues a known one or is new. A new one is charged for the elements that were
// searched (`bytes_of_a_value`).
Grown Merged::merge_list(simdjson::dom::array given) {
    if (kind_ == Kind::object || kind_ == Kind::items) return {};
    auto grown = make_list();
    for (const auto element : given) {
        auto* place = place_for(element);
        if (!place) {
            place = &list_.emplace_back();
            grown.held += bytes_of_a_value + list_.size();
        }
        grown += place->merge(element, Join::pieces);
    }
    return grown;
}

// The element that `given` continues; null if `given` is a new element.
Merged* Merged::place_for(Element given) {
    const auto index = json::whole_member(given, "index");
    if (!index) {
        const bool goes_on = !list_.empty() && list_.back().continues_as_part(given);
        return goes_on ? &list_.back() : nullptr;
    }
    const auto text = std::to_string(*index);
    const auto id = json::text_or_empty(given, "id");
    // From the newest: with equal indexes the last element goes on. Another `id` under the same
    // index is a new element.
    for (auto at = list_.rbegin(); at != list_.rend(); ++at) {
        const auto* known = at->find("index");
        if (!known || known->text_ != text) continue;
        const auto known_id = at->text_of("id");
        return id.empty() || known_id.empty() || id == known_id ? &*at : nullptr;
    }
    return nullptr;
}

// Only a part that has nothing but text may go on; a part with an image or a citation is whole.
bool Merged::continues_as_part(Element given) const {
    if (!is_object() || !is_part_of_text(given)) return false;
    return text_of("type") == json::text_or_empty(given, "type") &&
           std::ranges::all_of(members_, [](const Member& member) {
               return member.name == "type" || is_one_of(member.name, texts_of_a_part);
           });
}

// An empty value may still take another type: servers send `""` or `[]` before the real value.
bool Merged::is_empty() const {
    switch (kind_) {
        case Kind::null:
            return true;
        case Kind::scalar:
            return false;
        case Kind::text:
        case Kind::items:
            return text_.empty();
        case Kind::list:
            return list_.empty();
        case Kind::object:
            return members_.empty();
    }
    return true;
}

std::string_view Merged::text() const {
    return kind_ == Kind::text ? std::string_view{text_} : std::string_view{};
}

std::string Merged::text_of_parts() const {
    std::string text{this->text()};
    for (const auto& part : list_) text += part.text_of("text");
    return text;
}

std::vector<Merged>& Merged::elements() {
    make_list();
    return list_;
}

const Merged* Merged::find(std::string_view name) const {
    const auto found = std::ranges::find(members_, name, &Member::name);
    return found == members_.end() ? nullptr : &found->value;
}

Merged* Merged::find(std::string_view name) {
    return const_cast<Merged*>(std::as_const(*this).find(name));
}

std::string_view Merged::text_of(std::string_view name) const {
    const auto* found = find(name);
    return found ? found->text() : std::string_view{};
}

// The reference is valid until the next new member, because the members are in a vector.
Merged& Merged::at(std::string_view name, Grown& grown) {
    if (auto* found = find(name)) return *found;
    kind_ = Kind::object;
    grown.held += bytes_of_a_value + name.size() + members_.size();
    members_.push_back({std::string{name}, {}});
    return members_.back().value;
}

// Recursive; the depth follows that of the chunks, which the JSON parser bounds.
void Merged::write(std::string& out) const {
    switch (kind_) {
        case Kind::null:
            out += "null";
            break;
        case Kind::scalar:
            out += text_;
            break;
        case Kind::text:
            json::append_string(out, text_);
            break;
        case Kind::items:
            out.append("[").append(text_) += ']';
            break;
        case Kind::list:
            out += '[';
            for (const auto& element : list_) {
                if (&element != &list_.front()) out += ',';
                element.write(out);
            }
            out += ']';
            break;
        case Kind::object:
            out += '{';
            write_members(out);
            out += '}';
            break;
    }
}

void Merged::write_members(std::string& out) const {
    for (const auto& [name, value] : members_) {
        if (&name != &members_.front().name) out += ',';
        json::append_string(out, name);
        out += ':';
        value.write(out);
    }
}

}  // namespace skein
