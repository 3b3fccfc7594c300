// Names and variables are those of docs.litellm.ai/docs/providers; addresses are the makers' own.
#include "import/providers.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skein::litellm {
namespace {

constexpr std::array providers{
    Provider{"openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY"},
    Provider{"text-completion-openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY"},
    Provider{"custom_openai", "openai", "", ""},
    Provider{"openai_like", "openai", "", ""},
    Provider{"azure", "azure", "", "AZURE_API_KEY"},
    Provider{"anthropic", "anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY"},
    Provider{"gemini", "gemini", "https://generativelanguage.googleapis.com", "GEMINI_API_KEY"},
    Provider{"vertex_ai", "gemini", "", ""},
    Provider{"vertex_ai_beta", "gemini", "", ""},
    Provider{"groq", "openai", "https://api.groq.com/openai/v1", "GROQ_API_KEY"},
    Provider{"mistral", "openai", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"},
    Provider{"deepseek", "openai", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"},
    Provider{"together_ai", "openai", "https://api.together.xyz/v1", "TOGETHERAI_API_KEY"},
    Provider{"openrouter", "openai", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"},
    Provider{"xai", "openai", "https://api.x.ai/v1", "XAI_API_KEY"},
    Provider{"ollama", "openai", "http://localhost:11434/v1", ""},
    Provider{"ollama_chat", "openai", "http://localhost:11434/v1", ""},
    Provider{"hosted_vllm", "openai", "", ""},
    Provider{"vllm", "openai", "", ""},
    Provider{"lm_studio", "openai", "", ""},
    Provider{"litellm_proxy", "openai", "", "LITELLM_PROXY_API_KEY"},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> beginnings{{
    {"gpt-", "openai"},
    {"chatgpt-", "openai"},
    {"o1", "openai"},
    {"o3", "openai"},
    {"o4", "openai"},
    {"text-embedding-", "openai"},
    {"claude-", "anthropic"},
    {"gemini-", "vertex_ai"},
}};

}  // namespace

const Provider* provider_named(std::string_view name) {
    const auto at = std::ranges::find(providers, name, &Provider::name);
    return at == providers.end() ? nullptr : &*at;
}

std::string provider_names() {
    std::string names;
    for (const auto& provider : providers) {
        names.append(names.empty() ? "" : ", ").append(provider.name);
    }
    return names;
}

std::string_view provider_of_bare(std::string_view model) {
    const auto at = std::ranges::find_if(beginnings, [&](const auto& known) {
        return model.starts_with(known.first);
    });
    return at == beginnings.end() ? std::string_view{} : at->second;
}

}  // namespace skein::litellm
