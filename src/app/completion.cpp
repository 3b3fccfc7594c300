// Three scripts from one list of words. Each asks nothing of skein when it completes: the words of
// this version stand in it. Descriptions are quoted, because they may hold what a shell reads.
#include "app/completion.hpp"

#include "app/command_line.hpp"
#include "app/first_jobs.hpp"
#include "app/result.hpp"
#include "json/object.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace skein::app {
namespace {

using Commands = std::vector<CommandWords>;
using Words = std::vector<std::string>;

std::string joined(const Words& words) {
    std::string all;
    for (const auto& word : words) all += (all.empty() ? "" : " ") + word;
    return all;
}

Words names_of(const Commands& commands) {
    Words names;
    for (const auto& command : commands) names.push_back(command.name);
    return names;
}

// With a backslash before each of the signs, which zsh would take for the end of a description.
std::string escaped(std::string text, std::string_view signs) {
    for (std::size_t at = 0; (at = text.find_first_of(signs, at)) != text.npos; at += 2)
        text.insert(at, "\\");
    return text;
}

// The first sentence.
std::string first_of(std::string text) {
    text.erase(std::min(text.size(), text.find_first_of(";:\n")));
    return text;
}

// In single quotes, within which a shell reads nothing.
std::string in_quotes(std::string text) {
    std::erase(text, '\'');
    return '\'' + text + '\'';
}

std::string bash(const Commands& commands, const Words& keys) {
    std::string text = R"(# Completion of skein for bash: skein completion bash
_skein() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= word
    COMPREPLY=()
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ $word == -* ]] || { command=$word; break; }
    done
    if [[ $before == --set ]]; then
        compopt -o nospace 2>/dev/null
        COMPREPLY=($(compgen -S = -W ')" +
                       joined(keys) + R"(' -- "$current"))
        return
    fi
    local options= words=
    case $command in
        '') options='--help --version' words=')" +
                       joined(names_of(commands)) + "' ;;\n";
    for (const auto& command : commands) {
        Words options;
        for (const auto& option : command.options)
            options.insert(options.end(), option.names.begin(), option.names.end());
        text += "        " + command.name + ") options='" + joined(options) + "' words='" +
                joined(command.words) + "' ;;\n";
    }
    return text + R"(    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
    elif [[ $command == '' || $before == "$command" ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$current"))
    fi
}
complete -o bashdefault -o default -F _skein skein
)";
}

std::string zsh_option(const CommandWords::Option& option, const Words& keys) {
    const auto about = "[" + escaped(first_of(option.about), "[]:\\") + "]";
    std::string value;
    if (option.takes_value) value = option.names.back() == "--output" ? ":file:_files" : ":value:";
    std::string text;
    for (const auto& name : option.names) {
        const auto is_set = name == "--set";
        text += " \\\n                " + in_quotes((is_set ? "*" : "") + name + about) +
                (is_set ? "':key:_values -S = key " + joined(keys) + "'" : "'" + value + "'");
    }
    return text;
}

std::string zsh(const Commands& commands, const Words& keys) {
    std::string text = R"(#compdef skein
# Completion of skein for zsh: skein completion zsh
_skein() {
    local -a commands=(
)";
    for (const auto& command : commands)
        text += "        " + in_quotes(command.name + ':' + escaped(first_of(command.about), ":")) +
                '\n';
    text += R"(    )
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
)";
    for (const auto& command : commands) {
        text += "        " + command.name + ")\n            _arguments";
        for (const auto& option : command.options) text += zsh_option(option, keys);
        if (!command.words.empty()) {
            text += " \\\n                '1:word:" +
                    (command.takes_files ? "{ compadd " + joined(command.words) + "; _files }"
                                         : '(' + joined(command.words) + ')') +
                    '\'';
        }
        if (command.takes_files) text += " \\\n                '*:file:_files'";
        text += " ;;\n";
    }
    return text + R"(    esac
}
if [[ $funcstack[1] == _skein ]]; then
    _skein "$@"
else
    compdef _skein skein
fi
)";
}

std::string fish(const Commands& commands, const Words& keys) {
    std::string text =
        "# Completion of skein for fish: skein completion fish\n"
        "complete -c skein -n __fish_use_subcommand -l version\n";
    for (const auto& command : commands) {
        text += "complete -c skein -n __fish_use_subcommand -f -a " + command.name + " -d " +
                in_quotes(first_of(command.about)) + '\n';
    }
    for (const auto& command : commands) {
        const auto begin =
            "complete -c skein -n '__fish_seen_subcommand_from " + command.name + "'";
        if (!command.takes_files) text += begin + " -f\n";
        if (!command.words.empty()) text += begin + " -a '" + joined(command.words) + "'\n";
        for (const auto& option : command.options) {
            text += begin;
            for (const auto& name : option.names)
                text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
            if (option.takes_value) text += " -r";
            if (option.names.back() == "--set") {
                text += " -x -a '";
                for (const auto& key : keys) text += key + "= ";
                text += '\'';
            }
            text += " -d " + in_quotes(first_of(option.about)) + '\n';
        }
    }
    return text;
}

// Keys of objects within objects. A list is set as a whole.
void add_keys(std::string_view schema, const std::string& before, Words& keys) {
    json::Object object;
    json::Object members;
    object.take(schema);
    const auto properties = object.find("properties");
    if (!properties) {
        if (!before.empty()) keys.push_back(before);
        return;
    }
    members.take(*properties);
    for (const auto& member : members.members()) {
        if (json::is_object(member.value))
            add_keys(member.value, before.empty() ? member.name : before + '.' + member.name, keys);
    }
}

}  // namespace

std::vector<CommandWords> words_of(const CLI::App& declared) {
    std::vector<CommandWords> all;
    for (const auto* one : declared.get_subcommands({})) {
        CommandWords command{.name = one->get_name(), .about = one->get_description()};
        for (const auto* option : one->get_options()) {
            if (option->get_positional()) {
                const auto& name = option->get_name(true);
                command.takes_files |=
                    name == "job" || name == "file" || name == "kind" || name == "rows";
                continue;
            }
            CommandWords::Option known{.about = option->get_description()};
            for (const auto& name : option->get_snames()) known.names.push_back('-' + name);
            for (const auto& name : option->get_lnames()) known.names.push_back("--" + name);
            known.takes_value = option->get_items_expected_max() > 0;
            command.options.push_back(std::move(known));
        }
        if (command.name == "completion") command.words = {"bash", "zsh", "fish"};
        if (command.name == "init") {
            for (const auto& job : first_jobs()) command.words.emplace_back(job.kind);
        }
        all.push_back(std::move(command));
    }
    return all;
}

std::vector<std::string> keys_of(std::string_view job_schema) {
    Words keys;
    json::Object object;
    if (!object.parse(job_schema)) add_keys(job_schema, "", keys);
    return keys;
}

std::string completion_script(
    std::string_view shell,
    const std::vector<CommandWords>& commands,
    const std::vector<std::string>& keys
) {
    if (shell == "bash") return bash(commands, keys);
    return shell == "zsh" ? zsh(commands, keys) : fish(commands, keys);
}

int completion_command(const Command& command) {
    const CommandLine line;
    return print_result(
        completion_script(command.shell, words_of(line.declared()), keys_of(job_schema()))
    );
}

}  // namespace skein::app
