// The shipped files: examples that load, and a JSON schema with the same keys as the loader.
#include "config/keys.hpp"
#include "config/yaml_text.hpp"
#include "support/catch.hpp"
#include "unit/config/config_support.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

using namespace skein;
using test::Variable;
using namespace std::chrono_literals;

namespace {

const auto root = std::filesystem::path{SKEIN_SOURCE_FOLDER};

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    REQUIRE(file);
    return {std::istreambuf_iterator<char>{file}, {}};
}

config::Node schema() {
    // The YAML reader also reads this JSON.
    auto tree = config::read_yaml(read_file(root / "docs/job.schema.json"), "job.schema.json");
    INFO((tree.has_error() ? tree.error().text() : std::string{}));
    REQUIRE(tree.has_value());
    return *std::move(tree);
}

// Dotted key names, like those of `known_keys`; descends into objects and into items of lists.
void collect(const config::Node& node, const std::string& prefix, std::set<std::string>& keys) {
    const auto* items = node.find("items");
    const auto* properties = (items ? *items : node).find("properties");
    if (!properties) {
        keys.insert(prefix);
        return;
    }
    for (const auto& property : properties->children) {
        collect(property, prefix.empty() ? property.key : prefix + '.' + property.key, keys);
    }
}

std::set<std::string> known_keys() {
    const auto known = config::known_keys();
    return {known.begin(), known.end()};
}

// The known keys without those of a pool, because a pool's example shows only its engine's keys.
std::set<std::string> without_local(std::set<std::string> keys) {
    std::erase_if(keys, [](const std::string& key) {
        return key.starts_with("local.") || key.starts_with("fallback.");
    });
    return keys;
}

// The keys used in a job file.
std::set<std::string> used_keys(const config::Node& job) {
    std::set<std::string> used;
    const auto known = known_keys();
    for (const auto& section : job.children) {
        used.insert(section.key);
        const auto& members = section.is_list() ? section.children.front() : section;
        for (const auto& member : members.children) used.insert(section.key + '.' + member.key);
    }
    std::erase_if(used, [&](const std::string& key) { return !known.contains(key); });
    return used;
}

}  // namespace

TEST_CASE("Every job file in configs/ loads without a variable in the environment.", "[config]") {
    const Variable url{"SKEIN_QUICKSTART_URL", std::nullopt};
    const Variable key{"MAIN_API_KEY", std::nullopt};
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator{root / "configs"}) {
        if (entry.path().extension() != ".yaml") continue;
        names.insert(entry.path().filename());
        CAPTURE(entry.path());
        const auto job = load_job(entry.path());
        INFO((job.has_error() ? job.error().text() : std::string{}));
        REQUIRE(job.has_value());
        CHECK(job->warnings.empty());
        CHECK(std::filesystem::exists(job->input.file));
        CHECK(job->output.file.find("/build/") != std::string::npos);
    }
    CHECK(
        names ==
        std::set<std::string>{
            "batch.yaml",
            "csv.yaml",
            "fallback.yaml",
            "full.yaml",
            "mock.yaml",
            "quickstart.yaml",
            "several.yaml",
            "text.yaml"}
    );
}

TEST_CASE("The quick start example has twelve questions and eight in flight.", "[config]") {
    const Variable url{"SKEIN_QUICKSTART_URL", "http://127.0.0.1:8080/v1/"};
    const auto job = load_job((root / "configs/quickstart.yaml").string());
    REQUIRE(job.has_value());
    CHECK(job->settings.endpoints.front().url == "http://127.0.0.1:8080/v1");
    CHECK(job->settings.in_flight == 8);
    CHECK(job->output.timings);
    CHECK(job->output.overwrite);
    const auto prompts = read_file(job->input.file);
    CHECK(std::count(prompts.begin(), prompts.end(), '\n') == 12);
}

TEST_CASE("The example full.yaml has every key, and its values are the defaults.", "[config]") {
    const auto path = root / "configs/full.yaml";
    const auto tree = config::read_yaml(read_file(path), "full.yaml");
    REQUIRE(tree.has_value());
    auto expected = without_local(known_keys());
    expected.erase("endpoints.api_key");       // Needs a variable that is set.
    expected.erase("endpoints.api_key_file");  // Needs a file.
    expected.erase("endpoints.api_key_command");
    expected.erase("endpoints.api_key_lifetime");  // Needs a command.
    expected.erase("endpoints.raw");               // Of its own API.
    expected.erase("endpoints.api_version");       // Of other APIs.
    expected.erase("endpoints.max_tokens");        // Would change requests.
    expected.erase("endpoints.url");               // Excludes base_url.
    expected.erase("endpoints.ca_file");           // Needs a file.
    expected.erase("endpoints.client_cert");
    expected.erase("endpoints.client_key");
    expected.erase("endpoints.price_as");  // Of a file of prices.
    expected.erase("prices");              // Needs a file.
    CHECK(without_local(used_keys(*tree)) == expected);

    const auto job = load_job(path.string());
    REQUIRE(job.has_value());
    const Settings defaults;
    const auto& settings = job->settings;
    CHECK(settings.in_flight == defaults.in_flight);
    CHECK(settings.attempts == defaults.attempts);
    CHECK(settings.max_retry_after == defaults.max_retry_after);
    CHECK(settings.first_answer == defaults.first_answer);
    CHECK(settings.same_refusals == 20);
    CHECK(job->max_failures.count == 0);
    CHECK(job->max_failures.share == 0);
    CHECK(settings.wire_threads == 1);
    CHECK(settings.timeouts.connect == defaults.timeouts.connect);
    CHECK(settings.timeouts.first_byte == 10min);
    CHECK(settings.timeouts.idle == defaults.timeouts.idle);
    CHECK(settings.timeouts.content == defaults.timeouts.content);
    CHECK(settings.timeouts.attempt == defaults.timeouts.attempt);
    CHECK(settings.timeouts.request == defaults.timeouts.request);
    CHECK(settings.backoff.base == defaults.backoff.base);
    CHECK(settings.backoff.max == defaults.backoff.max);
    CHECK(settings.backoff.throttled_base == defaults.backoff.throttled_base);
    CHECK(settings.backoff.throttled_max == defaults.backoff.throttled_max);
    CHECK(settings.read.headers == defaults.read.headers);
    CHECK(settings.read.body == defaults.read.body);
    CHECK(settings.read.line == defaults.read.line);
    CHECK(settings.read.event == defaults.read.event);
    CHECK(settings.read.depth == defaults.read.depth);
    CHECK(settings.seed == defaults.seed);
    CHECK(job->window == Job{}.window);
    CHECK(job->grace == Job{}.grace);
    CHECK(job->timeout == Job{}.timeout);
    CHECK(job->output.durability == Output{}.durability);
}

TEST_CASE("The JSON schema of the job file and the loader have the same keys.", "[config]") {
    std::set<std::string> described;
    collect(schema(), "", described);
    CHECK(described == known_keys());
}

TEST_CASE("Every key of the JSON schema has a description.", "[config]") {
    const auto described = [](auto& self, const config::Node& node) -> void {
        if (const auto* properties = node.find("properties")) {
            for (const auto& property : properties->children) {
                CAPTURE(property.key);
                CHECK(property.find("description"));
                self(self, property);
            }
        }
        if (const auto* items = node.find("items")) self(self, *items);
    };
    described(described, schema());
}
