// The facts by which a journal and a job are compared. A job whose facts differ would get other
// replies, so it must not continue the journal.
#include "job/journal/job_identity.hpp"

#include "dialect/dialects.hpp"
#include "job/input/source.hpp"
#include "settings/check/check_output.hpp"

#include <filesystem>

namespace skein::job {
namespace {

std::string keep_text(const Keep& keep) {
    if (keep.all) return "all";
    std::string text;
    for (const auto& field : keep.fields) text += (text.empty() ? "" : ", ") + field;
    return text;
}

// Not how often one is asked: the answers are the same.
std::string text_of(const Expect& expect) {
    auto text = expect.schema + '\n' + (expect.json ? "json\n" : "\n") + expect.match;
    for (const auto& reason : expect.finish) text += '\n' + reason;
    return text;
}

// The usual form is no fact, as in journals of versions that knew no other.
std::string form_text(const Output& output) {
    if (output.format == Output::Format::openai_batch) return {};
    std::string text{name_of(output.format)};
    for (const auto& [name, source] : output.columns) {
        text += (&name == &output.columns.front().first ? " of " : ", ") + name + ": " + source;
    }
    return text;
}

bool is_of_input(const Fact& fact) {
    return fact.name == fact_of_input || fact.name == fact_of_gone;
}

bool is_of_format(const Fact& fact) { return fact.name == fact_of_format; }

}  // namespace

std::optional<std::string> another_job(JobIdentity before, JobIdentity now, bool only_some_rows) {
    // The input may change, because rows are then matched by content. With `--retry` only the
    // format must stay.
    for (auto* facts : {&before, &now}) {
        std::erase_if(*facts, [only_some_rows](const Fact& fact) {
            return only_some_rows ? !is_of_format(fact) : is_of_input(fact);
        });
    }
    return difference(before, now);
}

JobIdentity facts_of(
    const Job& job, Input::Format format, const std::optional<Fingerprint>& input
) {
    JobIdentity facts;
    facts.push_back({std::string{fact_of_input}, input ? input->text() : "standard input"});
    facts.push_back({std::string{fact_of_format}, std::string{name_of(format)}});
    // URL, key and limits are no facts: a job may be resumed against another host.
    for (const auto& endpoint : job.settings.endpoints) {
        facts.push_back({"api", std::string{dialect_of(endpoint).name}});
        facts.push_back({"model", endpoint.model});
    }
    // Only the file name counts, because the model may have moved to another folder. A model with
    // another name is another job, because its replies must not be mixed with these.
    if (const auto& local = job.settings.local) {
        const auto name = std::filesystem::path{local->model}.filename().string();
        facts.push_back({"local model", name});
    }
    facts.push_back({"request template (by hash)", hex_of(hash_of(job.request))});
    if (const auto& expect = job.settings.expect; expect.any())
        facts.push_back({"what answers must be (by hash)", hex_of(hash_of(text_of(expect)))});
    facts.push_back({"setting of timings", job.output.timings ? "on" : "off"});
    if (!job.input.id.empty()) facts.push_back({"input.id", job.input.id});
    if (const auto form = form_text(job.output); !form.empty())
        facts.push_back({"output.format", form});
    if (job.settings.native_body) facts.push_back({"output.body", "native"});
    if (job.output.keep.any()) facts.push_back({"output.keep", keep_text(job.output.keep)});
    return facts;
}

}  // namespace skein::job
