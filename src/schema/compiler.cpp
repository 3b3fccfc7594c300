// The loop over all schemas of a document, and the keywords that exist. Invariant: a keyword that
// is neither checked nor known to change nothing ends the reading, so nothing is left unchecked
// silently.
#include "schema/compiler.hpp"

#include "schema/findings.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <utility>

namespace skein::schema {
namespace {

constexpr std::size_t max_schema = 1024 * 1024;
constexpr std::size_t max_nodes = 10'000;

constexpr std::array<std::pair<std::string_view, Draft>, 4> drafts{{
    {"json-schema.org/draft-06/schema", Draft::six},
    {"json-schema.org/draft-07/schema", Draft::seven},
    {"json-schema.org/draft/2019-09/schema", Draft::y2019},
    {"json-schema.org/draft/2020-12/schema", Draft::y2020},
}};

bool may_stand_beside_a_reference(std::string_view name) {
    return name == "$ref" || name == "$schema" || name == "$id";
}

}  // namespace

void throw_exception_from_error(const Refusal& refusal, const boost::source_location&) {
    throw std::invalid_argument{refusal.text()};
}

std::string pointer_token(std::string_view name) {
    std::string token;
    for (const char c : name) {
        if (c == '~') {
            token += "~0";
        } else if (c == '/') {
            token += "~1";
        } else {
            token += c;
        }
    }
    return token;
}

Expected<Schema, Refusal> Schema::compile(std::string_view text) {
    if (text.size() > max_schema) return Refusal{"", "the schema is larger than 1 MiB"};
    auto table = std::make_shared<Table>();
    std::string storage;
    text = with_readable_numbers(text, storage);
    json::Element root;
    const auto size = std::max<std::size_t>(text.size(), 1);
    auto error = table->parser.allocate(size, json::usual_depth + 1);
    if (!error) error = table->parser.parse(text.data(), text.size()).get(root);
    if (error) return Refusal{"", "no JSON, because " + json::why_not(error)};
    if (auto refusal = Compiler{*table, root}.run()) return std::move(*refusal);
    return Schema{std::move(table)};
}

const Compiler::Keyword* Compiler::keyword(std::string_view name) {
    using C = Compiler;
    using N = Node;
    static const auto all = std::to_array<Keyword>({
        {"type", &C::read_type},
        {"enum", &C::read_enum},
        {"const", &C::read_const},
        {"properties", &C::read_properties},
        {"required", &C::read_required},
        {"additionalProperties", &C::read_schema<&N::additional>},
        {"patternProperties", &C::read_patterns},
        {"propertyNames", &C::read_schema<&N::names_schema>},
        {"minProperties", &C::read_count<&N::members_count, &Bounds::least>},
        {"maxProperties", &C::read_count<&N::members_count, &Bounds::most>},
        {"dependentRequired", &C::read_dependencies, Draft::y2019},
        {"items", &C::read_items},
        {"prefixItems", &C::read_prefix, Draft::y2020},
        {"additionalItems", &C::read_additional_items},
        {"contains", &C::read_schema<&N::contains>},
        {"minItems", &C::read_count<&N::items_count, &Bounds::least>},
        {"maxItems", &C::read_count<&N::items_count, &Bounds::most>},
        {"uniqueItems", &C::read_unique},
        {"minLength", &C::read_count<&N::length, &Bounds::least>},
        {"maxLength", &C::read_count<&N::length, &Bounds::most>},
        {"pattern", &C::read_pattern},
        {"minimum", &C::read_number<&N::minimum>},
        {"maximum", &C::read_number<&N::maximum>},
        {"exclusiveMinimum", &C::read_number<&N::above>},
        {"exclusiveMaximum", &C::read_number<&N::below>},
        {"multipleOf", &C::read_step},
        {"allOf", &C::read_list<&N::all_of>},
        {"anyOf", &C::read_list<&N::any_of>},
        {"oneOf", &C::read_list<&N::one_of>},
        {"not", &C::read_schema<&N::not_schema>},
        {"if", &C::read_schema<&N::if_schema>, Draft::seven},
        {"then", &C::read_schema<&N::then_schema>, Draft::seven},
        {"else", &C::read_schema<&N::else_schema>, Draft::seven},
        {"$ref", &C::read_ref},
        {"$schema", &C::read_root_only},
        {"$id", &C::read_root_only},
        {"$defs"},
        {"definitions"},
        {"title"},
        {"description"},
        {"default"},
        {"examples"},
        {"format"},
        {"$comment"},
        {"readOnly"},
        {"writeOnly"},
        {"deprecated"},
        {"propertyOrdering"},
    });
    const auto found = std::ranges::find(all, name, &Keyword::name);
    return found == all.end() ? nullptr : &*found;
}

std::optional<Refusal> Compiler::run() {
    if (find_draft()) add(root_, "");
    for (Index index = 0; !pending_.empty() && !refusal_; ++index) {
        const auto next = std::move(pending_.front());
        pending_.pop_front();
        read_node(index, next.element, next.pointer);
        if (table_.nodes.size() > max_nodes) refuse("", "the schema has more than 10,000 parts");
    }
    if (!refusal_) check_circles();
    return std::move(refusal_);
}

void Compiler::refuse(std::string at, std::string why) {
    if (!refusal_) refusal_ = Refusal{shown_text(at, 200), shown_text(why, 300)};
}

bool Compiler::find_draft() {
    const auto named = json::member(root_, "$schema");
    if (!named) return true;
    std::string_view uri;
    if (named->get(uri)) uri = {};
    auto bare = uri;
    if (bare.ends_with('#')) bare.remove_suffix(1);
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (bare.starts_with(scheme)) bare.remove_prefix(scheme.size());
    }
    for (const auto& [name, draft] : drafts) {
        if (bare == name) draft_ = draft;
    }
    if (draft_ != Draft::unknown) return true;
    refuse(
        "/$schema",
        "skein checks the drafts 6, 7, 2019-09 and 2020-12, not \"" + std::string{uri} + '"'
    );
    return false;
}

Index Compiler::add(json::Element element, std::string pointer) {
    const auto index = static_cast<Index>(table_.nodes.size());
    const auto [at, is_new] = known_.emplace(pointer, index);
    if (!is_new) return at->second;
    table_.nodes.emplace_back();
    pointers_.push_back(pointer);
    pending_.push_back({element, std::move(pointer)});
    return index;
}

void Compiler::read_node(Index index, json::Element element, const std::string& pointer) {
    Node node;
    bool is_allowed = false;
    simdjson::dom::object object;
    if (!element.get(is_allowed)) {
        node.is_never = !is_allowed;
    } else if (element.get(object)) {
        return refuse(pointer, "a schema must be an object, or true or false");
    } else {
        const Here here{element, pointer, node};
        std::set<std::string_view> seen;
        for (const auto field : object) {
            if (!seen.insert(field.key).second)
                refuse(pointer + '/' + pointer_token(field.key), "it stands there twice");
            read_keyword(here, field.key, field.value);
            if (refusal_) return;
        }
        finish_names(here);
    }
    table_.nodes[index] = std::move(node);
}

void Compiler::read_keyword(const Here& here, std::string_view name, json::Element value) {
    if (name.starts_with("x-")) return;
    const auto at = here.pointer + '/' + pointer_token(name);
    const auto* word = keyword(name);
    if (!word) return refuse(at, "skein does not check this keyword; take it out");
    if (!word->read) return;
    if (draft_ != Draft::unknown && (draft_ < word->since || draft_ > word->until))
        return refuse(at, "the draft that `$schema` names does not know this keyword");
    const bool is_old = draft_ == Draft::six || draft_ == Draft::seven;
    if (is_old && !may_stand_beside_a_reference(name) && json::member(here.whole, "$ref"))
        return refuse(at, "draft 6 and 7 ignore what stands beside `$ref`; put both into `allOf`");
    (this->*word->read)(here, value, at);
}

// Joins the names of `properties` and `required`, so that one look-up tells both.
void Compiler::finish_names(const Here& here) {
    auto& node = here.node;
    std::ranges::sort(node.required);
    const auto first = std::unique(node.required.begin(), node.required.end());
    node.required.erase(first, node.required.end());
    std::ranges::sort(node.names, {}, &Named::name);
    const auto twice = std::ranges::adjacent_find(node.names, {}, &Named::name);
    if (twice != node.names.end()) {
        const auto at = here.pointer + "/properties/" + pointer_token(twice->name);
        return refuse(at, "it stands there twice");
    }
    const auto known = node.names.size();
    for (std::size_t i = 0; i < node.required.size(); ++i) {
        const auto end = node.names.begin() + static_cast<std::ptrdiff_t>(known);
        const auto at =
            std::ranges::lower_bound(node.names.begin(), end, node.required[i], {}, &Named::name);
        if (at != end && at->name == node.required[i]) {
            at->required = i + 1;
        } else {
            node.names.push_back({node.required[i], nothing, i + 1});
        }
    }
    std::ranges::sort(node.names, {}, &Named::name);
}

}  // namespace skein::schema
