// Invariant: each block has what its start held, with the pieces that came for it. What is not
// known is kept where it is whole (members) and read over where it is a piece of an unknown kind.
#include "dialect/anthropic/native_message.hpp"

#include "dialect/seam/native_answer.hpp"

#include <array>
#include <map>
#include <utility>

namespace skein {
namespace {

using json::Element;

// Kinds of pieces that are texts: the piece's type, its member, which is also that of the block.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> text_pieces{{
    {"text_delta", "text"},
    {"thinking_delta", "thinking"},
    {"signature_delta", "signature"},
}};

struct NativeBlock {
    NativeMembers members{};  // Without those below.
    std::map<std::string_view, std::string> texts{};
    std::string input{};      // Of a call: the pieces of its JSON, or what its start held.
    bool has_pieces = false;  // Of `input`.
    std::string citations{};  // Elements with commas.
};

bool is_put_together(std::string_view name) {
    return name == "text" || name == "thinking" || name == "signature" || name == "input";
}

class NativeMessage : public NativeStream {
public:
    void read(const Event& event) override;
    std::string body() override;
    std::size_t held() const override { return held_ + message_.held() + usage_.held(); }

private:
    void begin_block(Element root);
    void read_piece(Element root);
    void read_end(Element root);
    void add_citation(NativeBlock& block, Element citation);

    NativeMembers message_{};
    NativeMembers usage_{};
    std::map<std::int64_t, NativeBlock> blocks_{};
    std::size_t held_ = 0;
};

void NativeMessage::read(const Event& event) {
    std::string storage;
    Element root;
    if (json::parse(json::mended(event.data, storage)).get(root)) return;
    held_ += event.data.size();
    const auto kind = json::text_or_empty(root, "type");
    if (kind == "content_block_delta") {
        read_piece(root);
    } else if (kind == "content_block_start") {
        begin_block(root);
    } else if (kind == "message_start") {
        const auto message = json::member(root, "message");
        if (!message) return;
        message_.set_all(*message, [](std::string_view name) {
            return name == "content" || name == "usage";
        });
        if (const auto usage = json::member(*message, "usage")) {
            usage_.set_all(*usage, [](std::string_view) { return false; });
        }
    } else if (kind == "message_delta") {
        read_end(root);
    }
}

void NativeMessage::begin_block(Element root) {
    const auto given = json::member(root, "content_block");
    if (!given || !given->is_object()) return;
    auto& block = blocks_[json::whole_member(root, "index").value_or(0)];
    block.members.set_all(*given, is_put_together);
    for (const auto& [kind, name] : text_pieces) {
        if (const auto text = json::text_member(*given, name)) block.texts[name] += *text;
    }
    if (const auto input = json::member(*given, "input")) block.input = json::one_line(*input);
    const auto citations = json::list_member(*given, "citations");
    if (!citations) return;
    for (const auto citation : *citations) add_citation(block, citation);
}

void NativeMessage::read_piece(Element root) {
    const auto delta = json::member(root, "delta");
    const auto at = blocks_.find(json::whole_member(root, "index").value_or(0));
    if (!delta || at == blocks_.end()) return;
    auto& block = at->second;
    const auto kind = json::text_or_empty(*delta, "type");
    for (const auto& [type, name] : text_pieces) {
        if (kind == type) block.texts[name] += json::text_or_empty(*delta, name);
    }
    if (kind == "input_json_delta") {
        // The start of a call holds an empty input, in whose place the pieces come.
        const auto piece = json::text_or_empty(*delta, "partial_json");
        if (!block.has_pieces && !piece.empty()) block.input.clear();
        block.has_pieces = block.has_pieces || !piece.empty();
        block.input += piece;
    } else if (kind == "citations_delta") {
        if (const auto citation = json::member(*delta, "citation")) add_citation(block, *citation);
    }
}

void NativeMessage::add_citation(NativeBlock& block, Element citation) {
    if (!block.citations.empty()) block.citations += ',';
    block.citations += json::one_line(citation);
}

void NativeMessage::read_end(Element root) {
    if (const auto delta = json::member(root, "delta")) {
        message_.set_all(*delta, [](std::string_view) { return false; });
    }
    if (const auto usage = json::member(root, "usage")) {
        usage_.set_all(*usage, [](std::string_view) { return false; });
    }
    message_.set_all(root, [](std::string_view name) {
        return name == "type" || name == "delta" || name == "usage";
    });
}

// Pieces that are no JSON together are kept as a text: a stream may end within them.
void append_input(std::string& out, const NativeBlock& block) {
    Element input;
    NativeMembers::append_name(out, "input");
    if (json::parse(block.input).get(input)) {
        json::append_string(out, block.input);
    } else {
        out += json::one_line(input);
    }
}

void append_block(std::string& out, const NativeBlock& block) {
    if (out.back() != '[') out += ',';
    out += '{';
    // Without a citation the member is what the start said: nothing, null or an empty list.
    block.members.append(out, block.citations.empty() ? "" : "citations");
    for (const auto& [kind, name] : text_pieces) {
        const auto text = block.texts.find(name);
        if (text == block.texts.end()) continue;
        json::append_string(NativeMembers::append_name(out, name), text->second);
    }
    if (!block.input.empty()) append_input(out, block);
    if (!block.citations.empty()) {
        NativeMembers::append_name(out, "citations").append("[").append(block.citations) += ']';
    }
    out += '}';
}

std::string NativeMessage::body() {
    std::string out = "{";
    message_.append(out);
    NativeMembers::append_name(out, "content") += '[';
    for (const auto& [index, block] : blocks_) append_block(out, block);
    out += ']';
    NativeMembers::append_name(out, "usage") += '{';
    usage_.append(out);
    return out += "}}";
}

}  // namespace

std::unique_ptr<NativeStream> make_native_message() { return std::make_unique<NativeMessage>(); }

}  // namespace skein
