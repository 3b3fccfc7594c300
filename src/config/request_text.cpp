// Converts the `request:` template to JSON text, once per job.
// Invariant: a scalar is a number only if it is one for YAML and for JSON alike; an ambiguous one
// is an error. `places` has one entry per JSON string, in the order of the text.
// Pure functions over the tree.
#include "config/request_text.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace skein::config {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

std::size_t count_digits(std::string_view text) {
    return std::min(text.find_first_not_of("0123456789"), text.size());
}

// Removes a number of JSON's grammar (RFC 8259) from the front of `text`; false if there is none.
bool skip_number(std::string_view& text, bool& is_integer) {
    is_integer = true;
    if (text.starts_with('-')) text.remove_prefix(1);
    const auto whole = count_digits(text);
    // JSON allows no leading zero.
    if (whole == 0 || (whole > 1 && text.front() == '0')) return false;
    text.remove_prefix(whole);
    if (text.starts_with('.')) {
        is_integer = false;
        const auto fraction = count_digits(text.substr(1));
        if (fraction == 0) return false;
        text.remove_prefix(1 + fraction);
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        is_integer = false;
        text.remove_prefix(1);
        if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
        const auto exponent = count_digits(text);
        if (exponent == 0) return false;
        text.remove_prefix(exponent);
    }
    return true;
}

// Whether the number is within the range of the type.
template <class T>
bool fits(std::string_view text) {
    T value{};
    return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{};
}

// JSON's grammar, and within 64 bits or a double, because a larger number cannot be parsed again.
bool is_json_number(std::string_view text) {
    auto rest = text;
    bool is_integer = true;
    if (!skip_number(rest, is_integer) || !rest.empty()) return false;
    // Unsigned as well: seeds and ids may need all 64 bits.
    if (!is_integer) return fits<double>(text);
    return fits<std::int64_t>(text) || fits<std::uint64_t>(text);
}

// Removes an exponent, if there is a complete one.
void skip_exponent(std::string_view& text) {
    if (!text.starts_with('e') && !text.starts_with('E')) return;
    auto rest = text.substr(1);
    if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
    const auto digits = count_digits(rest);
    if (digits > 0) text = rest.substr(digits);
}

// Whether a scalar that is no valid JSON number is a number in YAML's core schema, or is too large
// for 64 bits or a double.
bool looks_like_number(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (is_one_of(text, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})) return true;
    if (text.starts_with("0x") || text.starts_with("0o")) {
        return text.size() > 2 && text.find_first_not_of("0123456789abcdefABCDEF", 2) == text.npos;
    }
    const auto whole = count_digits(text);
    text.remove_prefix(whole);
    std::size_t fraction = 0;
    if (text.starts_with('.')) {
        fraction = count_digits(text.substr(1));
        text.remove_prefix(1 + fraction);
    }
    // A point or a sign alone is a text.
    if (whole + fraction == 0) return false;
    skip_exponent(text);
    return text.empty();
}

// Writes a node with its children, recursively; the depth is bounded by `max_depth` of the tree.
class Writer {
public:
    Writer(std::string& out, Places& places, Mistakes& mistakes)
        : out_{out}, places_{places}, mistakes_{mistakes} {}

    void write(const Node& node) {
        if (node.is_null()) {
            out_ += "null";
        } else if (node.is_scalar()) {
            write_scalar(node);
        } else {
            write_children(node);
        }
    }

private:
    void write_scalar(const Node& node) {
        if (!node.quoted && is_one_of(node.text, {"true", "True", "TRUE"})) {
            out_ += "true";
        } else if (!node.quoted && is_one_of(node.text, {"false", "False", "FALSE"})) {
            out_ += "false";
        } else if (!node.quoted && is_json_number(node.text)) {
            out_ += node.text;
        } else if (!node.quoted && looks_like_number(node.text)) {
            // `010` is 10 for one tool and 8 for another. The user has to say what is meant.
            mistakes_.push_back(complain(
                node.at,
                "is " + found(node) +
                    " a number or a text? Write a number as JSON does, and a text in quotes"
            ));
        } else {
            write_text(node.text, node.at);
        }
    }

    void write_children(const Node& node) {
        out_ += node.is_map() ? '{' : '[';
        bool is_first = true;
        for (const auto& child : node.children) {
            if (!is_first) out_ += ',';
            is_first = false;
            if (node.is_map()) {
                write_text(child.key, child.key_at);
                out_ += ':';
            }
            write(child);
        }
        out_ += node.is_map() ? '}' : ']';
    }

    // The place is stored before the text, so that string number n of the JSON has place n.
    void write_text(const std::string& text, const Place& at) {
        places_.push_back(at);
        json::append_string(out_, text);
    }

    std::string& out_;
    Places& places_;
    Mistakes& mistakes_;
};

}  // namespace

void write_json(const Node& node, std::string& into, Places& places, Mistakes& mistakes) {
    Writer{into, places, mistakes}.write(node);
}

Complaint read_request(const Node& node, std::string& into, Places& places, Mistakes& mistakes) {
    if (!node.is_map() || node.children.empty()) {
        return complain(
            node.at,
            "request must be a mapping of what to send for each row (messages, temperature …), "
            "not " +
                (node.is_map() ? std::string{"an empty one"} : found(node))
        );
    }
    // Reported without a return, so that further errors of the template are found, too.
    if (const auto* model = node.find("model")) {
        mistakes.push_back(complain(
            model->key_at, "the model belongs to the endpoint; write it there, under endpoints"
        ));
    }
    into.clear();
    Writer{into, places, mistakes}.write(node);
    return std::nullopt;
}

}  // namespace skein::config
