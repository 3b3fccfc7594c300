#include "crash/books.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace skein::crash {
namespace {

// The text between the first `from` and the last `to`.
std::string_view between(std::string_view text, std::string_view from, std::string_view to) {
    const auto begin = text.find(from) + from.size();
    return text.substr(begin, text.rfind(to) - begin);
}

std::string about(std::uint64_t line) { return " (line " + std::to_string(line) + ")"; }

}  // namespace

void Books::read_journal(const MemoryDisk& disk, TimePoint now) {
    const auto* journal = disk.find(journal_name);
    if (!journal) return;
    must(journal->size() >= journal_read_, "the journal lost a line that was whole");
    for (;;) {
        const auto end = journal->find('\n', journal_read_);
        if (end == journal->npos) return;
        const auto line = std::string_view{*journal}.substr(journal_read_, end - journal_read_);
        if (journal_read_ > 0) add(line, now);  // The first line is the header.
        journal_read_ = end + 1;
    }
}

void Books::add(std::string_view line, TimePoint now) {
    const auto number = between(line, "\"i\":", ",\"h\":");
    std::uint64_t of = 0;
    std::from_chars(number.data(), number.data() + number.size(), of);
    const bool ok = line.find(",\"ok\":true,") != line.npos;
    must(ok || line.find(",\"ok\":false,") != line.npos, "a line of the journal is no record");
    auto& record = records_[of];
    if (record.ok && !ok) return;  // An answer is never replaced by a failure.
    record = {std::string{between(line, ",\"out\":", ",\"xxh\":")}, ok, now};
}

void Books::read_output(const std::string& text) {
    if (text.empty()) output_read_ = 0;
    if (expected_.empty()) expected_ = header();
    while (expected_.size() < text.size()) {
        if (left_out_.contains(next_row_)) {
            ++next_row_;
            continue;
        }
        const auto* record = next_row_ < plan_.scene.requests ? find(next_row_) : nullptr;
        must(record, "the output has a line that the journal has not, or not yet");
        expected_ += row_of_output(*record);
        ++next_row_;
    }
    const auto fresh = std::string_view{text}.substr(std::min(output_read_, text.size()));
    must(
        text.size() >= output_read_ &&
            fresh == std::string_view{expected_}.substr(output_read_, fresh.size()),
        "the output is not what the journal says, in order"
    );
    output_read_ = text.size();
}

void Books::expect_durable(TimePoint moment) {
    for (const auto& [line, record] : records_) {
        if (record.seen <= moment) durable_.insert(line);
    }
}

void Books::begin_life(const MemoryDisk& disk, bool power_was_cut, TimePoint now) {
    const auto before = std::move(records_);
    const auto durable = std::move(durable_);
    records_.clear();
    durable_.clear();
    journal_read_ = output_read_ = 0;
    expected_.clear();
    next_row_ = 0;
    left_out_.clear();
    read_journal(disk, now);
    for (const auto& [line, record] : before) {
        const auto at = records_.find(line);
        const bool is_there = at != records_.end();
        // If a row has two replies, a power cut may take the later one only.
        if (is_there && (at->second.out == record.out || power_was_cut)) {
            at->second.seen = record.seen;
            if (power_was_cut || durable.contains(line)) durable_.insert(line);
            continue;
        }
        must(power_was_cut, "what was in the journal is not, after a kill" + about(line));
        must(!durable.contains(line), "what was durable is not, after a power cut" + about(line));
        ++lost_;
    }
}

std::string Books::row_of_output(const Record& record) const {
    std::string row;
    job::append_row(row, form_, record.out);
    return row += '\n';
}

const Books::Record* Books::find(Sequence row) const {
    const auto at = records_.find(line_of(row));
    return at == records_.end() ? nullptr : &at->second;
}

std::size_t Books::failed() const {
    return static_cast<std::size_t>(std::ranges::count_if(records_, [](const auto& one) {
        return !one.second.ok;
    }));
}

}  // namespace skein::crash
