#include "unit/dialect/raw/maps.hpp"

using namespace skein;
using namespace skein::test;
using Catch::Contains;

namespace {

std::string events(const std::vector<std::string>& all) {
    std::string bytes;
    for (const auto& data : all) bytes += "data: " + data + "\n\n";
    return bytes;
}

std::string lines(const std::vector<std::string>& all) {
    std::string bytes;
    for (const auto& line : all) bytes += line + '\n';
    return bytes;
}

const std::string tgi_stream = events(
    {R"({"index":1,"token":{"text":"Two","special":false},"generated_text":null,"details":null})",
     R"({"index":2,"token":{"text":" words","special":false},"generated_text":null,"details":null})",
     R"({"index":3,"token":{"text":"</s>","special":true},"generated_text":"Two words",)"
     R"("details":{"finish_reason":"eos_token","generated_tokens":3}})"}
);

const std::string ollama_stream = lines(
    {R"({"model":"small","message":{"role":"assistant","content":"Two"},"done":false})",
     R"({"model":"small","message":{"role":"assistant","content":" wörds"},"done":false})",
     R"({"model":"small","message":{"content":""},"done":true,"done_reason":"stop",)"
     R"("prompt_eval_count":7,"eval_count":3})"}
);

const std::string cohere_stream =
    "event: message-start\ndata: {\"id\":\"c1\",\"type\":\"message-start\"}\n\n"
    "event: content-delta\ndata: {\"delta\":{\"message\":{\"content\":{\"text\":\"Two\"}}}}\n\n"
    "event: content-delta\ndata: {\"delta\":{\"message\":{\"content\":{\"text\":\" words\"}}}}\n\n"
    "event: message-end\ndata: {\"delta\":{\"finish_reason\":\"MAX_TOKENS\",\"usage\":{\"tokens\":"
    "{\"input_tokens\":7,\"output_tokens\":3}}}}\n\n";

struct Stream {
    std::string map;
    std::string bytes;
    std::string text;
    std::string reason;
    std::optional<Usage> usage;
};

const std::vector<Stream> streams{
    {tgi_map, tgi_stream, "Two words", "stop", Usage{0, 3}},
    {ollama_map, ollama_stream, "Two wörds", "stop", Usage{7, 3}},
    {cohere_map, cohere_stream, "Two words", "length", Usage{7, 3}},
};

Outcome read_stream(const std::string& map, const std::string& bytes, std::size_t piece = 1 << 20) {
    return read_mapped(map, bytes, true, 200, piece);
}

}  // namespace

TEST_CASE("Streams of three servers become chat completions, cut into pieces anywhere.", "[raw]") {
    for (const auto& [map, bytes, text, reason, usage] : streams) {
        CAPTURE(bytes);
        const auto whole = read_stream(map, bytes);
        const auto completion = completion_of(whole);
        CHECK(completion.text == text);
        CHECK(completion.finish_reason == reason);
        CHECK(completion.usage == usage);
        for (const std::size_t piece : {1, 2, 3, 7, 64}) {
            CHECK(seen(read_stream(map, bytes, piece)) == seen(whole));
        }
    }
}

TEST_CASE("A stream that is cut off at any byte is never a success.", "[raw]") {
    for (const auto& [map, bytes, text, reason, usage] : streams) {
        // The last line end may be missing; an event ends with a blank line.
        const bool is_lines = map == ollama_map;
        for (std::size_t cut = 0; cut + 1 < bytes.size(); ++cut) {
            CAPTURE(bytes.substr(0, cut));
            const auto fault = fault_of(read_stream(map, bytes.substr(0, cut)));
            CHECK(fault.kind == FaultKind::incomplete_stream);
        }
        const auto short_of_one = read_stream(map, bytes.substr(0, bytes.size() - 1));
        CHECK(std::holds_alternative<Completion>(short_of_one) == is_lines);
    }
}

TEST_CASE(
    "An error in the middle of a stream is that fault, and the text does not count.", "[raw]"
) {
    const auto ollama = fault_of(read_stream(
        ollama_map, lines({R"({"message":{"content":"a"}})", R"({"error":"model ran out"})", "{}"})
    ));
    CHECK(ollama.kind == FaultKind::server_error);
    CHECK(ollama.remote_message == "model ran out");
    const auto tgi = fault_of(read_stream(
        tgi_map,
        events(
            {R"({"token":{"text":"a"}})", R"({"error":{"message":"m"},"error_type":"overloaded"})"}
        )
    ));
    CHECK(tgi.kind == FaultKind::overloaded);
    CHECK(tgi.remote_message == "m");
    // Without a place for errors in the map.
    const auto cohere =
        fault_of(read_stream(cohere_map, "event: error\ndata: out of luck\n\n" + cohere_stream));
    CHECK(cohere.kind == FaultKind::server_error);
    CHECK(cohere.remote_message == "out of luck");
}

TEST_CASE("The end of a stream is told by data, by an event, or by a value.", "[raw]") {
    const auto with = [](const std::string& done) {
        return R"({"answer":{"text":"/t"},"stream":{"text":"/t","done":)" + done + "}}";
    };
    const auto data = with(R"({"data":"[END]"})");
    const auto word = events({R"({"t":"a"})"});
    CHECK(completion_of(read_stream(data, word + "data: [END]\n\n")).finish_reason == "stop");
    CHECK(fault_of(read_stream(data, word)).kind == FaultKind::incomplete_stream);
    CHECK(
        fault_of(read_stream(data, word + "data: [DONE]\n\n")).kind == FaultKind::incomplete_stream
    );
    const auto event = with(R"({"event":"bye"})");
    CHECK(completion_of(read_stream(event, word + "event: bye\ndata: {}\n\n")).text == "a");
    CHECK(completion_of(read_stream(event, word + "event: bye\ndata: so long\n\n")).text == "a");
    const auto value = with(R"({"pointer":"/left","equals":0})");
    CHECK(completion_of(read_stream(value, word + events({R"({"left":0})"}))).text == "a");
    CHECK(
        fault_of(read_stream(value, word + events({R"({"left":1})"}))).kind ==
        FaultKind::incomplete_stream
    );
}

TEST_CASE(
    "An end without any text is no answer, and an empty answer with a reason is one.", "[raw]"
) {
    CHECK(
        fault_of(read_stream(
                     ollama_map,
                     R"({"done":true})"
                     "\n"
                 ))
            .kind == FaultKind::incomplete_stream
    );
    const auto empty =
        completion_of(read_stream(ollama_map, R"({"done":true,"done_reason":"length"})"));
    CHECK(empty.text.empty());
    CHECK(empty.finish_reason == "length");
    CHECK_THAT(empty.body, Contains(R"("content":"")"));
}

TEST_CASE("Lines of JSON are read as a stream only where one was asked for.", "[raw]") {
    // One whole line is a whole answer both ways.
    const std::string one = R"({"message":{"content":"a"},"done":true,"done_reason":"stop"})";
    CHECK(completion_of(read_mapped(ollama_map, one)).text == "a");
    CHECK(completion_of(read_stream(ollama_map, one)).text == "a");
    CHECK(fault_of(read_mapped(ollama_map, ollama_stream)).kind == FaultKind::bad_response);
}

TEST_CASE("A server with events where lines were expected is read all the same.", "[raw]") {
    auto bytes = ollama_stream;
    for (std::size_t at = 0; at < bytes.size(); at = bytes.find('\n', at) + 1) {
        bytes.insert(at, "\ndata: ");
        at += 7;
    }
    CHECK(completion_of(read_stream(ollama_map, bytes.substr(1) + "\n")).text == "Two wörds");
}

TEST_CASE("Hostile lines and events are faults, within the limits.", "[raw]") {
    for (const std::string odd : {"[1]", "7", "\"text\"", "<html>", "{\"message\":"}) {
        CAPTURE(odd);
        CHECK(
            fault_of(read_stream(ollama_map, odd + "\n" + ollama_stream)).kind ==
            FaultKind::bad_response
        );
        CHECK(
            fault_of(read_stream(tgi_map, events({odd}) + tgi_stream)).kind ==
            FaultKind::bad_response
        );
    }
    const std::string deep =
        "{\"message\":" + std::string(2000, '[') + std::string(2000, ']') + "}\n";
    CHECK(fault_of(read_stream(ollama_map, deep + ollama_stream)).kind == FaultKind::bad_response);
    // Blank lines, CRs and bytes that are not UTF-8.
    CHECK(
        completion_of(read_stream(ollama_map, "\n \r\n\r\n" + ollama_stream)).text == "Two wörds"
    );
    const std::string broken = "{\"message\":{\"content\":\"\xFF\"}}\r\n" + ollama_stream;
    CHECK(completion_of(read_stream(ollama_map, broken)).text == "\uFFFDTwo wörds");
}

TEST_CASE("A line of JSON that is too long, and a stream that is too large, are faults.", "[raw]") {
    const auto kind = [](const std::string& bytes, const ReadLimits& limits, std::size_t piece) {
        return fault_of(read_mapped(ollama_map, bytes, true, 200, piece, limits)).kind;
    };
    const std::string longer = R"({"message":{"content":")" + std::string(200, 'a') + "\"}}\n";
    for (const std::size_t piece : {1, 50, 1000}) {
        CHECK(kind(longer + ollama_stream, {.line = 100}, piece) == FaultKind::too_large);
        CHECK(kind(std::string(200, '{'), {.line = 100}, piece) == FaultKind::too_large);
        std::string many;
        for (int i = 0; i < 100; ++i) many += longer;
        CHECK(kind(many + ollama_stream, {.body = 4000}, piece) == FaultKind::too_large);
    }
}

TEST_CASE(
    "Data that is not JSON is a fault, but not in events with a name of their own.", "[raw]"
) {
    const auto noise = "event: ping\ndata: still here\n\n" + cohere_stream;
    CHECK(completion_of(read_stream(cohere_map, noise)).text == "Two words");
    CHECK(
        fault_of(read_stream(cohere_map, "data: still here\n\n" + cohere_stream)).kind ==
        FaultKind::bad_response
    );
}
