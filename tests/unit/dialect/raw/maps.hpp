// Endpoints of `api: raw` as users describe them: the shapes of three servers.
#pragma once
#include "dialect/raw/raw.hpp"
#include "dialect/request/request_writer.hpp"
#include "unit/dialect/read_answer.hpp"

namespace skein::test {

// Text Generation Inference, `/generate` and its stream of events.
inline const std::string tgi_map = R"({
    "request": {
        "fixed": {"parameters": {"details": true}},
        "prompt": "/inputs",
        "prompt_template": "{{ role }}: {{ content }}\n",
        "max_tokens": "/parameters/max_new_tokens",
        "temperature": "/parameters/temperature",
        "stop": "/parameters/stop",
        "stream": "/stream"
    },
    "answer": {
        "text": "/generated_text",
        "finish": "/details/finish_reason",
        "finish_words": {"eos_token": "stop", "stop_sequence": "stop"},
        "input_tokens": "/details/prefill_length",
        "output_tokens": "/details/generated_tokens"
    },
    "error": {"where": "/error", "message": ["/error/message", "/error"], "type": "/error_type"},
    "stream": {
        "text": "/token/text",
        "finish": "/details/finish_reason",
        "output_tokens": "/details/generated_tokens",
        "skip": {"pointer": "/token/special", "equals": true}
    }
})";

// Ollama, `/api/chat` and its lines of JSON.
inline const std::string ollama_map = R"({
    "request": {
        "fixed": {"stream": false, "options": {"num_ctx": 8192}},
        "messages": "/messages",
        "model": "/model",
        "max_tokens": "/options/num_predict",
        "seed": "/options/seed",
        "stream": "/stream"
    },
    "answer": {
        "text": "/message/content",
        "reasoning": "/message/thinking",
        "model": "/model",
        "finish": "/done_reason",
        "input_tokens": "/prompt_eval_count",
        "output_tokens": "/eval_count"
    },
    "error": {"where": "/error", "message": "/error"},
    "stream": {
        "framing": "ndjson",
        "text": "/message/content",
        "reasoning": "/message/thinking",
        "model": "/model",
        "finish": "/done_reason",
        "input_tokens": "/prompt_eval_count",
        "output_tokens": "/eval_count",
        "done": {"pointer": "/done", "equals": true}
    }
})";

// Cohere, `/v2/chat`.
inline const std::string cohere_map = R"({
    "request": {
        "messages": "/messages",
        "model": "/model",
        "top_p": "/p",
        "stop": "/stop_sequences",
        "stream": "/stream"
    },
    "answer": {
        "id": "/id",
        "text": "/message/content/*/text",
        "finish": "/finish_reason",
        "finish_words": {"COMPLETE": "stop", "MAX_TOKENS": "length", "TOOL_CALL": "tool_calls"},
        "input_tokens": "/usage/tokens/input_tokens",
        "output_tokens": "/usage/tokens/output_tokens"
    },
    "stream": {
        "text": "/delta/message/content/text",
        "finish": "/delta/finish_reason",
        "input_tokens": "/delta/usage/tokens/input_tokens",
        "output_tokens": "/delta/usage/tokens/output_tokens",
        "done": {"event": "message-end"}
    }
})";

inline Endpoint mapped(const std::string& map, const std::string& model = {}) {
    return {
        .name = "own",
        .api = Api::raw,
        .url = "http://127.0.0.1:1/generate",
        .exact_url = true,
        .model = model,
        .raw = map};
}

// The body, or the reason why there is none.
inline std::string mapped_body(const Endpoint& endpoint, const std::string& body) {
    const auto request = *prepare({.body = body});
    if (auto refused = raw.refusal(endpoint, request)) return *refused;
    return *raw.body(endpoint, request, 0);
}

inline Outcome read_mapped(
    const std::string& map,
    const std::string& bytes,
    bool is_stream = false,
    int status = 200,
    std::size_t piece = 1 << 20,
    const ReadLimits& limits = {}
) {
    const auto endpoint = mapped(map);
    return read_in_pieces(
        is_stream ? streamed() : asked(), {.status = status}, bytes, piece, limits, endpoint
    );
}

}  // namespace skein::test
