// A job file from the configuration of a litellm proxy.
#pragma once
#include "import/notes.hpp"

#include <skein/error.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace skein {

struct ImportedJob {
    std::string text{};  // YAML, with the notes as comments. Holds no key.
    std::vector<litellm::Note> notes{};
};

// `text` is the file and `name` its name for messages. `model`: the `model_name` that the job asks;
// empty: the first one. Reads nothing else: no file, no environment. Fails if the text is no YAML
// that skein reads, or names nothing that skein could ask.
Expected<ImportedJob, ConfigError> import_litellm(
    std::string_view text, const std::string& name, const std::string& model = {}
);

}  // namespace skein
