// Sources: OpenAI, "API Reference" (chat, completions, embeddings); vLLM, "OpenAI-Compatible
// Server", extra parameters; SGLang, "Sampling Parameters"; llama.cpp, tools/server/README;
// OpenRouter, "Parameters". Clients: openai-python (README and its 0.x migration guide), LiteLLM
// ("Input Params"), LangChain (ChatOpenAI), Instructor. Other APIs: Anthropic, "Messages"; Gemini,
// "GenerateContent"; Ollama, "API".
#include "config/request_members.hpp"

namespace skein::config {
namespace {

// In alphabetical order. A known name only keeps a warning away, so a name too many costs nothing
// and a missing one costs a wrong warning.
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

constexpr std::string_view part_members[] = {
    "type",
    "text",
    "image_url",
    "input_audio",
    "audio_url",
    "video_url",
    "file",
    "cache_control",
    "refusal",
    "thinking",
    "reasoning"};

constexpr std::string_view image_members[] = {"url", "detail"};
constexpr std::string_view tool_members[] = {"type", "function", "custom", "cache_control"};
constexpr std::string_view function_members[] = {"name", "description", "parameters", "strict"};
constexpr std::string_view stream_members[] = {
    "include_usage", "include_obfuscation", "continuous_usage_stats"};
constexpr std::string_view format_members[] = {
    "type", "json_schema", "schema", "grammar", "structures", "triggers", "value"};
constexpr std::string_view schema_members[] = {"name", "description", "schema", "strict"};

// Only objects with a fixed set of members: the parameters of a function are a free schema.
constexpr MembersWithin within[] = {
    {"messages", message_members},
    {"messages.content", part_members},
    {"messages.content.image_url", image_members},
    {"tools", tool_members},
    {"tools.function", function_members},
    {"stream_options", stream_members},
    {"response_format", format_members},
    {"response_format.json_schema", schema_members}};

// The sources, as the end of the sentence "'x' is …".
constexpr std::string_view python = "an argument of the Python client";
constexpr std::string_view azure = "an argument of the client for Azure";
constexpr std::string_view litellm = "an argument of LiteLLM";
constexpr std::string_view langchain = "an argument of LangChain";
constexpr std::string_view anthropic = "a member of Anthropic's API";
constexpr std::string_view gemini = "a member of Gemini's API";
constexpr std::string_view ollama = "an option of Ollama's own API";

// The advice, as the end of the same sentence.
constexpr std::string_view under_endpoint = "write it under the endpoint, as base_url";
constexpr std::string_view in_headers = "write it under the endpoint, as a header";
constexpr std::string_view as_model = "the model belongs to the endpoint: write it there, as model";
constexpr std::string_view as_attempts = "write limits.attempts";
constexpr std::string_view as_timeout = "write timeouts.request";
constexpr std::string_view as_sampling = "write its members here, beside messages";

// Names that people carry over from a client or another API. They are sent all the same.
constexpr ForeignMember foreign[] = {
    {"extra_body", python, as_sampling},
    {"extra_headers", python, "write headers under the endpoint"},
    {"extra_query", python, "write the query into the endpoint's address"},
    {"timeout", python, as_timeout},
    {"request_timeout", langchain, as_timeout},
    {"max_retries", python, as_attempts},
    {"num_retries", litellm, as_attempts},
    {"api_key", python, "write api_key under the endpoint: here it goes into every request"},
    {"base_url", python, under_endpoint},
    {"api_base", litellm, under_endpoint},
    {"organization", python, in_headers},
    {"engine", python, as_model},
    {"deployment_id", azure, as_model},
    {"azure_deployment", azure, as_model},
    {"azure_endpoint", azure, under_endpoint},
    {"api_version", azure, "write it into the endpoint's address, as a query"},
    {"api_type", azure, "leave it out"},
    {"response_model", "an argument of Instructor", "write response_format with a JSON schema"},
    {"custom_llm_provider", litellm, "leave it out"},
    {"drop_params", litellm, "leave it out"},
    {"model_name", langchain, as_model},
    {"model_kwargs", langchain, as_sampling},
    {"stream_usage", langchain, "leave it out: a stream is asked for its usage already"},
    {"system", anthropic, "write a message with the role system"},
    {"stop_sequences", anthropic, "write stop"},
    {"max_tokens_to_sample", anthropic, "write max_tokens"},
    {"anthropic_version", anthropic, "leave it out"},
    {"contents", gemini, "write messages"},
    {"generationConfig", gemini, as_sampling},
    {"generation_config", gemini, as_sampling},
    {"systemInstruction", gemini, "write a message with the role system"},
    {"system_instruction", gemini, "write a message with the role system"},
    {"num_predict", ollama, "write max_tokens"},
    {"num_ctx", ollama, "set it where the model is defined (a Modelfile)"}};

}  // namespace

std::span<const std::string_view> members_of_request() { return members; }
std::span<const MembersWithin> members_within() { return within; }
std::span<const ForeignMember> foreign_members() { return foreign; }

}  // namespace skein::config
