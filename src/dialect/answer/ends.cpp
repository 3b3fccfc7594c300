#include "dialect/answer/ends.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace skein {
namespace {

using E = End;

// clang-format off
constexpr std::array ends{
    // word                          end            source
    EndWord{"stop",                          E::whole,      "OpenAI, and nearly all"},
    EndWord{"length",                        E::whole,      "OpenAI: max_tokens or the context is used up"},
    EndWord{"tool_calls",                    E::whole,      "OpenAI"},
    EndWord{"function_call",                 E::whole,      "OpenAI, until 2023"},
    EndWord{"content_filter",                E::whole,      "OpenAI, Azure"},
    EndWord{"eos",                           E::whole,      "Together (ragas issue 1548)"},
    EndWord{"eos_token",                     E::whole,      "TGI before 2.3 (its pull request 2344), watsonx"},
    EndWord{"stop_sequence",                 E::whole,      "TGI, Anthropic, Bedrock"},
    EndWord{"stop_token",                    E::whole,      "watsonx"},
    EndWord{"end_turn",                      E::whole,      "Anthropic, Bedrock"},
    EndWord{"max_tokens",                    E::whole,      "Anthropic, Bedrock, Gemini, watsonx"},
    EndWord{"time_limit",                    E::whole,      "watsonx: a limit of the request"},
    EndWord{"token_limit",                   E::whole,      "watsonx"},
    EndWord{"model_length",                  E::whole,      "Mistral: the context is used up"},
    EndWord{"model_context_window_exceeded", E::whole,      "Anthropic"},
    EndWord{"tool_use",                      E::whole,      "Anthropic, Bedrock"},
    EndWord{"tool_call",                     E::whole,      "Cohere"},
    EndWord{"function_calls",                E::whole,      "qwq behind gateways (autogen issue 4878)"},
    EndWord{"complete",                      E::whole,      "Cohere"},
    EndWord{"completed",                     E::whole,      "gateways from OpenAI's Responses"},
    EndWord{"refusal",                       E::whole,      "Anthropic"},
    EndWord{"guardrail_intervened",          E::whole,      "Bedrock"},
    EndWord{"content_filtered",              E::whole,      "Bedrock"},
    EndWord{"safety",                        E::whole,      "Gemini"},
    EndWord{"recitation",                    E::whole,      "Gemini"},
    EndWord{"blocklist",                     E::whole,      "Gemini"},
    EndWord{"prohibited_content",            E::whole,      "Gemini"},
    EndWord{"spii",                          E::whole,      "Gemini"},
    EndWord{"sensitive",                     E::whole,      "Zhipu: its filter"},
    EndWord{"repetition",                    E::whole,      "vLLM: its check for repeated tokens"},
    EndWord{"pause_turn",                    E::whole,      "Anthropic: would go on if asked"},
    EndWord{"paused",                        E::whole,      "the common word for it: would go on if asked"},

    EndWord{"",                              E::none,       "OpenAI writes null"},
    EndWord{"null",                          E::none,       "DashScope, in each chunk but the last"},
    EndWord{"not_finished",                  E::none,       "watsonx, in each chunk but the last"},

    EndWord{"abort",                         E::broken_off, "vLLM (its issue 57082), SGLang"},
    EndWord{"aborted",                       E::broken_off, "SGLang's gateways, LMDeploy"},
    EndWord{"error",                         E::broken_off, "OpenRouter, Mistral, vLLM"},
    EndWord{"error_limit",                   E::broken_off, "Cohere"},
    EndWord{"error_toxic",                   E::broken_off, "Cohere"},
    EndWord{"insufficient_system_resource",  E::broken_off, "DeepSeek: its servers had no room to go on"},
    EndWord{"network_error",                 E::broken_off, "Zhipu"},
    EndWord{"load_error",                    E::broken_off, "local servers whose model could not be loaded"},
    EndWord{"load",                          E::broken_off, "Ollama (its pull request 4235): loaded the model and wrote nothing"},
    EndWord{"unload",                        E::broken_off, "Ollama: unloaded the model and wrote nothing"},
    EndWord{"cancel",                        E::broken_off, "mistral.rs, node-llama-cpp"},
    EndWord{"canceled",                      E::broken_off, "mistral.rs, gateways"},
    EndWord{"cancelled",                     E::broken_off, "TensorRT-LLM, watsonx"},
    EndWord{"interrupted",                   E::broken_off, "local servers that were stopped"},
    EndWord{"failed",                        E::broken_off, "gateways from OpenAI's Responses"},
    EndWord{"timeout",                       E::broken_off, "Cohere, gateways"},
    EndWord{"timed_out",                     E::broken_off, "TensorRT-LLM"},
    EndWord{"generation_error",              E::broken_off, "mistral.rs"},
    EndWord{"server_error",                  E::broken_off, "gateways"},
    EndWord{"internal_error",                E::broken_off, "gateways"},
    EndWord{"malformed_function_call",       E::broken_off, "Gemini: the call cannot be read (python-genai issue 1836)"},
    EndWord{"malformed_model_output",        E::broken_off, "Bedrock"},
    EndWord{"malformed_tool_use",            E::broken_off, "Bedrock"},
    EndWord{"unexpected_tool_call",          E::broken_off, "Gemini: a call of a tool that there is not"},
    EndWord{"too_many_tool_calls",           E::broken_off, "Gemini: it called tools again and again"},
};
// clang-format on

}  // namespace

std::span<const EndWord> all_ends() { return ends; }

// In any case of letters, because Gemini writes `STOP` and Cohere `COMPLETE`.
End end_of(std::string_view finish_reason) {
    const auto found = std::ranges::find_if(ends, [&](const EndWord& known) {
        return same_letters(known.word, finish_reason);
    });
    return found == ends.end() ? End::unknown : found->end;
}

}  // namespace skein
