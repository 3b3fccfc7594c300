#include "dialect/models/model_list.hpp"

#include "support/catch.hpp"

#include <catch2/catch.hpp>

using namespace skein;

namespace {

Endpoint at(Api api, const std::string& url) {
    Endpoint endpoint;
    endpoint.api = api;
    endpoint.url = url;
    return endpoint;
}

std::string url_of(Api api, const std::string& url, std::string_view after = {}) {
    return models_address(at(api, url), after).address.url;
}

std::vector<std::string> names_in(Api api, std::string_view body) {
    std::vector<std::string> names;
    for (auto& model : read_models(at(api, "http://h"), body).models) names.push_back(model.name);
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("The list of models stands below the base URL of each API.", "[models]") {
    CHECK(url_of(Api::openai, "https://h") == "https://h/v1/models");
    CHECK(url_of(Api::openai, "https://h/v1/") == "https://h/v1/models");
    CHECK(url_of(Api::openai, "https://h/api/paas/v4") == "https://h/api/paas/v4/models");
    CHECK(url_of(Api::openai, "https://h/inference?a=b") == "https://h/inference/models?a=b");
    CHECK(url_of(Api::responses, "https://h/v1") == "https://h/v1/models");
    CHECK(url_of(Api::anthropic, "https://h") == "https://h/v1/models?limit=1000");
    CHECK(
        url_of(Api::anthropic, "https://h/v1", "a b&") ==
        "https://h/v1/models?limit=1000&after_id=a%20b%26"
    );
    CHECK(url_of(Api::gemini, "https://h") == "https://h/v1beta/models?pageSize=1000");
    CHECK(
        url_of(Api::gemini, "https://h/v1beta", "t=") ==
        "https://h/v1beta/models?pageSize=1000&pageToken=t%3D"
    );
    CHECK(url_of(Api::azure, "https://h") == "https://h/openai/v1/models");
    CHECK(url_of(Api::azure, "https://h/openai/v1") == "https://h/openai/v1/models");
    auto dated = at(Api::azure, "https://h");
    dated.api_version = "2024-10-21";
    CHECK(models_address(dated).address.url == "https://h/openai/models?api-version=2024-10-21");
}

TEST_CASE("A unix socket has a list of models as well.", "[models]") {
    const auto where = models_address(at(Api::openai, "unix:/run/llm.sock"));
    CHECK(where.address.socket == "/run/llm.sock");
    CHECK(where.address.url == "http://localhost/v1/models");
}

TEST_CASE("An exact URL that ends in an operation stands beside the list.", "[models]") {
    const auto exact = [](Api api, const char* url) {
        auto endpoint = at(api, url);
        endpoint.exact_url = true;
        return models_address(endpoint);
    };
    CHECK(
        exact(Api::openai, "https://h/x/chat/completions?k=v").address.url ==
        "https://h/x/models?k=v"
    );
    CHECK(
        exact(Api::anthropic, "https://h/v1/messages").address.url ==
        "https://h/v1/models?limit=1000"
    );
    CHECK_FALSE(exact(Api::openai, "https://h/ask").why_none.empty());
}

TEST_CASE("It is said where no list of models can be asked for.", "[models]") {
    CHECK_FALSE(models_address(at(Api::raw, "https://h")).why_none.empty());
    CHECK_FALSE(models_address(at(Api::gemini,
                                  "https://h/v1/projects/p/locations/l/publishers/"
                                  "google"))
                    .why_none.empty());
    CHECK_FALSE(models_address(at(Api::azure, "https://h/openai/deployments/d")).why_none.empty());
}

TEST_CASE("A list of models is read in each shape that servers use.", "[models]") {
    CHECK(
        names_in(Api::openai, R"({"object":"list","data":[{"id":"b"},{"id":"a"}]})") ==
        Names{"b", "a"}
    );
    CHECK(
        names_in(Api::openai, R"([{"id":"meta/llama"},{"name":"n"}])") == Names{"meta/llama", "n"}
    );
    CHECK(
        names_in(Api::gemini, R"({"models":[{"name":"models/flash"},{"name":"tuned/x"}]})") ==
        Names{"flash", "tuned/x"}
    );
    CHECK(names_in(Api::openai, R"({"data":[]})").empty());
    CHECK(read_models(at(Api::openai, "http://h"), R"({"data":[]})").wrong.empty());
}

TEST_CASE("The sizes of a model are read where the API tells them.", "[models]") {
    const auto only = [](Api api, const std::string& item) {
        const auto page = read_models(at(api, "http://h"), "[" + item + "]");
        REQUIRE(page.models.size() == 1);
        return std::pair{page.models[0].context_tokens, page.models[0].output_tokens};
    };
    using Sizes = std::pair<std::int64_t, std::int64_t>;
    CHECK(
        only(Api::anthropic, R"({"id":"m","max_input_tokens":200000,"max_tokens":64000})") ==
        Sizes{200000, 64000}
    );
    CHECK(
        only(Api::gemini, R"({"name":"m","inputTokenLimit":9,"outputTokenLimit":8})") == Sizes{9, 8}
    );
    CHECK(only(Api::openai, R"({"id":"m","max_model_len":4096})") == Sizes{4096, 0});
    CHECK(
        only(Api::openai, R"({"id":"m","context_window":131072,"max_completion_tokens":32768})") ==
        Sizes{131072, 32768}
    );
    CHECK(
        only(Api::openai, R"({"id":"m","context_length":32768,"max_tokens":7})") == Sizes{32768, 0}
    );
    CHECK(only(Api::openai, R"({"id":"m","meta":{"n_ctx_train":2048}})") == Sizes{2048, 0});
    CHECK(only(Api::openai, R"({"id":"m","max_model_len":"big","meta":[]})") == Sizes{0, 0});
    CHECK(only(Api::openai, R"({"id":"m","max_model_len":-5})") == Sizes{0, 0});
}

TEST_CASE("The mark of the next page is read only where there is one.", "[models]") {
    const auto next = [](Api api, const char* body) {
        return read_models(at(api, "http://h"), body).next;
    };
    CHECK(next(Api::anthropic, R"({"data":[],"has_more":true,"last_id":"z"})") == "z");
    CHECK(next(Api::anthropic, R"({"data":[],"has_more":false,"last_id":"z"})").empty());
    CHECK(next(Api::anthropic, R"({"data":[],"has_more":"yes","last_id":"z"})").empty());
    CHECK(next(Api::gemini, R"({"models":[],"nextPageToken":"t"})") == "t");
    CHECK(next(Api::openai, R"({"data":[],"has_more":true,"last_id":"z"})").empty());
}

TEST_CASE("An answer that is no list of models is said to be none.", "[models]") {
    const auto wrong = [](std::string_view body) {
        return read_models(at(Api::openai, "http://h"), body).wrong;
    };
    CHECK(wrong("").find("no JSON") != std::string::npos);
    CHECK(wrong("<html>").find("no JSON") != std::string::npos);
    CHECK(wrong(std::string(100'000, '[')).find("no JSON") != std::string::npos);
    CHECK(wrong("7") == "the answer holds no list of models");
    CHECK(wrong(R"({"data":{"id":"m"}})") == "the answer holds no list of models");
    CHECK(wrong(R"({"error":{"message":"no"}})") == "the answer holds no list of models");
}

TEST_CASE("Every beginning of a list of models is refused or read, and never more.", "[models]") {
    const std::string whole = R"({"data":[{"id":"a","meta":{"n_ctx_train":1}},{"id":"b"}]})";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(read_models(at(Api::openai, "http://h"), whole.substr(0, size)).wrong.empty());
    }
}

TEST_CASE("Items of a list that are no models are left out.", "[models]") {
    const auto long_name = std::string(max_model_name + 1, 'x');
    CHECK(
        names_in(
            Api::openai,
            R"([null,7,"m",{},{"id":7},{"id":""},{"id":")" + long_name + R"("},{"id":"good"}])"
        ) == Names{"good"}
    );
}

TEST_CASE("A key that a server puts in the name of a model is not passed on.", "[models]") {
    auto endpoint = at(Api::openai, "http://h");
    endpoint.api_key = Secret{"CANARY-0123456789"};
    const auto page = read_models(endpoint, R"([{"id":"m-CANARY-0123456789"}])");
    REQUIRE(page.models.size() == 1);
    CHECK(page.models[0].name.find("CANARY") == std::string::npos);
}

TEST_CASE("A model is found in the list, or the likely one is named.", "[models]") {
    const std::vector<OfferedModel> models{
        {"claude-haiku-4-5-20251001"}, {"claude-sonnet-4-5"}, {"gpt-4o-mini"}, {"llama3:latest"}};
    const auto offer = [&](const char* model, Api api = Api::openai) {
        return offer_of(at(api, "http://h"), model, models);
    };
    CHECK(offer("gpt-4o-mini").kind == Offer::Kind::offered);
    CHECK(offer("llama3").kind == Offer::Kind::offered);
    CHECK(offer("models/gpt-4o-mini", Api::gemini).kind == Offer::Kind::offered);
    CHECK(offer("models/gpt-4o-mini").kind == Offer::Kind::missing);
    CHECK(offer("gpt-4o-mni").meant == "gpt-4o-mini");
    CHECK(offer("claude-haiku-4-5").meant == "claude-haiku-4-5-20251001");
    CHECK(offer("entirely-different").kind == Offer::Kind::missing);
    CHECK(offer("entirely-different").meant.empty());
    CHECK(offer("").kind == Offer::Kind::unknown);
    CHECK(offer("my-deployment", Api::azure).kind == Offer::Kind::unknown);
}
