#include "config/request_slips.hpp"

#include "base/json_text.hpp"
#include "config/spelling.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

namespace skein::config {
namespace {

constexpr std::size_t shortest_slip = 4;  // Shorter names are all near to each other.
constexpr std::size_t most_letters = 2;   // To put right.

// Of chat completions, completions and embeddings, as OpenAI, vLLM, SGLang, llama.cpp and
// OpenRouter have them.
constexpr std::string_view members[] = {
    "add_generation_prompt",
    "add_special_tokens",
    "allowed_token_ids",
    "audio",
    "bad_words",
    "best_of",
    "cache_prompt",
    "chat_template",
    "chat_template_kwargs",
    "continue_final_message",
    "dimensions",
    "documents",
    "dynatemp_exponent",
    "dynatemp_range",
    "early_stopping",
    "ebnf",
    "echo",
    "encoding_format",
    "format",
    "frequency_penalty",
    "function_call",
    "functions",
    "grammar",
    "guided_choice",
    "guided_decoding_backend",
    "guided_grammar",
    "guided_json",
    "guided_regex",
    "ignore_eos",
    "include_reasoning",
    "include_stop_str_in_output",
    "input",
    "input_type",
    "instructions",
    "json_schema",
    "keep_alive",
    "length_penalty",
    "logit_bias",
    "logits_processors",
    "logprobs",
    "lora_path",
    "max_completion_tokens",
    "max_new_tokens",
    "max_output_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "min_keep",
    "min_p",
    "min_tokens",
    "mirostat",
    "mirostat_eta",
    "mirostat_tau",
    "mm_processor_kwargs",
    "modalities",
    "model",
    "models",
    "n_indent",
    "n_keep",
    "n_predict",
    "n_probs",
    "no_stop_trim",
    "options",
    "parallel_tool_calls",
    "penalize_nl",
    "plugins",
    "prediction",
    "presence_penalty",
    "priority",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_logprobs",
    "provider",
    "reasoning",
    "reasoning_effort",
    "regex",
    "repeat_last_n",
    "repeat_penalty",
    "repetition_penalty",
    "request_id",
    "response_format",
    "return_progress",
    "return_tokens",
    "route",
    "safe_prompt",
    "safety_identifier",
    "samplers",
    "seed",
    "separate_reasoning",
    "service_tier",
    "skip_special_tokens",
    "spaces_between_special_tokens",
    "stop",
    "stop_token_ids",
    "store",
    "stream",
    "stream_options",
    "structured_outputs",
    "suffix",
    "task",
    "temperature",
    "tfs_z",
    "thinking",
    "timings_per_token",
    "tool_choice",
    "tools",
    "top_a",
    "top_k",
    "top_logprobs",
    "top_n_sigma",
    "top_p",
    "transforms",
    "truncate",
    "truncate_prompt_tokens",
    "truncation",
    "typical_p",
    "use_beam_search",
    "user",
    "verbosity",
    "web_search_options"};

constexpr std::string_view message_members[] = {
    "annotations",
    "audio",
    "cache_control",
    "content",
    "function_call",
    "name",
    "prefix",
    "reasoning",
    "reasoning_content",
    "refusal",
    "role",
    "thinking",
    "tool_call_id",
    "tool_calls"};

std::string_view meant_by(std::string_view member, std::span<const std::string_view> known) {
    if (member.size() < shortest_slip || std::ranges::find(known, member) != known.end()) return {};
    const auto meant = nearest(member, known);
    return !meant.empty() && edit_distance(member, meant) <= most_letters ? meant
                                                                          : std::string_view{};
}

void warn(
    const Node& object, std::span<const std::string_view> known, std::vector<std::string>& warnings
) {
    for (const auto& member : object.children) {
        const auto meant = meant_by(member.key, known);
        if (meant.empty()) continue;
        warnings.push_back(
            member.key_at.text() + ": '" + json::printable(member.key, 60) +
            "' is no member of a request that is known, and is sent as it stands; did you mean '" +
            std::string{meant} + "'?"
        );
    }
}

// Arguments of a client's function, which no server reads.
void warn_of_arguments(const Node& request, std::vector<std::string>& warnings) {
    constexpr std::pair<std::string_view, std::string_view> arguments[] = {
        {"extra_body", "; write its members here, beside messages"},
        {"extra_headers", "; write headers under the endpoint"}};
    for (const auto& [name, advice] : arguments) {
        const auto* member = request.find(name);
        if (!member) continue;
        warnings.push_back(
            member->key_at.text() + ": '" + std::string{name} +
            "' is an argument of the Python client, and is sent as it stands" + std::string{advice}
        );
    }
}

}  // namespace

std::string_view member_meant_by(std::string_view name) { return meant_by(name, members); }

void warn_of_slips(const Node& request, std::vector<std::string>& warnings) {
    warn_of_arguments(request, warnings);
    warn(request, members, warnings);
    const auto* messages = request.find("messages");
    if (!messages || !messages->is_list()) return;
    for (const auto& message : messages->children) {
        if (message.is_map()) warn(message, message_members, warnings);
    }
}

}  // namespace skein::config
