// Where a request for Gemini goes, and the header line of its key.
#include "dialect/request/address.hpp"
#include "support/catch.hpp"
#include "unit/dialect/gemini/ask.hpp"

#include <string>
#include <vector>

using namespace skein;
using namespace skein::test;

namespace {

std::string path_of(const Endpoint& endpoint, const Prepared& request) {
    std::string made;
    return std::string{gemini.path(endpoint, request, made)};
}

std::string path_for_model(const std::string& model) {
    auto endpoint = gemini_endpoint();
    endpoint.model = model;
    return path_of(endpoint, chat_with(""));
}

// The URL to which a plain chat goes.
std::string url_for(const std::string& base, const std::string& version = "") {
    auto endpoint = gemini_endpoint();
    endpoint.url = base;
    endpoint.api_version = version;
    return address_for(endpoint, path_of(endpoint, chat_with(""))).url;
}

std::vector<std::string> key_lines(const Endpoint& endpoint) {
    HeaderLines lines{endpoint};
    gemini.sign(lines, endpoint);
    auto all = lines.take();
    all.erase(all.begin(), all.begin() + 2);  // What every API gets.
    return all;
}

}  // namespace

TEST_CASE("The path of Gemini names the model, the version and what is asked.", "[gemini]") {
    auto endpoint = gemini_endpoint();
    auto request = chat_with("");
    CHECK(path_of(endpoint, request) == "/v1beta/models/m:generateContent");
    request.stream = true;
    CHECK(path_of(endpoint, request) == "/v1beta/models/m:streamGenerateContent?alt=sse");
    endpoint.api_version = "v1";
    CHECK(path_of(endpoint, request) == "/v1/models/m:streamGenerateContent?alt=sse");
    CHECK(
        path_of(gemini_endpoint(), embedding_of(R"({"input":"a"})")) ==
        "/v1beta/models/m:batchEmbedContents"
    );
    request.operation = Operation::completion;
    request.path = "/v1/completions";
    CHECK(path_of(endpoint, request) == "/v1/completions");
}

TEST_CASE("Gemini's model is the endpoint's, or else the request's.", "[gemini]") {
    auto request = chat_with("");
    request.model = "asked";
    CHECK(path_of(gemini_endpoint(), request) == "/v1beta/models/m:generateContent");
    CHECK(path_of({.api = Api::gemini}, request) == "/v1beta/models/asked:generateContent");
}

TEST_CASE(
    "A whole name of a model of Gemini is taken as given, and each segment is escaped.", "[gemini]"
) {
    CHECK(path_for_model("models/m") == "/v1beta/models/m:generateContent");
    CHECK(path_for_model("tunedModels/mine-1") == "/v1beta/tunedModels/mine-1:generateContent");
    CHECK(path_for_model("a/b") == "/v1beta/models/a/b:generateContent");
    CHECK(path_for_model("m-1.5_x~") == "/v1beta/models/m-1.5_x~:generateContent");
    CHECK(
        path_for_model("a b?c#d%2e:é") ==
        "/v1beta/models/a%20b%3Fc%23d%252e%3A%C3%A9:generateContent"
    );
}

TEST_CASE(
    "The base URL and the path of Gemini are joined without repeating a segment.", "[gemini]"
) {
    CHECK(url_for("https://h") == "https://h/v1beta/models/m:generateContent");
    CHECK(url_for("https://h/") == "https://h/v1beta/models/m:generateContent");
    CHECK(url_for("https://h/v1beta") == "https://h/v1beta/models/m:generateContent");
    CHECK(url_for("https://h/v1") == "https://h/v1beta/models/m:generateContent");
    CHECK(url_for("https://h", "v1") == "https://h/v1/models/m:generateContent");
    CHECK(url_for("https://h/v1beta", "v1") == "https://h/v1/models/m:generateContent");
    CHECK(
        url_for("https://h/gate/gemini") == "https://h/gate/gemini/v1beta/models/m:generateContent"
    );
    CHECK(
        url_for("https://h/gate/gemini", "v1") ==
        "https://h/gate/gemini/v1/models/m:generateContent"
    );
    CHECK(url_for("https://h/gate?k=1") == "https://h/gate/v1beta/models/m:generateContent?k=1");
}

TEST_CASE(
    "On Vertex the base URL has the version, and the path begins with the model.", "[gemini]"
) {
    const std::string base =
        "https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/"
        "publishers/google";
    CHECK(url_for(base) == base + "/models/m:generateContent");
    CHECK(url_for(base + '/') == base + "/models/m:generateContent");
    CHECK(url_for(base, "v1beta1") == base + "/models/m:generateContent");
    CHECK(url_for(base + "?k=1") == base + "/models/m:generateContent?k=1");
    auto endpoint = gemini_endpoint();
    endpoint.url = base;
    auto request = chat_with("");
    request.stream = true;
    CHECK(
        address_for(endpoint, path_of(endpoint, request)).url ==
        base + "/models/m:streamGenerateContent?alt=sse"
    );
}

TEST_CASE("Gemini's key has a header of its own, or is sent as a bearer token.", "[gemini]") {
    using Lines = std::vector<std::string>;
    CHECK(key_lines({.api_key = Secret{"CANARY"}}) == Lines{"x-goog-api-key: CANARY"});
    CHECK(
        key_lines({.api_key = Secret{"CANARY"}, .auth = Auth::bearer}) ==
        Lines{"Authorization: Bearer CANARY"}
    );
    CHECK(key_lines({}).empty());
    CHECK(key_lines({.auth = Auth::bearer}).empty());
}
