#include "dialect/raw_map/raw_map.hpp"
#include "support/catch.hpp"

using namespace skein;
using namespace skein::mapped;

namespace {

// All mistakes, one a line.
std::string wrong_with(const std::string& text) {
    std::vector<RawMistake> mistakes;
    (void)compile(text, mistakes);
    std::string all;
    for (const auto& [where, what] : mistakes) {
        if (!all.empty()) all += '\n';
        all += where + ": " + what;
    }
    return all;
}

// A map that is right but for these parts.
std::string request(const std::string& members) {
    return R"({"request":{)" + members + R"(},"answer":{"text":"/t"}})";
}
std::string stream(const std::string& members) {
    return R"({"request":{"messages":"/m"},"answer":{"text":"/t"},"stream":{)" + members + "}}";
}

json::Element parsed(const std::string& text) {
    json::Element root;
    REQUIRE_FALSE(json::parse(text).get(root));
    return root;
}

}  // namespace

TEST_CASE("A map that is whole has no mistakes, and null says nothing.", "[raw]") {
    CHECK(wrong_with(request(R"("messages":"/m","model":null)")).empty());
    CHECK(wrong_with(stream(R"("text":["/a","/b"],"finish":"/f")")).empty());
    CHECK(wrong_with(stream(R"("text":"/a","done":{"data":"[DONE]"})")).empty());
    CHECK(wrong_with(stream(R"("text":"/a","done":{"event":"bye"})")).empty());
    CHECK(wrong_with(stream(R"("text":"/a","done":{"pointer":"/d","equals":false})")).empty());
}

TEST_CASE("Each mistake in a map is told with its place and what to write.", "[raw]") {
    struct Row {
        std::string map;
        std::string wrong;
    };
    for (const auto& [map, wrong] : std::vector<Row>{
             {"[]", ": must be the text of a JSON object"},
             {"{", ": must be the text of a JSON object"},
             {R"({"request":{"messages":"/m"}})",
              "answer: answer.text is missing: where the text of an answer stands"},
             {R"({"answers":{},"answer":{"text":"/t"},"request":{"prompt":"/p"}})",
              "answers: unknown key 'answers' in raw; did you mean 'answer'?"},
             {request(R"("promt":"/p")"),
              "request.promt: unknown key 'promt' in raw.request; did you mean 'prompt'?"},
             {request(R"("prompt":"/p","messages":"/m")"),
              "request: request.prompt and request.messages exclude each other; keep one"},
             {request(R"("model":"/m")"),
              "request: request.prompt or request.messages is missing: where the question goes"},
             {request(R"("prompt":"inputs")"),
              "request.prompt: 'inputs' is no JSON pointer: it begins with a slash"},
             {request(R"("prompt":"/a~2")"),
              "request.prompt: '/a~2' is no JSON pointer: write ~ as ~0, and / within a name as "
              "~1"},
             {request(R"("prompt":"/a/0/b")"),
              "request.prompt: '/a/0/b' leads into a list; give the list in fixed"},
             {request(R"("prompt":"/a/*")"),
              "request.prompt: '/a/*' leads into a list; give the list in fixed"},
             {request(R"("prompt":7)"), "request.prompt: must be a text"},
             {request(R"("prompt":"/p","fixed":[])"), "request.fixed: fixed must be a mapping"},
             {request(R"("prompt":"/a/b","fixed":{"a":1})"),
              "request.prompt: '/a/b' leads through a value that is no object"},
             {request(R"("prompt":"/a","model":"/a/b")"),
              "request.model: '/a/b' leads through a value that is no object\n"
              "request.model: model and prompt go to the same place"},
             {request(R"("prompt":"/a","model":"/a")"),
              "request.model: model and prompt go to the same place"},
             {request(R"("messages":"/m","prompt_template":"{{ content }}")"),
              "request.prompt_template: prompt_template is for prompt; leave it out"},
             {request(R"("prompt":"/p","prompt_template":"{{ text }}")"),
              "request.prompt_template: prompt_template knows no {{ text }}; it can be: role, "
              "content"},
             {request(R"("prompt":"/p","prompt_template":"{{ role }}")"),
              "request.prompt_template: prompt_template must hold {{ content }}, the text of a "
              "message"},
             {request(R"("prompt":"/p","prompt_template":"{{ content")"),
              "request.prompt_template: prompt_template has a {{ without its }}"},
             {R"({"request":{"prompt":"/p"},"answer":{"text":["/a","b"]}})",
              "answer.text[1]: 'b' is no JSON pointer: it begins with a slash"},
             {R"({"request":{"prompt":"/p"},"answer":{"text":[]}})",
              "answer.text: must be a JSON pointer or a list of them"},
             {R"({"request":{"prompt":"/p"},"answer":{"text":"/t","finish_words":{"END":"stopp"}}})",
              "answer.finish_words.END: 'stopp' is no finish_reason; did you mean 'stop'?"},
             {R"({"request":{"prompt":"/p"},"answer":{"text":"/t"},"error":{"message":"/m"}})",
              "error: error.where is missing: what is there only in an error"},
             {stream(R"("text":"/t")"),
              "stream: stream.finish or stream.done is missing: what the end of a stream is known "
              "by; a stream that was cut off would count as whole"},
             {stream(R"("finish":"/f")"),
              "stream: stream.text is missing: where the text of an event stands"},
             {stream(R"("text":"/t","finish":"/f","framing":"lines")"),
              "stream.framing: 'lines' is no framing; it can be: sse, ndjson"},
             {stream(R"("text":"/t","done":{"pointer":"/d"})"),
              "stream.done: must be one of {data: TEXT}, {event: NAME} and {pointer: /…, equals: "
              "VALUE}"},
             {stream(R"("text":"/t","done":{"data":"x","event":"y"})"),
              "stream.done: must be one of {data: TEXT}, {event: NAME} and {pointer: /…, equals: "
              "VALUE}"},
             {stream(R"("text":"/t","done":"[DONE]")"),
              "stream.done: must be a mapping (`key: value` lines)"},
         }) {
        CAPTURE(map);
        CHECK(wrong_with(map) == wrong);
    }
}

TEST_CASE("A map that is hostile is refused, and nothing is followed too deep.", "[raw]") {
    std::string deep;
    for (int i = 0; i < 33; ++i) deep += "/a";
    CHECK(wrong_with(R"({"request":{"prompt":"/p"},"answer":{"text":")" + deep + R"("}})")
              .ends_with(" has more than 32 steps"));
    const auto nested = std::string(5000, '[') + std::string(5000, ']');
    CHECK_FALSE(wrong_with(R"({"request":{"fixed":)" + nested + "}}").empty());
}

TEST_CASE("A pointer leads through objects and lists, and a star through all elements.", "[raw]") {
    const auto at = [](const std::string& pointer, const std::string& root) {
        Pointer read;
        REQUIRE_FALSE(read_pointer(pointer, read));
        CHECK(read.text() == pointer);
        return text_at(parsed(root), {read}).value_or("nothing");
    };
    CHECK(at("/a/1/b", R"({"a":[0,{"b":"x"}]})") == "x");
    CHECK(at("/a~1b/~0", R"({"a/b":{"~":"x"}})") == "x");
    CHECK(at("/", R"({"":"x"})") == "x");
    CHECK(at("/a/01", R"({"a":["x","y"]})") == "nothing");
    CHECK(at("/a/9", R"({"a":["x"]})") == "nothing");
    CHECK(at("/a/b", R"({"a":"x"})") == "nothing");
    CHECK(at("/0", R"({"0":"x"})") == "x");
    CHECK(at("/a/*", R"({"a":["x",1,null,{},"y"]})") == "x1y");
    CHECK(at("/a/*", R"({"a":[]})").empty());
    CHECK(at("/a/*", R"({"a":{"b":"x"}})") == "nothing");
    CHECK(at("/a/*/b/*", R"({"a":[{"b":["x"]},{"b":["y","z"]},{}]})") == "xyz");
    CHECK(at("/a/*/b", R"({"a":[{"c":1}]})") == "nothing");
}

TEST_CASE("The first pointer that leads to a value counts.", "[raw]") {
    const Pointers two{{{"a"}}, {{"b"}}};
    CHECK(text_at(parsed(R"({"b":"y","a":"x"})"), two) == "x");
    CHECK(text_at(parsed(R"({"b":"y","a":null})"), two) == "y");
    CHECK_FALSE(text_at(parsed(R"({"c":"z"})"), two));
    CHECK(count_at(parsed(R"({"b":3})"), two) == 3);
}

TEST_CASE("Compiling a map leaves the tree of an answer valid.", "[raw]") {
    const auto root = parsed(R"({"a":"still here"})");
    const std::string map = R"({"answer":{"text":"/a"}})";
    const auto compiled = map_of(map);
    CHECK(map_of(map) == compiled);
    for (int i = 0; i < 40; ++i) map_of(R"({"answer":{"text":"/)" + std::to_string(i) + "\"}}");
    CHECK(text_at(root, compiled->answer.text) == "still here");
}
