// Parses the command line and calls the commands of command.hpp.
//
// Before any thread exists it blocks signals, disables core files and fills closed standard
// streams.
#include "app/command.hpp"
#include "app/first_jobs.hpp"
#include "app/version.hpp"
#include "json/text.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace skein::app;

constexpr const char* description =
    "skein sends many requests to large-language-model APIs: never more in flight than allowed,\n"
    "every reply accounted for, in the order in which they were asked.\n";

constexpr const char* footer = R"(
A first try, which needs no key and no network (`mock:` answers from inside the program):

    printf '%s\n' 'Name three primes.' 'What is a skein?' > questions.txt
    cat > job.yaml <<END
    version: 1
    endpoints: [{name: main, base_url: "mock:", model: any}]
    input: {file: questions.txt}
    request: {messages: [{role: user, content: "{{ text }}"}]}
    output: {file: replies.jsonl}
    END
    skein check job.yaml
    skein try job.yaml
    skein run job.yaml

Exit status: 0 all completed; 1 finished, some requests failed; 2 usage or configuration, nothing
was sent; 3 stopped by policy (key refused, billing, no usable endpoint); 4 disk, output or an
internal failure; 130 and 143 ended by Ctrl-C or SIGTERM. Run again to resume: what was journaled
is not asked again.)";

constexpr std::uint64_t max_tried = 1000;

// `limits.in_flight=8`
skein::Override override_of(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        throw CLI::ValidationError{
            "--set", "write it as KEY=VALUE, such as limits.in_flight=8, not '" + text + "'"};
    }
    const auto key = text.substr(0, equals);
    return {key, text.substr(equals + 1), "--set " + key};
}

void add_common(CLI::App& app, Command& command, std::vector<std::string>& sets, bool& allow_core) {
    app.add_option("job", command.job_file, "the job file (YAML)")->required();
    app.add_option(
           "--set",
           sets,
           "set a key of the job file, such as --set limits.in_flight=8; may be repeated"
    )
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    app.add_flag(
        "--allow-core",
        allow_core,
        "let a crash leave a core file, and debuggers look in; both can see keys"
    );
}

CLI::App* add_models(
    CLI::App& app, Command& command, std::vector<std::string>& sets, bool& allow_core
) {
    auto* models = app.add_subcommand(
        "models", "list what each endpoint of a job offers, and check its key; costs nothing"
    );
    add_common(*models, command, sets, allow_core);
    models->add_option("endpoint", command.endpoint, "the name of one endpoint; all if left out");
    models->add_flag("--json", command.as_json, "as one JSON object");
    return models;
}

CLI::App* add_import(CLI::App& app, Command& command) {
    auto* import = app.add_subcommand(
        "import", "make a job file from the configuration of a litellm proxy; sends nothing"
    );
    import->add_option("file", command.job_file, "litellm's config.yaml")->required();
    import->add_option(
        "-o,--output", command.import_to, "the job file to write; standard output if left out"
    );
    import->add_option(
        "--model", command.model, "the model_name that the job asks; the first if left out"
    );
    return import;
}

CLI::App* add_init(CLI::App& app, Command& command) {
    std::string kinds;
    for (const auto& job : first_jobs())
        kinds += "\n  " + std::string{job.kind} + ": " + std::string{job.about};
    auto* init = app.add_subcommand(
        "init", "write a job file to begin with, for rows of your own or for a few to try"
    );
    init->add_option("kind", command.kind, "a kind, or the file of your rows:" + kinds)->required();
    init->add_option(
        "rows", command.rows_file, "the file of your rows; a few are written if left out"
    );
    init->add_option("-o,--output", command.init_to, "the job file to write; job.yaml if left out");
    return init;
}

// Prevents core files and debuggers, because both would expose API keys and foreign texts.
// RLIMIT_CORE alone is not enough: the kernel ignores it if cores are piped to a program, so the
// process is made non-dumpable as well.
class PrivateMemory {
public:
    PrivateMemory() {
        getrlimit(RLIMIT_CORE, &cores_);
        const rlimit none{0, cores_.rlim_max};
        setrlimit(RLIMIT_CORE, &none);
        dumpable_ = prctl(PR_GET_DUMPABLE);
        prctl(PR_SET_DUMPABLE, 0);
    }

    void give_up() const {
        setrlimit(RLIMIT_CORE, &cores_);
        prctl(PR_SET_DUMPABLE, dumpable_);
    }

private:
    rlimit cores_{};
    int dumpable_ = 0;
};

// Opens /dev/null for each closed standard stream, or a socket or the journal would get its number.
// It is opened in the wrong direction, so that a use of the stream fails at once.
void fill_closed_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(stream, F_GETFD) != -1) continue;
        const int wrong_way = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        [[maybe_unused]] const int opened =
            open("/dev/null", wrong_way);  // Takes the lowest free number.
    }
}

// Reports wrong usage. The message is made printable, because an argument may be a foreign file
// name.
int misused(const std::string& what) {
    const auto shown = skein::json::printable(what);
    std::fprintf(stderr, "skein: %s. See skein --help\n", shown.c_str());
    return wrong_usage;
}

int no_subcommand(const std::string& what) {
    return misused(
        "a subcommand is needed, init, run, check, try, models, import, schema or devices; " + what
    );
}

// Declares the options, parses them and calls the command. `Signals` is made for `run` and `try`
// only: for the other commands a signal keeps its usual effect.
int run(int argc, char** argv, const PrivateMemory& memory) {
    CLI::App app{description, "skein"};
    app.footer(footer);
    app.set_version_flag("--version", version_text());
    app.require_subcommand(0, 1);  // A missing subcommand is refused below with a clearer message.

    Command command;
    std::vector<std::string> sets;
    bool allow_core = false;
    auto* run = app.add_subcommand("run", "run a job, or finish one that was interrupted");
    bool overwrite = false;
    const auto add_what_may_be_there = [&](CLI::App& to) {
        to.add_flag(
            "--retry-failed",
            command.retry_failed,
            "ask again what an earlier run of this job failed for good, and nothing that was "
            "answered"
        );
        to.add_option(
              "--retry",
              command.retry,
              "ask again the rows whose answer or failure is such, and keep all others: "
              "finish_reason=length, code=server_error,throttled; the request may have changed "
              "since"
        )
            ->type_name("CONDITION")
            ->allow_extra_args(false);
        to.add_flag(
            "--allow-gone",
            command.allow_gone,
            "go on although rows are gone from the input since the run before"
        );
        to.add_flag("--overwrite", overwrite, "replace the output and journal of an earlier job");
    };
    add_common(*run, command, sets, allow_core);
    add_what_may_be_there(*run);
    run->add_flag("-q,--quiet", command.quiet, "say only what went wrong");
    run->add_flag("-v,--verbose", command.verbose, "say more");
    auto* check = app.add_subcommand("check", "check a job and print its plan; sends nothing");
    add_common(*check, command, sets, allow_core);
    add_what_may_be_there(*check);
    check->add_flag(
        "--ask",
        command.asks,
        "ask each endpoint for its models, and compare: checks keys and names, and costs nothing"
    );
    auto* trial = app.add_subcommand(
        "try", "ask the first rows, show prompts and answers, and write nothing"
    );
    add_common(*trial, command, sets, allow_core);
    trial->add_option("rows", command.rows, "how many rows, 3 if nothing else is said")
        ->check(CLI::Range(std::uint64_t{1}, max_tried));
    auto* models = add_models(app, command, sets, allow_core);
    auto* import = add_import(app, command);
    auto* init = add_init(app, command);
    auto* schema = app.add_subcommand(
        "schema", "print the JSON Schema of a job file, which editors complete and check by"
    );
    auto* devices = app.add_subcommand("devices", "show the GPUs that local workers may run on");
    bool as_json = false;
    devices->add_flag("--json", as_json, "as one JSON object");

    try {
        app.parse(argc, argv);
        for (const auto& set : sets) command.overrides.push_back(override_of(set));
        if (overwrite) command.overrides.push_back({"output.overwrite", "true", "--overwrite"});
        // An unknown word without a subcommand is probably a mistyped subcommand.
    } catch (const CLI::ExtrasError& error) {
        if (!app.get_subcommands().empty()) return misused(error.what());
        return no_subcommand("'" + app.remaining().front() + "' is none");
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() != 0) return misused(error.what());
        app.exit(error);  // Help, or the version.
        return all_completed;
    }
    if (app.get_subcommands().empty()) return no_subcommand("there is none");
    // The option is known only after parsing; until here the memory is private.
    if (allow_core) memory.give_up();
    if (*check) return check_command(command);
    if (*init) return init_command(command);
    if (*schema) return schema_command();
    if (*import) return import_command(command);
    if (*models) return models_command(command);
    if (*devices) return devices_command(as_json);
    Signals signals;
    if (*trial) return try_command(command, signals);
    return run_command(command, signals);
}

}  // namespace

int main(int argc, char** argv) {
    const PrivateMemory memory;
    fill_closed_streams();
    try {
        return run(argc, argv, memory);
    } catch (const std::exception& error) {
        const auto what = skein::json::printable(error.what());
        std::fprintf(stderr, "skein: internal failure: %s\n", what.c_str());
        return local_failure;
    }
}
