#include "dialect/gemini/embeddings.hpp"

#include "dialect/gemini/members.hpp"
#include "dialect/gemini/model_path.hpp"
#include "dialect/gemini/usage.hpp"

#include <algorithm>
#include <vector>

namespace skein::google {
namespace {

using json::Element;

// What a request for embeddings says.
struct Texts {
    std::vector<std::string_view> texts{};
    std::optional<Element> dimensions{};
};

Refusal read_input(Element given, Texts& read) {
    std::string_view text;
    simdjson::dom::array list;
    const auto wrong =
        "gemini can only be asked for embeddings of a text or of a list of texts; "
        "`input` is none";
    if (!given.get(text)) {
        read.texts.push_back(text);
        return std::nullopt;
    }
    if (given.get(list) || list.size() == 0) return wrong;
    for (const auto element : list) {
        if (element.get(text)) return wrong;
        read.texts.push_back(text);
    }
    return std::nullopt;
}

// The model is written from elsewhere, and vectors never come as a stream.
Refusal read_member(std::string_view name, Element value, Texts& read) {
    if (name == "model" || name == "stream" || name == "stream_options") return std::nullopt;
    if (name == "input") return read_input(value, read);
    std::string_view text;
    if (name == "dimensions") {
        read.dimensions = value;
    } else if (name != "encoding_format") {
        return cannot_be_asked_for(name);
    } else if (value.get(text) || text != "float") {
        return cannot_be_asked_for(name, text);
    }
    return std::nullopt;
}

Refusal read_texts(const Endpoint& endpoint, const Prepared& request, Texts& read) {
    Element root;
    simdjson::dom::object members;
    if (json::parse(request.body).get(root) || root.get(members)) return "no JSON object";
    for (const auto& [name, value] : members) {
        const bool is_dropped = std::ranges::find(endpoint.drop, name) != endpoint.drop.end();
        if (is_dropped || value.is_null()) continue;
        if (auto wrong = read_member(name, value, read)) return wrong;
    }
    if (read.texts.empty()) return "gemini cannot be asked for embeddings without `input`";
    return std::nullopt;
}

}  // namespace

// The model stands in each request, too.
Refusal write_embeddings(const Endpoint& endpoint, const Prepared& request, std::string& body) {
    if (is_vertex(endpoint)) {
        return "gemini cannot be asked for embeddings on Vertex, which has another method for them";
    }
    Texts read;
    if (auto wrong = read_texts(endpoint, request, read)) return wrong;
    const auto model = resource_of(model_of(endpoint, request));
    body = R"({"requests":[)";
    for (const auto text : read.texts) {
        add_comma(body);
        body += '{';
        add_text(body, "model", model);
        body += R"(,"content":{"parts":[{)";
        add_text(body, "text", text);
        body += "}]}";
        if (read.dimensions) add_value(body, "outputDimensionality", *read.dimensions);
        body += '}';
    }
    body += "]}";
    return std::nullopt;
}

// Gemini names neither the model nor the places; the vectors come in the order of the texts.
std::optional<std::string> common_embeddings(Element root, const Answered& answered) {
    const auto list = json::list_member(root, "embeddings");
    if (!list || json::member(root, "error")) return std::nullopt;
    std::string common = R"({"object":"list","data":[)";
    std::int64_t index = 0;
    for (const auto embedding : *list) {
        const auto values = json::member(embedding, "values");
        if (!values || !values->is_array()) return std::nullopt;
        add_comma(common);
        common += R"({"object":"embedding")";
        add_number(common, "index", index++);
        add_value(common, "embedding", *values);
        common += '}';
    }
    common += ']';
    if (!answered.model.empty()) add_text(common, "model", answered.model);
    add_usage(common, root);
    return common += '}';
}

}  // namespace skein::google
