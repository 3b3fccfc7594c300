// The check of what answers must satisfy: a schema that can be checked, and an expression that RE2
// knows. Pure.
#include "settings/check/check_expect.hpp"

#include "schema/pattern.hpp"
#include "schema/schema.hpp"

#include <string>

namespace skein::config {
namespace {

constexpr int max_answers = 10;

}  // namespace

void check_expect(const Expect& expect, std::vector<ConfigError>& wrong) {
    if (!expect.schema.empty()) {
        const auto compiled = schema::Schema::compile(expect.schema);
        if (!compiled) {
            wrong.push_back(
                {"expect.schema", "the schema cannot be checked: " + compiled.error().text()}
            );
        }
    }
    if (expect.schema_attempts < 1 || expect.schema_attempts > max_answers) {
        wrong.push_back(
            {"expect.schema_attempts",
             "schema_attempts must be a whole number from 1 to 10, not " +
                 std::to_string(expect.schema_attempts)}
        );
    }
    for (const auto& reason : expect.finish) {
        if (!reason.empty()) continue;
        wrong.push_back({"expect.finish", "finish must not hold an empty reason"});
        break;
    }
    if (expect.match.empty()) return;
    if (const auto match = schema::Pattern::of_re2(expect.match); !match) {
        wrong.push_back(
            {"expect.match", "match is no regular expression that RE2 knows: " + match.error().why}
        );
    }
}

}  // namespace skein::config
