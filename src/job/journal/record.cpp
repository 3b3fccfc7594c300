// Writes and reads the lines of the journal.
//
// Invariant: a line is accepted only if its check sum fits, so that a torn or edited line is never
// taken for a reply. Pure functions, any thread.
#include "job/journal/record.hpp"

#include "job/file/fingerprint.hpp"
#include "json/object.hpp"
#include "json/short_text.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <charconv>

namespace skein::job {
namespace {

constexpr std::string_view sum_name = R"(,"xxh":")";
constexpr std::size_t sum_digits = 16;
constexpr std::size_t tail_length = sum_name.size() + sum_digits + 2;  // `"}`

// Ends a line with the check sum of all bytes since `begin`. It stands last, so that a line cut at
// any byte fails the check.
void close(std::string& out, std::size_t begin) {
    const auto sum = hash_of(std::string_view{out}.substr(begin));
    out += sum_name;
    append_hex(out, sum);
    out += "\"}\n";
}

// The part of the line before the check sum; nothing if the check sum is wrong.
std::optional<std::string_view> checked(std::string_view line) {
    if (line.size() < tail_length || !line.ends_with("\"}")) return std::nullopt;
    const auto body = line.substr(0, line.size() - tail_length);
    const auto tail = line.substr(body.size());
    if (!tail.starts_with(sum_name)) return std::nullopt;
    if (tail.substr(sum_name.size(), sum_digits) != hex_of(hash_of(body))) return std::nullopt;
    return body;
}

// Both readers consume the front of `text`, and only if they succeed.
bool skip(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

bool read_number(std::string_view& text, std::uint64_t& number, int base) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, base);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return true;
}

std::string told(const JobIdentity& facts, std::string_view name) {
    const auto fact = std::ranges::find(facts, name, &Fact::name);
    return fact == facts.end() ? "not known" : "'" + json::printable(fact->value, 120) + "'";
}

}  // namespace

std::string_view value_of(const JobIdentity& facts, std::string_view name) {
    const auto fact = std::ranges::find(facts, name, &Fact::name);
    return fact == facts.end() ? std::string_view{} : fact->value;
}

void append_header(std::string& out, const JobIdentity& facts) {
    const auto begin = out.size();
    out += header_mark;
    out += R"("facts":{)";
    for (const auto& fact : facts) {
        if (&fact != &facts.front()) out += ',';
        json::append_string(out, fact.name);
        out += ':';
        json::append_string(out, fact.value);
    }
    out += '}';
    close(out, begin);
}

std::size_t append_record(
    std::string& out,
    std::uint64_t line,
    std::uint64_t row_hash,
    bool ok,
    std::string_view line_out,
    std::uint64_t request_hash
) {
    const auto begin = out.size();
    out += ShortText<80>{} << R"({"v":1,"i":)" << line << R"(,"h":")";
    append_hex(out, row_hash);
    // Journals of earlier versions have no `q`, so the reader accepts its absence.
    if (request_hash != 0) {
        out += R"(","q":")";
        append_hex(out, request_hash);
    }
    out += ok ? R"(","ok":true,"out":)" : R"(","ok":false,"out":)";
    const auto at = out.size();
    out += line_out;
    close(out, begin);
    return at;
}

std::optional<JobIdentity> read_header(std::string_view line) {
    const auto body = checked(line);
    if (!body || !body->starts_with(header_mark)) return std::nullopt;
    // A real parser, because facts are texts of any kind. Few lines of a journal are headers.
    json::Object header;
    json::Object inside;
    if (header.parse(line)) return std::nullopt;
    const auto object = header.find("facts");
    if (!object || inside.parse(*object)) return std::nullopt;
    JobIdentity facts;
    for (const auto& member : inside.members()) {
        if (!json::is_string(member.value)) return std::nullopt;
        facts.push_back({member.name, json::said(member.value)});
    }
    return facts;
}

// Reads the fields by position and not with a JSON parser: this is faster, and the check sum proves
// that the line is as `append_record` wrote it.
std::optional<Record> read_record(std::string_view line) {
    const auto body = checked(line);
    if (!body) return std::nullopt;
    auto rest = *body;
    Record record;
    if (!skip(rest, R"({"v":1,"i":)") || !read_number(rest, record.line, 10)) return std::nullopt;
    if (!skip(rest, R"(,"h":")") || !read_number(rest, record.row_hash, 16)) return std::nullopt;
    if (skip(rest, R"(","q":")") && !read_number(rest, record.request_hash, 16)) {
        return std::nullopt;
    }
    if (!skip(rest, R"(","ok":)")) return std::nullopt;
    record.ok = skip(rest, "true");
    if (!record.ok && !skip(rest, "false")) return std::nullopt;
    if (!skip(rest, R"(,"out":)") || rest.empty()) return std::nullopt;
    // The index has a page table up to the largest number, so that an absurd number would take all
    // memory.
    if (record.line == 0 || record.line > last_line) return std::nullopt;
    record.out_at = body->size() - rest.size();
    record.out_length = rest.size();
    return record;
}

// First facts that are new or have another value, then facts that are gone.
std::optional<std::string> difference(const JobIdentity& before, const JobIdentity& now) {
    for (const auto& fact : now) {
        if (std::ranges::find(before, fact) != before.end()) continue;
        return "the " + fact.name + " was " + told(before, fact.name) + ", now it is " +
               told(now, fact.name);
    }
    for (const auto& fact : before) {
        if (std::ranges::find(now, fact.name, &Fact::name) != now.end()) continue;
        return "the " + fact.name + " was " + told(before, fact.name) + ", now it is not known";
    }
    return std::nullopt;
}

}  // namespace skein::job
