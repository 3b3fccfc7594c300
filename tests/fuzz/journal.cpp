// A journal of a few replies, then damaged: whole replies before the damage are all found again, no
// reply is found that was not written, and a journal that is refused is left as it is.
//
//     how many replies; then one damage after the other, each its kind, its place and a byte
#include "job/journal/journal.hpp"

#include "base/assert.hpp"
#include "written_journal.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace {

using namespace skein;
using namespace skein::job;
using fuzz::facts, fuzz::Reply, fuzz::Written;

// On a disk that is none, if there is one.
const std::string path = [] {
    const std::filesystem::path memory = "/dev/shm";
    const auto folder = is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    return (folder / ("skein-fuzz-" + std::to_string(::getpid()))).string();
}();

std::string content() {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

using Found = std::vector<RecordRef>;

std::optional<Found> recover(Journal& journal, const Written& written, std::string& note) {
    Found found;
    const auto recovered = journal.recover([&](const Journal::Entry& entry, RecordRef place) {
        std::string out(place.length(), '\0');
        SKEIN_ASSERT(journal.read(place.offset(), out).has_value());
        SKEIN_ASSERT(std::ranges::any_of(written.replies, [&](const Reply& reply) {
            return reply.line == entry.line && reply.out == out && entry.out == out &&
                   reply.ok == place.ok() && place.is_of(reply.hash());
        }));
        found.push_back(place);
    });
    if (!recovered) return std::nullopt;
    SKEIN_ASSERT(recovered->records == found.size());
    note = recovered->note;
    return found;
}

void check_damaged(const Written& written, const std::string& bytes) {
    const auto same =
        static_cast<std::size_t>(std::ranges::mismatch(written.bytes, bytes).in2 - bytes.begin());
    std::size_t whole = 0;
    while (whole < written.replies.size() && written.replies[whole].end <= same) ++whole;
    const auto whole_end = whole > 0 ? written.replies[whole - 1].end : written.header;

    auto journal = Journal::open(path, facts, Journal::How::resume);
    if (!journal) {
        SKEIN_ASSERT(same < written.header && content() == bytes);
        return;
    }
    if (same < written.header) {  // Begun anew.
        SKEIN_ASSERT(!written.any_in(bytes, 0));
        SKEIN_ASSERT(content() == written.bytes.substr(0, written.header));
        return;
    }
    std::string note;
    auto found = recover(*journal, written, note);
    if (!found) {
        SKEIN_ASSERT(written.any_in(bytes, whole_end) && content() == bytes);
        return;
    }
    SKEIN_ASSERT(found->size() >= whole);
    for (std::size_t i = 0; i < whole; ++i) {
        const auto& reply = written.replies[i];
        const auto& place = (*found)[i];
        SKEIN_ASSERT(place.offset() > reply.begin && place.offset() + place.length() < reply.end);
    }
    SKEIN_ASSERT(content() == bytes.substr(0, journal->size()));
    SKEIN_ASSERT(note.empty() == (journal->size() == bytes.size()));

    // It can be gone on with, and what is added is found behind the rest.
    const auto& more = written.replies.front();
    const Journal::Entry entry{more.line, more.hash(), more.ok, more.out};
    found->push_back(journal->append({&entry, 1}).value().front());
    journal = RunError{};
    auto again = Journal::open(path, facts, Journal::How::resume);
    SKEIN_ASSERT(again.has_value());
    SKEIN_ASSERT(recover(*again, written, note) == found && note.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Steps steps{bytes, size};
    const auto written = fuzz::written(1 + steps.below(12));
    auto damaged = written.bytes;
    for (int i = 0; i < 8 && !steps.done(); ++i) fuzz::damage(damaged, steps);
    std::ofstream{path, std::ios::binary} << damaged;
    check_damaged(written, damaged);
    std::remove(path.c_str());
    return 0;
}
