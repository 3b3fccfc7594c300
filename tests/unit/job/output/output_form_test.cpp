#include "job/output/output_form.hpp"

#include "job/output/result_line.hpp"
#include "support/catch.hpp"

#include <skein/fault.hpp>

using namespace skein;
using namespace skein::job;

namespace {

using Columns = std::vector<std::pair<std::string, std::string>>;

std::string answer_line(std::string_view text, std::string_view kept = {}) {
    std::string content;
    for (const char c : text) {
        if (c == '"' || c == '\\') content += '\\';
        if (c == '\n') {
            content += "\\n";
        } else if (c == '\r') {
            content += "\\r";
        } else {
            content += c;
        }
    }
    Completion completion{
        .text = std::string{text},
        .body = R"({"model":"m1","choices":[{"index":0,"message":{"content":")" + content +
                R"("},"finish_reason":"stop"}]})",
        .usage = Usage{.input_tokens = 3, .output_tokens = 4}};
    Reply reply{.outcome = completion, .attempts = 1, .endpoint = "main", .cost = 0.5};
    std::string line;
    append_result_line(line, 7, "row-7", reply, false, kept);
    return line;
}

std::string failed_line(FaultKind kind, int status = 0, std::string detail = "too \"long\"") {
    Reply reply{
        .outcome = Fault{.kind = kind, .detail = std::move(detail), .http_status = status},
        .attempts = 1,
        .endpoint = "main"};
    std::string line;
    append_result_line(line, 8, "row-8", reply, false);
    return line;
}

std::string row(Output::Format format, std::string_view line, Columns columns = {}) {
    std::string out;
    append_row(out, output_form({.format = format, .columns = std::move(columns)}), line);
    return out;
}

std::string header(Columns columns) {
    return header_of(output_form({.format = Output::Format::csv, .columns = std::move(columns)}));
}

}  // namespace

TEST_CASE(
    "A row of JSON lines holds the id and the text, and an error only where one is.", "[job]"
) {
    CHECK(
        row(Output::Format::jsonl, answer_line("hi \"you\"\nthere")) ==
        R"({"id":"row-7","text":"hi \"you\"\nthere"})"
    );
    CHECK(
        row(Output::Format::jsonl, failed_line(FaultKind::rejected, 400)) ==
        R"({"id":"row-8","text":null,"error":"rejected: too \"long\""})"
    );
}

TEST_CASE("Columns stand in the order of the job file, each with what its source says.", "[job]") {
    const Columns columns{
        {"status", "status"},
        {"cost", "cost"},
        {"in", "input_tokens"},
        {"out", "output_tokens"},
        {"who", "endpoint"},
        {"model", "model"},
        {"end", "finish_reason"},
        {"t", "text"},
        {"i", "id"}};
    CHECK(
        row(Output::Format::jsonl, answer_line("yes"), columns) ==
        R"({"status":200,"cost":0.5,"in":3,"out":4,"who":"main","model":"m1","end":"stop","t":"yes","i":"row-7"})"
    );
    CHECK(
        row(Output::Format::csv, answer_line("yes"), columns) ==
        "200,0.5,3,4,main,m1,stop,yes,row-7,"
    );
    CHECK(
        row(Output::Format::csv, failed_line(FaultKind::rejected, 400), columns) ==
        "400,,,,main,,,,row-8,\"rejected: too \"\"long\"\"\""
    );
}

TEST_CASE(
    "A column of JSON takes a value out of the text of an answer, without its code fences.", "[job]"
) {
    const Columns columns{
        {"s", "json.score"}, {"second", "json.tags[1]"}, {"deep", "json.a.b"}, {"all", "json"}};
    const auto* wanted =
        R"({"s":0.50,"second":"b,c","deep":{"x":[1]},"all":{"score":0.50,"tags":["a","b,c"],"a":{"b":{"x":[1]}}}})";
    const std::string text = R"({ "score": 0.50, "tags": ["a", "b,c"], "a": {"b": {"x": [1]}} })";
    CHECK(row(Output::Format::jsonl, answer_line(text), columns) == wanted);
    CHECK(
        row(Output::Format::jsonl, answer_line("```json\n" + text + "\n```\n"), columns) == wanted
    );
    CHECK(row(Output::Format::jsonl, answer_line("~~~\n" + text + "\n~~~"), columns) == wanted);
    CHECK(
        row(Output::Format::csv, answer_line(text), {{"t", "json.tags[1]"}, {"x", "json.a.b"}}) ==
        R"("b,c","{""x"":[1]}",)"
    );
    CHECK(
        row(Output::Format::jsonl, answer_line("[1,[2,3]]"), {{"v", "json[1][0]"}}) == R"({"v":2})"
    );
}

TEST_CASE("A text that is no JSON, or JSON without the value, gives an empty column.", "[job]") {
    const Columns columns{{"s", "json.score"}};
    const std::string deep(3000, '[');
    for (const std::string text :
         {"no JSON",
          "{\"score\":null}",
          "{\"score\":",
          "1},\"score\":{",
          "[]",
          "",
          "```json\n```",
          "```",
          "```\n{\"score\":1}",
          "\"score\""}) {
        INFO(text);
        CHECK(row(Output::Format::jsonl, answer_line(text), columns) == R"({"s":null})");
    }
    CHECK(row(Output::Format::jsonl, answer_line(deep), columns) == R"({"s":null})");
    CHECK(row(Output::Format::jsonl, "{}", columns) == R"({"s":null})");
    CHECK(row(Output::Format::csv, R"({"response":{"body":[1]}})", columns) == ",");
}

TEST_CASE(
    "A column of the row holds the field of the whole name, or where its path leads.", "[job]"
) {
    const auto line = answer_line("x", R"({"a.b":1,"a":{"b":2,"c":[true]},"s":"=1+1"})");
    const Columns columns{{"1", "row.a.b"}, {"2", "row.a.c[0]"}, {"3", "row.s"}, {"4", "row.none"}};
    CHECK(row(Output::Format::jsonl, line, columns) == R"({"1":1,"2":true,"3":"=1+1","4":null})");
    CHECK(row(Output::Format::csv, line, columns) == "1,true,=1+1,,");
}

TEST_CASE(
    "Fields of CSV are quoted where they must be, and the header names the error last.", "[job]"
) {
    CHECK(header({}) == "id,text,error\n");
    CHECK(header({{"a,b", "text"}, {"say \"x\"", "id"}}) == "\"a,b\",\"say \"\"x\"\"\",error\n");
    CHECK(header({{"why", "error"}, {"t", "text"}}) == "why,t\n");
    CHECK(row(Output::Format::csv, answer_line("a\r\nb, \"c\"")) == "row-7,\"a\r\nb, \"\"c\"\"\",");
    CHECK(row(Output::Format::csv, answer_line("x"), {{"why", "error"}}) == "\"\"");
    CHECK(header_of(output_form({.format = Output::Format::jsonl})).empty());
}

TEST_CASE(
    "A text is one line whose line ends can be had back, and a failed row an empty one.", "[job]"
) {
    CHECK(row(Output::Format::text, answer_line("one\ntwo\r\\n \"q\"")) == R"(one\ntwo\r\\n "q")");
    CHECK(row(Output::Format::text, failed_line(FaultKind::rejected, 400)).empty());
}

TEST_CASE(
    "Lines of the makers' batch services hold the answer's own body, or what failed.", "[job]"
) {
    const auto line = answer_line("hi");
    const auto body =
        R"({"model":"m1","choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}]})";
    using Format = Output::Format;
    CHECK(
        row(Format::anthropic_batch, line) ==
        R"({"custom_id":"row-7","result":{"type":"succeeded","message":)" + std::string{body} + "}}"
    );
    CHECK(
        row(Format::gemini_batch, line) == R"({"key":"row-7","response":)" + std::string{body} + "}"
    );
    CHECK(
        row(Format::anthropic_batch, failed_line(FaultKind::bad_input)) ==
        R"({"custom_id":"row-8","result":{"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error","message":"too \"long\""},"request_id":null}}})"
    );
    CHECK(
        row(Format::anthropic_batch, failed_line(FaultKind::deadline)) ==
        R"({"custom_id":"row-8","result":{"type":"expired"}})"
    );
    CHECK(
        row(Format::gemini_batch, failed_line(FaultKind::throttled, 429)) ==
        R"({"key":"row-8","error":{"code":429,"message":"too \"long\""}})"
    );
    CHECK(
        row(Format::gemini_batch, failed_line(FaultKind::bad_input)) ==
        R"({"key":"row-8","error":{"code":400,"message":"too \"long\""}})"
    );
    CHECK(
        row(Format::gemini_batch, failed_line(FaultKind::bad_response, 200)) ==
        R"({"key":"row-8","error":{"code":500,"message":"too \"long\""}})"
    );
    CHECK(row(Format::openai_batch, line) == line);
}
