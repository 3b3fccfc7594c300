#include "job/csv_cutter.hpp"

#include "base/assert.hpp"
#include "base/json_text.hpp"
#include "job/disk.hpp"

#include <algorithm>

namespace skein::job {
namespace {

int never_space(unsigned char) { return 0; }

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

CsvCutter::CsvCutter(std::size_t longest, std::size_t block) : longest_{longest}, buffer_(block) {
    SKEIN_ASSERT(block > 0);
    SKEIN_ASSERT(csv_init(&parser_, 0) == 0);
    csv_set_space_func(&parser_, never_space);
    begin_record();
}

CsvCutter::~CsvCutter() { csv_free(&parser_); }

std::span<char> CsvCutter::room() {
    SKEIN_ASSERT(begin_ == filled_);
    begin_ = filled_ = 0;
    return buffer_;
}

void CsvCutter::filled(std::size_t bytes) {
    SKEIN_ASSERT(bytes <= buffer_.size() - filled_);
    filled_ += bytes;
}

// A record can end only at a line end, so what is parsed at once never holds two ends.
std::optional<CsvCutter::Record> CsvCutter::next() {
    if (whole_) begin_record();
    skip_mark();
    while (begin_ < filled_ || (ended_ && !finished_)) {
        if (begin_ == filled_) {
            finish();
        } else {
            const std::string_view rest{buffer_.data() + begin_, filled_ - begin_};
            const auto end = rest.find_first_of("\r\n");
            const auto piece = rest.substr(0, end == rest.npos ? rest.size() : end + 1);
            begin_ += piece.size();
            parse(piece);
        }
        if (!whole_) continue;
        if (has_names_) return take();
        names_problem_ = problem();
        has_names_ = true;
        begin_record();
    }
    return std::nullopt;
}

// The mark may come in pieces, so its first bytes wait for the others.
void CsvCutter::skip_mark() {
    while (mark_ < byte_order_mark.size() && begin_ < filled_) {
        if (buffer_[begin_] == byte_order_mark[mark_]) {
            ++begin_;
            ++mark_;
        } else {
            parse(byte_order_mark.substr(0, mark_));
            mark_ = byte_order_mark.size();
        }
    }
}

void CsvCutter::parse(std::string_view bytes) {
    length_ += bytes.size();
    // Keeps the parser's place and forgets what it has gathered, but one byte: it may be about to
    // take back a closing quote.
    if (is_too_long()) parser_.entry_pos = std::min<std::size_t>(parser_.entry_pos, 1);
    const auto parsed =
        csv_parse(&parser_, bytes.data(), bytes.size(), field_ended, record_ended, this);
    SKEIN_ASSERT(parsed == bytes.size());  // It stops only where memory is out.
    if (length_ == 1 && (bytes == "\n" || bytes == "\r")) length_ = 0;  // Of no record.
}

void CsvCutter::finish() {
    finished_ = true;
    if (mark_ < byte_order_mark.size()) parse(byte_order_mark.substr(0, mark_));  // It was none.
    csv_set_opts(&parser_, CSV_STRICT | CSV_STRICT_FINI);  // To be told of a quote left open.
    unclosed_ = csv_fini(&parser_, field_ended, record_ended, this) != 0;
    if (!unclosed_) return;
    csv_set_opts(&parser_, 0);
    csv_fini(&parser_, field_ended, record_ended, this);
}

void CsvCutter::field_ended(void* text, std::size_t length, void* self) {
    static_cast<CsvCutter*>(self)->on_field({static_cast<const char*>(text), length});
}

void CsvCutter::record_ended(int, void* self) { static_cast<CsvCutter*>(self)->whole_ = true; }

void CsvCutter::on_field(std::string_view text) noexcept {
    if (!has_names_) {
        names_.emplace_back(text);
    } else if (fields_ < names_.size() && !is_too_long()) {
        if (fields_ > 0) object_ += ',';
        json::append_string(object_, names_[fields_]);
        object_ += ':';
        json::append_string(object_, text);
    }
    ++fields_;
}

CsvCutter::Record CsvCutter::take() {
    if (is_too_long()) object_ = '{';  // What was kept of it depends on how the bytes came.
    object_ += '}';
    return {
        .number = ++number_,
        .object = object_,
        .length = length_,
        .too_long = is_too_long(),
        .problem = problem(),
    };
}

std::string CsvCutter::problem() const {
    if (unclosed_) return "a quote is opened and never closed";
    if (is_too_long()) return "it is longer than " + size_shown(longest_);
    if (!has_names_ || fields_ == names_.size()) return {};
    return "it has " + std::to_string(fields_) + " fields where the first line names " +
           std::to_string(names_.size());
}

void CsvCutter::begin_record() {
    object_ = "{";
    fields_ = length_ = 0;
    whole_ = unclosed_ = false;
}

}  // namespace skein::job
