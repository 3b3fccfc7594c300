#include "job/input/maker_row.hpp"

#include "job/input/request_builder.hpp"
#include "support/catch.hpp"

#include <skein/settings.hpp>

using namespace skein;
using namespace skein::job;
using Catch::Matchers::Contains;
using Format = Input::Format;

namespace {

std::optional<Format> format_of(std::string_view text) {
    json::Object row;
    REQUIRE_FALSE(row.parse(text));
    return batch_format_of(row);
}

BuiltRequest asked(std::string_view row, Format format, std::string_view request = {}) {
    auto builder = RequestBuilder::make(request, format, {});
    REQUIRE(builder.has_value());
    return builder->ask({.line = 3, .bytes = row});
}

}  // namespace

TEST_CASE("The batch service that a file was made for is known by the members of a row.", "[job]") {
    CHECK(
        format_of(R"({"custom_id":"a","params":{"model":"m","messages":[]}})") ==
        Format::anthropic_batch
    );
    CHECK(format_of(R"({"key":"a","request":{"contents":[]}})") == Format::gemini_batch);
    CHECK(format_of(R"({"request":{"contents":[]}})") == Format::gemini_batch);
    CHECK(format_of(R"({"custom_id":"a","body":{"input":"x"}})") == Format::mistral_batch);
    CHECK(
        format_of(R"({"custom_id":"a","url":"/v1/embeddings","body":{}})") == Format::openai_batch
    );
    CHECK(format_of(R"({"custom_id":"a","method":"POST","body":{}})") == Format::openai_batch);
}

TEST_CASE(
    "A row of fields is not taken for a request because a field is called like one.", "[job]"
) {
    for (const std::string row :
         {R"({"custom_id":"a","params":{"question":"x"}})",
          R"({"key":"a","request":"do it"})",
          R"({"key":"a","request":{"text":"x"}})",
          R"({"request":{"contents":"x"}})",
          R"({"params":[{"messages":[]}]})",
          R"({"a.params":{"messages":[]}})"}) {
        INFO(row);
        CHECK_FALSE(format_of(row).has_value());
    }
}

TEST_CASE("The members of an Anthropic row go out byte for byte, and are counted.", "[job]") {
    const auto row = asked(
        R"({"custom_id":"a","params":{ "max_tokens": 64, "model":"m", "messages": [ {"role":"user","content":"h\u0069"} ],"top_p":1.50}})",
        Format::anthropic_batch
    );
    CHECK(row.custom_id == "a");
    REQUIRE(row.request.has_value());
    CHECK(row.request->native == Api::anthropic);
    CHECK(row.request->path == "/v1/messages");
    CHECK(
        row.request->body ==
        R"({"model":"m","max_tokens":64,"messages":[ {"role":"user","content":"h\u0069"} ],"top_p":1.50})"
    );
    CHECK(row.request->max_answered == 64);
    CHECK(row.request->prompt_tokens > 5);
    CHECK_FALSE(row.request->stream);
    CHECK(asked(R"({"params":{"stream":true,"messages":[]}})", Format::anthropic_batch)
              .request->stream);
}

TEST_CASE(
    "A Gemini row has its model in the path, is named by its key, and is plain unless told.",
    "[job]"
) {
    constexpr auto text =
        R"({"key":"k1","request":{"model":"models/g","contents":[{"parts":[{"text":"hi"}]}],"generation_config":{"max_output_tokens":9,"candidate_count":2}}})";
    const auto row = asked(text, Format::gemini_batch);
    CHECK(row.custom_id == "k1");
    REQUIRE(row.request.has_value());
    CHECK(row.request->native == Api::gemini);
    CHECK(row.request->model == "models/g");
    CHECK(
        row.request->body ==
        R"({"contents":[{"parts":[{"text":"hi"}]}],"generation_config":{"max_output_tokens":9,"candidate_count":2}})"
    );
    CHECK(row.request->max_answered == 9);
    CHECK(row.request->choices == 2);
    CHECK(row.request->tokens == row.request->prompt_tokens + 18);
    CHECK_FALSE(row.request->stream);
    CHECK(asked(text, Format::gemini_batch, R"({"stream":true})").request->stream);
    CHECK(asked(R"({"request":{"contents":[]}})", Format::gemini_batch).custom_id == "line-3");
}

TEST_CASE("A row of a maker's file that is no request fails and says what is missing.", "[job]") {
    const auto why = [](std::string_view row, Format format) {
        const auto built = asked(row, format);
        REQUIRE(built.request.has_error());
        CHECK(built.request.error().kind == FaultKind::bad_input);
        return built.request.error().detail;
    };
    CHECK_THAT(
        why(R"({"custom_id":"a"})", Format::anthropic_batch), Contains("`params` must be there")
    );
    CHECK_THAT(
        why(R"({"key":"a","request":[]})", Format::gemini_batch), Contains("`request` must be")
    );
    CHECK_THAT(why(R"({"key":[],"request":{}})", Format::gemini_batch), Contains("`key` must be"));
    CHECK_THAT(
        why(R"({"params":{"model":1}})", Format::anthropic_batch),
        Contains("`model` must be a string")
    );
    CHECK_THAT(
        why(R"({"params":{"model":"a","model":"b"}})", Format::anthropic_batch),
        Contains("given twice")
    );
    CHECK_THAT(
        why(R"({"params":{"stream":1}})", Format::anthropic_batch), Contains("`stream` must be")
    );
    CHECK_THAT(
        why(R"({"request":{"generationConfig":{"candidateCount":0}}})", Format::gemini_batch),
        Contains("candidateCount")
    );
}

TEST_CASE("A url of another API makes a row a native request of that API.", "[job]") {
    const auto url = [](std::string_view path) {
        return asked(
                   R"({"custom_id":"a","url":")" + std::string{path} +
                       R"(","body":{"contents":[]}})",
                   Format::openai_batch
        )
            .request;
    };
    CHECK(url("/v1/messages")->native == Api::anthropic);
    const auto gemini = url("/v1beta/models/g-1:generateContent");
    REQUIRE(gemini.has_value());
    CHECK(gemini->native == Api::gemini);
    CHECK(gemini->model == "g-1");
    CHECK(gemini->path == "/v1beta/models/g-1:generateContent");
    CHECK(url("/v1beta/models/g:streamGenerateContent?alt=sse")->stream);
    CHECK(
        url("/v1/projects/p/locations/l/publishers/google/models/g:generateContent")->model == "g"
    );
    CHECK(url("/v1beta/tunedModels/t:generateContent")->model == "tunedModels/t");
    CHECK_FALSE(url("/v1beta/models/g:countTokens")->native.has_value());
    CHECK_FALSE(url("/v1/messages/count_tokens")->native.has_value());
}
