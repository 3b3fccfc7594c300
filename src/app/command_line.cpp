// The options of each command, as CLI11 knows them. Each command stands with the function that
// does it, so that a command that is declared is also called.
#include "app/command_line.hpp"

#include "app/completion.hpp"
#include "app/first_jobs.hpp"
#include "app/version.hpp"
#include "json/text.hpp"

#include <cstdio>

namespace skein::app {
namespace {

constexpr const char* description =
    "skein sends many requests to large-language-model APIs: never more in flight than allowed,\n"
    "every reply accounted for, in the order in which they were asked.\n";

constexpr const char* footer = R"(
A first try, which needs no key and no network (`mock:` answers from inside the program):

    printf '%s\n' 'Name three primes.' 'What is a skein?' > questions.txt
    skein init questions.txt
    skein check job.yaml
    skein try job.yaml
    skein run job.yaml

Exit status: 0 all completed; 1 finished, some requests failed; 2 usage or configuration, nothing
was sent; 3 stopped by policy (key refused, billing, no usable endpoint); 4 disk, output or an
internal failure; 130 and 143 ended by Ctrl-C or SIGTERM. Run again to resume: what was journaled
is not asked again.)";

constexpr std::uint64_t max_tried = 1000;

// `limits.in_flight=8`
Override override_of(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        throw CLI::ValidationError{
            "--set", "write it as KEY=VALUE, such as limits.in_flight=8, not '" + text + "'"};
    }
    const auto key = text.substr(0, equals);
    return {key, text.substr(equals + 1), "--set " + key};
}

// Reports wrong usage. The message is made printable, because an argument may be a foreign file
// name.
int misused(const std::string& what) {
    const auto shown = json::printable(what);
    std::fprintf(stderr, "skein: %s. See skein --help\n", shown.c_str());
    return wrong_usage;
}

std::string kinds_of_jobs() {
    std::string all = "a kind, or the file of your rows:";
    for (const auto& job : first_jobs())
        all.append("\n  ").append(job.kind).append(": ").append(job.about);
    return all;
}

}  // namespace

CommandLine::CommandLine() : app_{description, "skein"} {
    app_.footer(footer);
    app_.set_version_flag("--version", version_text());
    app_.require_subcommand(0, 1);  // A missing one is refused by `parse`, with a clearer message.
    add_jobs();
    add_makers_of_jobs();
    add_facts();
}

CLI::App* CommandLine::add(const char* name, const char* about, int (*call)(const Command&)) {
    auto* one = app_.add_subcommand(name, about);
    one->callback([this, call] { command_.call = call; });
    return one;
}

void CommandLine::add_job(CLI::App& to) {
    to.add_option("job", command_.job_file, "the job file (YAML)")->required();
    to.add_option(
          "--set",
          sets_,
          "set a key of the job file, such as --set limits.in_flight=8; may be repeated"
    )
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    to.add_flag(
        "--allow-core",
        allow_core_,
        "let a crash leave a core file, and debuggers look in; both can see keys"
    );
}

void CommandLine::add_what_may_be_there(CLI::App& to) {
    to.add_flag(
        "--retry-failed",
        command_.retry_failed,
        "ask again what an earlier run of this job failed for good, and nothing that was answered"
    );
    to.add_option(
          "--retry",
          command_.retry,
          "ask again the rows whose answer or failure is such, and keep all others: "
          "finish_reason=length, code=server_error,throttled; the request may have changed since"
    )
        ->type_name("CONDITION")
        ->allow_extra_args(false);
    to.add_flag(
        "--allow-gone",
        command_.allow_gone,
        "go on although rows are gone from the input since the run before"
    );
    to.add_flag("--overwrite", overwrite_, "replace the output and journal of an earlier job");
}

void CommandLine::add_jobs() {
    auto* run = add("run", "run a job, or finish one that was interrupted", run_command);
    add_job(*run);
    add_what_may_be_there(*run);
    run->add_flag("-q,--quiet", command_.quiet, "say only what went wrong");
    run->add_flag("-v,--verbose", command_.verbose, "say more");

    auto* check = add("check", "check a job and print its plan; sends nothing", check_command);
    add_job(*check);
    add_what_may_be_there(*check);
    check->add_flag(
        "--ask",
        command_.asks,
        "ask each endpoint for its models, and compare: checks keys and names, and costs nothing"
    );

    auto* trial =
        add("try", "ask the first rows, show prompts and answers, and write nothing", try_command);
    add_job(*trial);
    trial->add_option("rows", command_.rows, "how many rows, 3 if nothing else is said")
        ->check(CLI::Range(std::uint64_t{1}, max_tried));

    auto* models =
        add("models",
            "list what each endpoint of a job offers, and check its key; costs nothing",
            models_command);
    add_job(*models);
    models->add_option("endpoint", command_.endpoint, "the name of one endpoint; all if left out");
    models->add_flag("--json", command_.as_json, "as one JSON object");
}

void CommandLine::add_makers_of_jobs() {
    auto* init =
        add("init",
            "write a job file to begin with, for rows of your own or for a few to try",
            init_command);
    init->add_option("kind", command_.kind, kinds_of_jobs())->required();
    init->add_option(
        "rows", command_.rows_file, "the file of your rows; a few are written if left out"
    );
    init->add_option(
        "-o,--output", command_.init_to, "the job file to write; job.yaml if left out"
    );

    auto* import =
        add("import",
            "make a job file from the configuration of a litellm proxy; sends nothing",
            import_command);
    import->add_option("file", command_.job_file, "litellm's config.yaml")->required();
    import->add_option(
        "-o,--output", command_.import_to, "the job file to write; standard output if left out"
    );
    import->add_option(
        "--model", command_.model, "the model_name that the job asks; the first if left out"
    );
}

void CommandLine::add_facts() {
    add("schema",
        "print the JSON Schema of a job file, which editors complete and check by",
        schema_command);
    auto* devices = add("devices", "show the GPUs that local workers may run on", devices_command);
    devices->add_flag("--json", command_.as_json, "as one JSON object");
    auto* completion =
        add("completion", "print what lets a shell complete the words of skein", completion_command
        );
    completion->add_option("shell", command_.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

std::optional<int> CommandLine::parse(int argc, const char* const* argv) {
    const auto none = [&](const std::string& what) {
        std::string names;
        for (const auto* one : app_.get_subcommands({}))
            names += (names.empty() ? "" : ", ") + one->get_name();
        return misused("a subcommand is needed, one of " + names + "; " + what);
    };
    try {
        app_.parse(argc, argv);
        for (const auto& set : sets_) command_.overrides.push_back(override_of(set));
        if (overwrite_) command_.overrides.push_back({"output.overwrite", "true", "--overwrite"});
        // An unknown word without a subcommand is probably a mistyped subcommand.
    } catch (const CLI::ExtrasError& error) {
        if (!app_.get_subcommands().empty()) return misused(error.what());
        return none("'" + app_.remaining().front() + "' is none");
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() != 0) return misused(error.what());
        app_.exit(error);  // Help, or the version.
        return all_completed;
    }
    if (app_.get_subcommands().empty()) return none("there is none");
    return std::nullopt;
}

}  // namespace skein::app
