// What each keyword says, read into a node. A value of the wrong form is refused with its path.
#include "json/text.hpp"
#include "schema/compiler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace skein::schema {
namespace {

constexpr std::size_t max_patterns = 200;
constexpr std::size_t max_programs = 40'000;  // Instructions of all regular expressions.
constexpr std::size_t max_allowed_words = 200;

struct TypeName {
    std::string_view name;
    Kind kind;
    bool is_integer = false;
};
constexpr std::array<TypeName, 7> type_names{{
    {"null", kind_null},
    {"boolean", kind_boolean},
    {"number", kind_number},
    {"integer", kind_number, true},
    {"string", kind_string},
    {"array", kind_array},
    {"object", kind_object},
}};

const TypeName* type_named(json::Element value) {
    std::string_view name;
    if (value.get(name)) return nullptr;
    const auto found = std::ranges::find(type_names, name, &TypeName::name);
    return found == type_names.end() ? nullptr : &*found;
}

}  // namespace

void Compiler::read_type(const Here& here, json::Element value, std::string at) {
    constexpr auto wrong =
        "must be null, boolean, number, integer, string, array or object, or a list of these";
    auto& node = here.node;
    node.kinds = 0;
    bool has_number = false;
    const auto take = [&](json::Element name) {
        const auto* type = type_named(name);
        if (!type) return refuse(at, wrong);
        node.kinds |= type->kind;
        has_number |= type->kind == kind_number && !type->is_integer;
        node.only_whole |= type->is_integer;
    };
    simdjson::dom::array list;
    if (value.get(list)) {
        take(value);
    } else {
        for (const auto each : list) take(each);
    }
    if (has_number) node.only_whole = false;
    if (node.kinds == 0) refuse(at, wrong);
}

void Compiler::allow(const Here& here, json::Element value) {
    auto& node = here.node;
    std::string identity;
    append_identity(identity, value_of(value), std::numeric_limits<std::size_t>::max());
    node.longest_allowed = std::max(node.longest_allowed, identity.size());
    node.allowed.push_back(std::move(identity));
    if (node.allowed_words.size() > max_allowed_words) return;
    const auto said = json::printable(json::one_line(value), max_allowed_words);
    node.allowed_words += (node.allowed_words.empty() ? "" : ", ") + said;
    if (node.allowed_words.size() > max_allowed_words) node.allowed_words += " …";
}

// `enum` and `const` at once would need both; a schema that says both is refused.
void Compiler::read_enum(const Here& here, json::Element value, std::string at) {
    simdjson::dom::array list;
    if (value.get(list)) return refuse(at, "must be a list");
    if (here.node.has_allowed) return refuse(at, "`enum` and `const` do not stand together");
    here.node.has_allowed = true;
    for (const auto each : list) allow(here, each);
    std::ranges::sort(here.node.allowed);
}

void Compiler::read_const(const Here& here, json::Element value, std::string at) {
    if (here.node.has_allowed) return refuse(at, "`enum` and `const` do not stand together");
    here.node.has_allowed = true;
    allow(here, value);
}

std::optional<Number> Compiler::number(json::Element value, const std::string& at) {
    const auto number = number_in(value);
    if (!number) refuse(at, "must be a number");
    return number;
}

std::optional<std::uint64_t> Compiler::count(json::Element value, const std::string& at) {
    const auto number = number_in(value);
    if (number && is_whole(*number) && *number >= 0 && *number < 1e18L)
        return static_cast<std::uint64_t>(*number);
    refuse(at, "must be a whole number, 0 or more");
    return std::nullopt;
}

void Compiler::read_step(const Here& here, json::Element value, std::string at) {
    here.node.step = number(value, at);
    if (here.node.step && *here.node.step <= 0) refuse(at, "must be above 0");
}

std::optional<Pattern> Compiler::pattern(std::string_view expression, const std::string& at) {
    if (++patterns_ > max_patterns) {
        refuse(at, "the schema has more than 200 regular expressions");
        return std::nullopt;
    }
    auto made = Pattern::of_javascript(expression);
    if (made) {
        program_ += made->size();
        if (program_ > max_programs) refuse(at, "the regular expressions are too large together");
        return std::move(*made);
    }
    refuse(at, "skein cannot check this regular expression: " + made.error().why);
    return std::nullopt;
}

void Compiler::read_pattern(const Here& here, json::Element value, std::string at) {
    std::string_view expression;
    if (value.get(expression)) return refuse(at, "must be a string");
    here.node.pattern = pattern(expression, at);
}

std::vector<Index> Compiler::add_list(json::Element value, const std::string& at) {
    std::vector<Index> made;
    simdjson::dom::array list;
    if (value.get(list)) {
        refuse(at, "must be a list of schemas");
        return made;
    }
    for (const auto each : list) made.push_back(add(each, at + '/' + std::to_string(made.size())));
    return made;
}

// A list is the older form of `prefixItems`, whose rest is `additionalItems`.
void Compiler::read_items(const Here& here, json::Element value, std::string at) {
    simdjson::dom::array list;
    if (value.get(list)) {
        here.node.items = add(value, std::move(at));
        return;
    }
    if (draft_ == Draft::y2020 || json::member(here.whole, "prefixItems"))
        return refuse(at, "a list of schemas is called `prefixItems` in draft 2020-12");
    here.node.prefix = add_list(value, at);
    if (const auto rest = json::member(here.whole, "additionalItems"))
        here.node.items = add(*rest, here.pointer + "/additionalItems");
}

void Compiler::read_prefix(const Here& here, json::Element value, std::string at) {
    here.node.prefix = add_list(value, at);
}

// Without a list in `items` it means nothing.
void Compiler::read_additional_items(const Here& here, json::Element, std::string at) {
    if (draft_ != Draft::y2020 && json::member(here.whole, "prefixItems"))
        refuse(at, "beside `prefixItems` this is called `items`");
}

void Compiler::read_unique(const Here& here, json::Element value, std::string at) {
    if (value.get(here.node.is_unique)) refuse(at, "must be true or false");
}

void Compiler::read_properties(const Here& here, json::Element value, std::string at) {
    simdjson::dom::object object;
    if (value.get(object)) return refuse(at, "must be an object of schemas");
    for (const auto field : object) {
        here.node.names.push_back({field.key, add(field.value, at + '/' + pointer_token(field.key))}
        );
    }
}

std::vector<std::string_view> Compiler::names(json::Element value, const std::string& at) {
    std::vector<std::string_view> names;
    simdjson::dom::array list;
    const bool is_list = !value.get(list);
    bool are_names = is_list;
    if (is_list) {
        for (const auto each : list) {
            std::string_view name;
            are_names = are_names && !each.get(name);
            names.push_back(name);
        }
    }
    if (!are_names) refuse(at, "must be a list of strings");
    return names;
}

void Compiler::read_required(const Here& here, json::Element value, std::string at) {
    here.node.required = names(value, at);
}

void Compiler::read_patterns(const Here& here, json::Element value, std::string at) {
    simdjson::dom::object object;
    if (value.get(object)) return refuse(at, "must be an object of schemas");
    for (const auto field : object) {
        const auto inside = at + '/' + pointer_token(field.key);
        auto expression = pattern(field.key, inside);
        if (!expression) return;
        here.node.patterns.emplace_back(std::move(*expression), add(field.value, inside));
    }
}

void Compiler::read_dependencies(const Here& here, json::Element value, std::string at) {
    simdjson::dom::object object;
    if (value.get(object)) return refuse(at, "must be an object of lists");
    for (const auto field : object) {
        here.node.dependencies.push_back(
            {field.key, names(field.value, at + '/' + pointer_token(field.key))}
        );
    }
}

// `$schema` was read first, and `$id` at the root names the document, which nothing refers to.
void Compiler::read_root_only(const Here& here, json::Element, std::string at) {
    if (!here.pointer.empty()) refuse(at, "skein reads this keyword at the root only");
}

}  // namespace skein::schema
