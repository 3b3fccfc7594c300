// Invariant: of each candidate all parts are there, in their order; texts that follow each other
// are one part. Of all other members the last value counts, as their counts and ratings grow.
#include "dialect/gemini/native_response.hpp"

#include "dialect/gemini/candidate.hpp"
#include "dialect/seam/native_answer.hpp"

#include <map>
#include <utility>

namespace skein::google {
namespace {

using json::Element;

// A part as it came, or the texts of several in one.
struct NativePart {
    bool is_text = false;
    bool is_thought = false;  // Of a text.
    std::string value{};      // The text, or the JSON of the part.
};

struct NativeCandidate {
    NativeMembers members{};  // Without `content`.
    NativeMembers content{};  // Without `parts`.
    std::vector<NativePart> parts{};
};

// A text with nothing beside it but whether it is a thought.
std::optional<NativePart> plain_text(Element part) {
    simdjson::dom::object members;
    const auto text = json::text_member(part, "text");
    if (!text || part.get(members)) return std::nullopt;
    NativePart found{.is_text = true, .value = std::string{*text}};
    for (const auto& [name, value] : members) {
        if (name == "text") continue;
        if (name != "thought" || value.get(found.is_thought)) return std::nullopt;
    }
    return found;
}

void add_part(NativeCandidate& candidate, Element given) {
    auto part = plain_text(given);
    if (!part) {
        candidate.parts.push_back({.value = json::one_line(given)});
        return;
    }
    const auto* last = candidate.parts.empty() ? nullptr : &candidate.parts.back();
    if (last && last->is_text && last->is_thought == part->is_thought) {
        candidate.parts.back().value += part->value;
    } else {
        candidate.parts.push_back(std::move(*part));
    }
}

void append_part(std::string& out, const NativePart& part) {
    if (out.back() != '[') out += ',';
    if (!part.is_text) {
        out += part.value;
        return;
    }
    out += part.is_thought ? R"({"thought":true,"text":)" : R"({"text":)";
    json::append_string(out, part.value);
    out += '}';
}

void append_candidate(std::string& out, const NativeCandidate& candidate) {
    if (out.back() != '[') out += ',';
    out += '{';
    NativeMembers::append_name(out, "content") += '{';
    if (!candidate.parts.empty()) {
        NativeMembers::append_name(out, "parts") += '[';
        for (const auto& part : candidate.parts) append_part(out, part);
        out += ']';
    }
    candidate.content.append(out);
    out += '}';
    candidate.members.append(out);
    out += '}';
}

class NativeResponse : public NativeStream {
public:
    void read(const Event& event) override;
    std::string body() override;
    std::size_t held() const override { return held_; }

private:
    void read_candidate(Element given);

    NativeMembers response_{};
    std::map<std::int64_t, NativeCandidate> candidates_{};
    std::size_t held_ = 0;
};

void NativeResponse::read(const Event& event) {
    std::string storage;
    Element root;
    if (json::parse(json::mended(event.data, storage)).get(root)) return;
    held_ += event.data.size();
    response_.set_all(root, [](std::string_view name) { return name == "candidates"; });
    const auto candidates = json::list_member(root, "candidates");
    if (!candidates || candidates->size() > max_candidates) return;
    for (const auto candidate : *candidates) read_candidate(candidate);
}

void NativeResponse::read_candidate(Element given) {
    auto& candidate = candidates_[json::whole_member(given, "index").value_or(0)];
    candidate.members.set_all(given, [](std::string_view name) { return name == "content"; });
    const auto content = json::member(given, "content");
    if (!content) return;
    candidate.content.set_all(*content, [](std::string_view name) { return name == "parts"; });
    const auto parts = json::list_member(*content, "parts");
    if (!parts) return;
    for (const auto part : *parts) add_part(candidate, part);
}

std::string NativeResponse::body() {
    std::string out = "{";
    NativeMembers::append_name(out, "candidates") += '[';
    for (const auto& [index, candidate] : candidates_) append_candidate(out, candidate);
    out += ']';
    response_.append(out);
    return out += '}';
}

}  // namespace

std::unique_ptr<NativeStream> make_native_response() { return std::make_unique<NativeResponse>(); }

}  // namespace skein::google
