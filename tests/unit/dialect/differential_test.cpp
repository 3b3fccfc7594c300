// Generated answers, each given plain and as a stream whose deltas and bytes are cut anywhere: both
// must come to the same completion, member by member.
#include "base/random.hpp"
#include "unit/dialect/read_answer.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace skein;
using namespace skein::test;
using Json = nlohmann::json;

namespace {

class Generator {
public:
    explicit Generator(std::uint64_t seed) : random_{seed} {}

    std::size_t below(std::size_t bound) { return random_() % bound; }
    bool chance(std::size_t of) { return below(of) == 0; }

    std::string text() {
        static const std::vector<std::string> words{
            "a", "Gänse", " 🪿 ", "\n", "\"", "\\", "{}", "\u2028", "[DONE]", "data: ", "0", " "};
        std::string text;
        for (auto count = below(8); count > 0; --count) text += words[below(words.size())];
        return text;
    }

    // In pieces, cut between characters; some are empty.
    std::vector<std::string> pieces(const std::string& text) {
        std::vector<std::string> pieces{""};
        for (const char c : text) {
            const bool is_begin = (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
            if (is_begin && chance(3)) pieces.emplace_back();
            pieces.back() += c;
        }
        return pieces;
    }

private:
    SplitMix random_;
};

using Deltas = std::vector<Json>;

void add_text(Generator& g, Json& message, Deltas& deltas, const std::string& name) {
    const auto text = g.text();
    message[name] = text;
    for (const auto& piece : g.pieces(text)) deltas.push_back({{name, piece}});
}

void add_parts(Generator& g, Json& message, Deltas& deltas) {
    message["content"] = Json::array();
    const bool thinks = g.chance(2);
    for (std::size_t i = 0, count = 1 + g.below(3); i < count; ++i) {
        const auto text = g.text() + '.';
        const bool is_thinking = (i % 2 == 0) == thinks;
        const auto part = [&](const std::string& words) {
            const Json text_part{{"type", "text"}, {"text", words}};
            return is_thinking ? Json{{"type", "thinking"}, {"thinking", Json::array({text_part})}}
                               : text_part;
        };
        message["content"].push_back(part(text));
        for (const auto& piece : g.pieces(text)) {
            deltas.push_back({{"content", Json::array({part(piece)})}});
        }
    }
}

void add_object(Generator& g, Json& message, Deltas& deltas, const std::string& name) {
    const auto text = g.text();
    const auto number = g.below(100);
    message[name] = {{"id", "i"}, {"transcript", text}, {"inner", {{"n", number}, {"ok", true}}}};
    deltas.push_back({{name, {{"id", "i"}}}});
    for (const auto& piece : g.pieces(text)) deltas.push_back({{name, {{"transcript", piece}}}});
    deltas.push_back({{name, {{"inner", {{"n", 0}, {"ok", true}}}}}});
    deltas.push_back({{name, {{"inner", {{"n", number}}}}}});
}

// The ways in which servers tell calls apart.
void add_calls(Generator& g, Json& message, Deltas& deltas) {
    enum Way { by_index, by_id_at_0, by_order };
    const auto way = static_cast<Way>(g.below(3));
    const bool repeats_id = g.chance(2);
    const bool repeats_name = g.chance(2);
    message["tool_calls"] = Json::array();
    for (std::size_t i = 0, count = 1 + g.below(3); i < count; ++i) {
        const auto id = "call_" + std::to_string(i);
        const auto name = "f" + std::to_string(g.below(2));
        const auto arguments = Json{{"x", g.text()}, {"y", {1, "}"}}}.dump();
        message["tool_calls"].push_back(
            {{"id", id},
             {"type", "function"},
             {"function", {{"name", name}, {"arguments", arguments}}}}
        );
        bool is_first = true;
        for (const auto& piece : g.pieces(arguments)) {
            Json call{{"function", {{"arguments", piece}}}};
            if (way != by_order) call["index"] = way == by_index ? i : 0;
            if (is_first || repeats_id) call["id"] = id;
            if (is_first) call["type"] = "function";
            if (is_first || repeats_name) call["function"]["name"] = name;
            is_first = false;
            deltas.push_back({{"tool_calls", Json::array({call})}});
        }
    }
}

struct Made {
    Json plain;
    std::vector<std::string> events;
};

void add_message(Generator& g, Json& choice, Deltas& deltas) {
    Json message{{"role", "assistant"}, {"content", nullptr}};
    deltas.push_back({{"role", "assistant"}});
    const auto kind = g.below(4);
    if (kind < 2) add_text(g, message, deltas, "content");
    if (kind == 2) add_parts(g, message, deltas);
    if (kind == 3 || g.chance(3)) add_calls(g, message, deltas);
    for (const std::string name : {"reasoning_content", "refusal", "new_member"}) {
        if (g.chance(3)) add_text(g, message, deltas, name);
    }
    if (g.chance(3)) add_object(g, message, deltas, "audio");
    choice["message"] = message;
}

// The chunks of one choice.
Deltas add_choice(Generator& g, bool is_chat, int index, Json& plain) {
    Json choice{{"index", index}};
    Deltas deltas;
    if (is_chat) {
        add_message(g, choice, deltas);
    } else {
        add_text(g, choice, deltas, "text");
    }
    Deltas chunks;
    Json logprobs = Json::array();
    const bool has_logprobs = g.chance(3);
    for (auto& delta : deltas) {
        Json chunk = is_chat ? Json{{"delta", delta}} : delta;
        chunk["index"] = index;
        chunk["finish_reason"] = nullptr;
        if (has_logprobs) {
            const Json entry{{"token", g.text()}, {"logprob", -0.5}};
            logprobs.push_back(entry);
            chunk["logprobs"] = {{"content", Json::array({entry})}};
        }
        chunks.push_back(std::move(chunk));
    }
    if (has_logprobs) choice["logprobs"] = {{"content", logprobs}};
    const std::vector<std::string> ends{"stop", "length", "tool_calls", "eos", "new_end"};
    choice["finish_reason"] = ends[g.below(ends.size())];
    chunks.push_back({{"index", index}, {"finish_reason", choice["finish_reason"]}});
    if (is_chat) chunks.back()["delta"] = Json::object();
    plain["choices"].push_back(choice);
    return chunks;
}

Made make(Generator& g, bool is_chat, int choices) {
    const std::string object = is_chat ? "chat.completion" : "text_completion";
    const Json head{{"id", "c1"}, {"created", 7}, {"model", "small"}, {"provider", g.text()}};
    Made made{head, {}};
    made.plain["object"] = object;
    made.plain["choices"] = Json::array();
    std::vector<Deltas> open;
    for (int i = 0; i < choices; ++i) open.push_back(add_choice(g, is_chat, i, made.plain));
    const auto add_event = [&](Json list, const Json& more) {
        auto chunk = head;
        chunk["object"] = is_chat ? object + ".chunk" : object;
        chunk["choices"] = std::move(list);
        chunk.update(more);
        made.events.push_back(chunk.dump());
    };
    while (!open.empty()) {
        const auto at = g.below(open.size());
        add_event(Json::array({open[at].front()}), Json::object());
        open[at].erase(open[at].begin());
        if (open[at].empty()) open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
    }
    const Json last{
        {"usage", {{"prompt_tokens", g.below(99)}, {"completion_tokens", 5}, {"queue_time", 0.25}}},
        {"system_fingerprint", "fp"}};
    add_event(Json::array(), last);
    made.plain.update(last);
    return made;
}

std::string stream_of(Generator& g, const std::vector<std::string>& events) {
    std::string bytes;
    const std::string end = g.chance(2) ? "\n" : "\r\n";
    const std::string begin = g.chance(2) ? "data: " : "data:";
    for (const auto& event : events) {
        if (g.chance(8)) bytes += ": wait" + end + end;
        bytes += begin + event + end + end;
    }
    return g.chance(4) ? bytes : bytes + begin + "[DONE]" + end + end;
}

Completion read_cut(Generator& g, const Prepared& request, const std::string& bytes) {
    static const Endpoint endpoint;
    AnswerReader reader{request, endpoint, ReadLimits{}};
    reader.head(200, headers_of({.content_type = "text/event-stream"}));
    for (std::size_t at = 0; at < bytes.size();) {
        const auto length = 1 + g.below(g.chance(2) ? 9 : 300);
        if (reader.body(std::string_view{bytes}.substr(at, length), noon) != ReadState::more) break;
        at += length;
    }
    return completion_of(reader.finish(wall));
}

}  // namespace

TEST_CASE("A streamed answer equals the plain answer, member by member.", "[dialect]") {
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        INFO("seed " << seed);
        Generator g{seed};
        const bool is_chat = !g.chance(4);
        const int choices = static_cast<int>(1 + g.below(3));
        const auto* path = is_chat ? "/v1/chat/completions" : "/v1/completions";
        const auto made = make(g, is_chat, choices);
        auto request = asked(path);
        request.choices = choices;
        const auto plain = completion_of(read_answer(request, {}, made.plain.dump()));
        const auto bytes = stream_of(g, made.events);
        INFO(bytes);
        const auto streamed = read_cut(g, test::streamed(choices, path), bytes);
        REQUIRE(Json::parse(streamed.body) == Json::parse(plain.body));
        REQUIRE(streamed.text == plain.text);
        REQUIRE(streamed.finish_reason == plain.finish_reason);
        REQUIRE(streamed.usage == plain.usage);
        REQUIRE(streamed.model == plain.model);
        REQUIRE(streamed.note == plain.note);
    }
}
