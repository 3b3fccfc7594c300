// An API that nobody has, to hold the seam to its word: the program `skein_made_up` is skein with
// this one dialect more. The model is in the path, the key has a header of its own, a question is
// one text, and a stream ends with an event `bye`.
#include "dialect/dialects.hpp"
#include "dialect/openai/openai.hpp"
#include "dialect/request/request_reader.hpp"
#include "json/text.hpp"

#include <array>

namespace skein {
namespace {

// A piece of an answer in the common form. `reason`: empty while more can follow.
std::string in_common_form(bool is_whole, std::string_view text, std::string_view reason) {
    std::string common = R"({"choices":[{"index":0,")";
    common.append(is_whole ? "message" : "delta").append(R"(":{"content":)");
    json::append_string(common, text);
    common += R"(},"finish_reason":)";
    reason.empty() ? common.append("null") : (json::append_string(common, reason), common);
    return common += "}]}";
}

struct Song : StreamTranslator {
    void read(const Event& event, std::vector<std::string>& chunks) override {
        if (event.type == "word") {
            chunks.push_back(in_common_form(false, event.data, ""));
        } else if (event.type != "bye") {
            chunks.emplace_back(event.data);
        }
        if (event.type != "bye") return;
        chunks.push_back(in_common_form(false, "", "stop"));
        chunks.emplace_back("[DONE]");
    }
};

constexpr Dialect made_up{
    .api = Api{99},
    .name = "made_up",
    .path =
        [](const Endpoint& endpoint, const Prepared& request, std::string& made) {
            const auto& model = endpoint.model.empty() ? request.model : endpoint.model;
            made = "/made-up/" + model + (request.stream ? "/sing" : "/say");
            return std::string_view{made};
        },
    .sign = [](HeaderLines& lines,
               const Endpoint& endpoint) { lines.add("x-made-up-key", endpoint.api_key.reveal()); },
    .body = [](const Endpoint&, const Prepared& request, AddedMembers
            ) -> std::optional<std::string> {
        std::string body = R"({"words":)";
        json::append_string(body, request_from(request).messages.back().content);
        return body += '}';
    },
    .refusal = [](const Endpoint&, const Prepared& request) -> std::optional<std::string> {
        if (request.operation == Operation::chat) return std::nullopt;
        return "made_up can only be talked to";
    },
    .answer = [](json::Element root, const Answered&) -> std::optional<std::string> {
        const auto said = json::text_member(root, "said");
        return said ? std::optional{in_common_form(true, *said, "stop")} : std::nullopt;
    },
    .stream = [](const Answered&) -> std::unique_ptr<StreamTranslator> {
        return std::make_unique<Song>();
    },
};

}  // namespace

// In place of the one of `dialect/dialects.cpp`.
std::span<const Dialect* const> dialects() {
    static constexpr std::array<const Dialect*, 2> all{&openai, &made_up};
    return all;
}

}  // namespace skein
