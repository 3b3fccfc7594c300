// Compares in one pass and byte by byte, so that no answer can make it slow. Pure; any thread.
#include "dialect/responses/gathered.hpp"

#include "dialect/responses/output.hpp"

namespace skein::response {
namespace {

constexpr std::size_t max_parts = 1024;

// Takes from `wanted` what `found` holds of it, in its order.
void strike(std::string_view& wanted, std::string_view found) {
    for (const char c : found) {
        if (wanted.empty()) return;
        if (wanted.front() == c) wanted.remove_prefix(1);
    }
}

}  // namespace

// A character that was cut between two pieces has become U+FFFD in both; the whole answer has it.
void Gathered::add(json::Element event, std::string_view piece) {
    constexpr std::string_view replaced = "\uFFFD";
    const std::pair place{
        json::whole_member(event, "output_index").value_or(0),
        json::whole_member(event, "content_index").value_or(0)};
    if (parts_.size() >= max_parts && !parts_.contains(place)) return;
    auto& text = parts_[place];
    while (!piece.empty()) {
        const auto end = std::min(piece.find(replaced), piece.size());
        text += piece.substr(0, end);
        piece.remove_prefix(std::min(end + replaced.size(), piece.size()));
    }
}

std::string Gathered::text() const {
    std::string all;
    for (const auto& [place, text] : parts_) all += text;
    return all;
}

bool Pieces::are_in(simdjson::dom::array output) const {
    const auto all_texts = texts.text();
    const auto all_refusals = refusals.text();
    const auto all_arguments = arguments.text();
    std::string_view text{all_texts};
    std::string_view refusal{all_refusals};
    std::string_view argument{all_arguments};
    for (const auto item : output) {
        strike(text, json::text_or_empty(item, "content"));
        strike(argument, json::text_or_empty(item, "arguments"));
        for_each_part(item, [&](json::Element part) {
            const bool is_text = json::text_or_empty(part, "type") == "output_text";
            if (is_text) strike(text, json::text_or_empty(part, "text"));
            strike(refusal, json::text_or_empty(part, "refusal"));
        });
    }
    return text.empty() && refusal.empty() && argument.empty();
}

}  // namespace skein::response
