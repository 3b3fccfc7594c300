#include "job/journal/journal.hpp"

#include "job/journal/index.hpp"
#include "support/catch.hpp"
#include "unit/job/file/scratch.hpp"

#include <chrono>
#include <fcntl.h>
#include <map>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

using namespace skein;
using namespace skein::job;
using How = Journal::How;

namespace {

const JobIdentity facts{{"input", "24 bytes"}, {"model", "small"}};

std::string out_of(std::uint64_t line) {
    return "{\"id\":\"skein-" + std::to_string(line) + "\",\"text\":\"" +
           std::string(static_cast<std::size_t>(line % 7), 'x') + "\"}";
}

Expected<RecordRef, RunError> add(Journal& journal, std::uint64_t line, bool ok = true) {
    const auto out = out_of(line);
    const Journal::Entry entry{.line = line, .row_hash = line * 1000, .ok = ok, .out = out};
    auto places = journal.append({&entry, 1});
    if (!places) return places.error();
    return places->front();
}

std::string text_at(const Journal& journal, const RecordRef& place) {
    std::string text(place.length(), '\0');
    REQUIRE(ok(journal.read(place.offset(), text)));
    return text;
}

// A journal of lines 1 to `count`.
void write(const std::string& path, std::uint64_t count) {
    auto journal = Journal::open(path, facts, How::overwrite);
    REQUIRE(ok(journal));
    for (std::uint64_t line = 1; line <= count; ++line) REQUIRE(ok(add(*journal, line)));
    REQUIRE(ok(journal->sync()));
}

struct Read {
    std::map<std::uint64_t, RecordRef> places{};
    std::string note{};
    std::string error{};
};

Read read(const std::string& path) {
    Read result;
    auto journal = Journal::open(path, facts, How::resume);
    if (!journal) return {.error = journal.error().what};
    const auto found = journal->recover([&](const Journal::Entry& entry, RecordRef place) {
        REQUIRE(entry.out == out_of(entry.line));
        REQUIRE(text_at(*journal, place) == entry.out);
        REQUIRE(entry.row_hash == entry.line * 1000);
        REQUIRE(place.is_of(entry.row_hash));
        result.places[entry.line] = place;
    });
    if (!found) return {.error = found.error().what};
    CHECK(found->records == result.places.size());
    result.note = found->note;
    return result;
}

}  // namespace

TEST_CASE("A journaled reply is found again at the same location.", "[job]") {
    Scratch scratch;
    const auto path = scratch.path("out.journal");
    std::map<std::uint64_t, RecordRef> placed;
    {
        auto journal = Journal::open(path, facts, How::resume);
        REQUIRE(ok(journal));
        REQUIRE(ok(journal->recover([](auto, auto) { FAIL("there is nothing yet"); })));
        for (const std::uint64_t line : {3u, 1u, 70'000u}) {
            const auto place = add(*journal, line, line != 1);
            REQUIRE(ok(place));
            CHECK(text_at(*journal, *place) == out_of(line));
            placed[line] = *place;
        }
        struct stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
        CHECK(static_cast<std::uint64_t>(status.st_size) == journal->size());
    }
    const auto again = read(path);
    CHECK(again.error.empty());
    CHECK(again.note.empty());
    CHECK(again.places == placed);
    CHECK(!again.places.at(1).ok());
}

TEST_CASE(
    "A journal that is cut anywhere in its last records returns exactly the whole records.", "[job]"
) {
    Scratch scratch;
    const auto path = scratch.path("out.journal");
    write(path, 5);
    const auto whole = scratch.get("out.journal");
    std::vector<std::size_t> ends;
    for (auto at = whole.find('\n'); at != whole.npos; at = whole.find('\n', at + 1)) {
        ends.push_back(at + 1);
    }
    REQUIRE(ends.size() == 6);  // Including the header.
    for (auto size = ends[2]; size <= whole.size(); ++size) {
        scratch.put("out.journal", whole.substr(0, size));
        std::size_t records = 0;
        while (records + 1 < ends.size() && ends[records + 1] <= size) ++records;
        const auto found = read(path);
        REQUIRE(found.error.empty());
        REQUIRE(found.places.size() == records);
        REQUIRE(found.note.empty() == (size == ends[records]));
        REQUIRE(scratch.get("out.journal") == whole.substr(0, ends[records]));
    }
}

TEST_CASE(
    "A journal that is cut in its first line is begun anew, but a foreign file is refused.", "[job]"
) {
    Scratch scratch;
    const auto path = scratch.path("out.journal");
    write(path, 0);
    const auto header = scratch.get("out.journal");
    for (std::size_t size = 0; size < header.size(); ++size) {
        scratch.put("out.journal", header.substr(0, size));
        REQUIRE(read(path).error.empty());
        REQUIRE(scratch.get("out.journal") == header);
    }
    for (const std::size_t size :
         {0, 10, 40}) {  // A power cut may leave zeros in place of unsynced data.
        scratch.put("out.journal", header.substr(0, size) + std::string(30, '\0'));
        REQUIRE(read(path).error.empty());
        REQUIRE(scratch.get("out.journal") == header);
    }
    for (const auto* text : {"my notes", "{\"v\":1,\"x\":2}\n", "\n"}) {
        scratch.put("out.journal", text);
        CHECK(read(path).error.find("is not a journal of skein") != std::string::npos);
        CHECK(scratch.get("out.journal") == text);
    }
}

TEST_CASE("A changed byte before the last record is refused with its offset.", "[job]") {
    Scratch scratch;
    const auto path = scratch.path("out.journal");
    write(path, 3);
    const auto whole = scratch.get("out.journal");
    const auto first = whole.find('\n') + 1;
    const auto second = whole.find('\n', first) + 1;
    for (auto at = first; at < second; ++at) {
        auto changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        scratch.put("out.journal", changed);
        REQUIRE(
            read(path).error.find("damaged at offset " + std::to_string(first)) != std::string::npos
        );
        REQUIRE(scratch.get("out.journal") == changed);
    }
    auto header = whole;
    header[first - 3] = static_cast<char>(header[first - 3] ^ 1);
    scratch.put("out.journal", header);
    CHECK(read(path).error.find("damaged at offset 0") != std::string::npos);
}

TEST_CASE(
    "A first line that has lost its line end is refused, because it may contain a reply.", "[job]"
) {
    Scratch scratch;
    const auto path = scratch.path("out.journal");
    write(path, 1);
    auto changed = scratch.get("out.journal");
    changed[changed.find('\n')] = ' ';
    scratch.put("out.journal", changed);
    CHECK(read(path).error.find("damaged at offset 0") != std::string::npos);
    CHECK(scratch.get("out.journal") == changed);
}

TEST_CASE("Zero bytes at the end of a journal, as after a power cut, are dropped.", "[job]") {
    Scratch scratch;
    const auto path = scratch.path("out.journal");
    write(path, 2);
    const auto whole = scratch.get("out.journal");
    scratch.put("out.journal", whole + std::string(5000, '\0') + "\n" + std::string(100, '\0'));
    const auto found = read(path);
    CHECK(found.places.size() == 2);
    CHECK(found.note.find("5101 bytes") != std::string::npos);
    CHECK(scratch.get("out.journal") == whole);
}

TEST_CASE("A second run of the same job is refused while the first is running.", "[job]") {
    Scratch scratch;
    const auto path = scratch.path("out.journal");
    {
        const auto first = Journal::open(path, facts, How::resume);
        REQUIRE(ok(first));
        for (const auto how : {How::resume, How::overwrite}) {
            const auto second = Journal::open(path, facts, how);
            REQUIRE(!second);
            CHECK(second.error().kind == RunError::Kind::config);
            CHECK(second.error().what.starts_with("another skein is running this job ("));
        }
    }
    CHECK(ok(Journal::open(path, facts, How::resume)));
}

TEST_CASE("A journal has the identity of its job, and the newest identity counts.", "[job]") {
    Scratch scratch;
    const auto path = scratch.path("out.journal");
    write(path, 1);
    const JobIdentity later{{"input", "25 bytes"}, {"model", "large"}};
    const auto recovered = [&](const JobIdentity& given) {
        auto journal = Journal::open(path, given, How::resume);
        REQUIRE(ok(journal));
        const auto found = journal->recover([](const auto&, auto) {});
        REQUIRE(ok(found));
        CHECK(found->records == 1);
        return std::pair{found->facts, found->is_of_one};
    };
    CHECK(recovered(later) == std::pair{facts, true});
    {
        auto journal = Journal::open(path, later, How::resume);
        REQUIRE(ok(journal));
        REQUIRE(ok(journal->recover([](const auto&, auto) {})));
        REQUIRE(ok(journal->change(later)));
    }
    CHECK(recovered(facts) == std::pair{later, false});
    const auto whole = scratch.get("out.journal");
    scratch.put("out.journal", whole.substr(0, whole.size() - 3));  // Killed during this write.
    CHECK(recovered(later) == std::pair{facts, true});
    CHECK(ok(Journal::open(path, later, How::overwrite)));
    auto begun = Journal::open(path, facts, How::overwrite);
    CHECK(begun->recover([](const auto&, auto) {})->facts == facts);
}

TEST_CASE("A record may have a request hash, and a record without one can be read.", "[job]") {
    std::string line;
    append_record(line, 3, 7, true, "{}", 0xABC);
    const auto told = read_record(std::string_view{line}.substr(0, line.size() - 1));
    REQUIRE(told);
    CHECK(told->request_hash == 0xABC);
    CHECK(line.substr(told->out_at, told->out_length) == "{}");
    line.clear();
    append_record(line, 3, 7, true, "{}");
    CHECK(line.starts_with(R"({"v":1,"i":3,"h":"0000000000000007","ok":true,"out":{})"));
    CHECK(read_record(std::string_view{line}.substr(0, line.size() - 1))->request_hash == 0);
}

TEST_CASE("The replies of a journal can be read a second time.", "[job]") {
    Scratch scratch;
    const auto path = scratch.path("out.journal");
    write(path, 3);
    auto journal = Journal::open(path, facts, How::resume);
    REQUIRE(ok(journal));
    std::vector<std::uint64_t> once;
    std::vector<std::uint64_t> again;
    REQUIRE(ok(journal->recover([&](const auto& entry, auto) { once.push_back(entry.line); })));
    REQUIRE(ok(journal->read_again([&](const auto& entry, auto) { again.push_back(entry.line); })));
    CHECK(once == again);
    CHECK(once.size() == 3);
}

TEST_CASE("A journal that is a link, a pipe or a folder is refused.", "[job]") {
    Scratch scratch;
    scratch.put("target", "precious");
    REQUIRE(::symlink(scratch.path("target").c_str(), scratch.path("link").c_str()) == 0);
    REQUIRE(::mkfifo(scratch.path("pipe").c_str(), 0600) == 0);
    for (const auto* name : {"link", "pipe", "", "none/out.journal"}) {
        CHECK(!Journal::open(scratch.path(name), facts, How::overwrite));
    }
    CHECK(scratch.get("target") == "precious");
}

TEST_CASE("A nameless journal works like any other and leaves no file behind.", "[job]") {
    Scratch scratch;
    auto journal = Journal::anonymous(scratch.path(""), facts);
    REQUIRE(ok(journal));
    const auto place = add(*journal, 9);
    REQUIRE(ok(place));
    CHECK(text_at(*journal, *place) == out_of(9));
    CHECK(ok(journal->sync()));
    CHECK(std::filesystem::is_empty(scratch.path("")));
}

TEST_CASE("A failed write leaves nothing in the journal and can be tried again.", "[job]") {
    for (const int error : {ENOSPC, EIO, EFBIG}) {
        Scratch scratch;
        const auto path = scratch.path("out.journal");
        {
            auto journal = Journal::open(path, facts, How::resume, BadDisk::failing_at(2, error));
            REQUIRE(ok(journal));
            const auto header = scratch.get("out.journal");
            const auto failed = add(*journal, 2);
            REQUIRE(!failed);
            CHECK(failed.error().kind == RunError::Kind::local);
            CHECK(failed.error().what.starts_with("cannot write " + path));
            CHECK(scratch.get("out.journal") == header);
            REQUIRE(ok(add(*journal, 2)));
            REQUIRE(ok(add(*journal, 3)));
        }
        CHECK(read(path).places.size() == 2);
    }
}

TEST_CASE(
    "A journal stays readable and loses no reply if any single call to the disk fails.", "[job]"
) {
    // Ten replies, each tried again until it is appended or the journal has failed for good.
    for (int call = 1; call <= 40; ++call) {
        Scratch scratch;
        const auto path = scratch.path("out.journal");
        std::map<std::uint64_t, RecordRef> placed;
        {
            auto journal =
                Journal::open(path, facts, How::resume, BadDisk::failing_at(call, ENOSPC));
            if (!journal) continue;
            for (std::uint64_t line = 1; line <= 10; ++line) {
                for (int tries = 0; tries < 3; ++tries) {
                    const auto place = add(*journal, line);
                    if (!place) continue;
                    placed[line] = *place;
                    break;
                }
                if (line % 3 == 0 && !journal->sync()) {
                    REQUIRE(!journal->sync());
                    REQUIRE(!add(*journal, 99));
                    break;
                }
            }
        }
        const auto found = read(path);
        REQUIRE(found.error.empty());
        REQUIRE(found.note.empty());
        REQUIRE(found.places == placed);
    }
}

TEST_CASE(
    "A journal accepts no more writes if even the truncation of a failed write fails.", "[job]"
) {
    Scratch scratch;
    const auto path = scratch.path("out.journal");
    {
        Disk disk = BadDisk::failing_at(2);
        disk.ftruncate = [](int, off_t) {
            errno = EIO;
            return -1;
        };
        auto journal = Journal::open(path, facts, How::resume, disk);
        REQUIRE(ok(journal));
        REQUIRE(!add(*journal, 1));
        REQUIRE(!add(*journal, 1));
        REQUIRE(!journal->sync());
    }
    CHECK(read(path).places.empty());
    CHECK(read(path).error.empty());
}

TEST_CASE("A journal accepts no more writes after a failed sync.", "[job]") {
    Scratch scratch;
    auto journal =
        Journal::open(scratch.path("out.journal"), facts, How::resume, BadDisk::failing_at(3, EIO));
    REQUIRE(ok(journal));
    REQUIRE(ok(add(*journal, 1)));
    REQUIRE(!journal->sync());
    CHECK(journal->sync().error().what.find("Input/output error") != std::string::npos);
    CHECK(!add(*journal, 2));
}

TEST_CASE("Several replies are appended by one write.", "[job]") {
    Scratch scratch;
    auto journal =
        Journal::open(scratch.path("out.journal"), facts, How::resume, BadDisk::failing_at(0));
    REQUIRE(ok(journal));
    const auto before = BadDisk::calls;
    const auto one = out_of(1);
    const auto two = out_of(2);
    const std::vector<Journal::Entry> entries{{1, 1000, true, one}, {2, 2000, false, two}};
    const auto places = journal->append(entries);
    REQUIRE(ok(places));
    CHECK(BadDisk::calls == before + 1);
    CHECK(text_at(*journal, places->at(0)) == one);
    CHECK(text_at(*journal, places->at(1)) == two);
}

TEST_CASE("The newest answer of a row counts, and without an answer the newest failure.", "[job]") {
    Index index;
    CHECK(!index.find(5));
    index.add(5, RecordRef{100, 10, false, 1});
    index.add(5, RecordRef{200, 10, false, 1});
    CHECK(index.find(5)->offset() == 200);
    CHECK(index.failed() == 1);
    index.add(5, RecordRef{300, 10, true, 1});
    index.add(5, RecordRef{400, 10, true, 1});
    index.add(5, RecordRef{500, 10, false, 1});
    CHECK(index.find(5)->offset() == 400);
    CHECK(index.find(5)->ok());
    index.add(1'000'000, RecordRef{600, 1, true, 0xABCDEF0123456789});
    CHECK(index.find(1'000'000)->is_of(0xABCDEF0123456789));
    CHECK(!index.find(1'000'000)->is_of(0xABCDEF0123456788));
    CHECK(index.size() == 2);
    CHECK(index.failed() == 0);
    CHECK(index.last() == 1'000'000);
    CHECK(!index.find(999'999));
    CHECK(!index.find(7'000'000));
}

TEST_CASE("A row that is to be asked again is counted until a newer reply is known.", "[job]") {
    Index index;
    RecordRef cut_off{100, 256 * 1024 * 1024, true, 1};
    cut_off.ask_again();
    index.add(1, cut_off);
    index.add(2, RecordRef{300, 10, false, 1});
    CHECK(index.again() == 1);
    CHECK(index.find(1)->is_to_ask_again());
    CHECK(index.find(1)->length() == 256 * 1024 * 1024);
    CHECK(!index.find(2)->is_to_ask_again());
    index.add(1, RecordRef{200, 10, true, 1});
    CHECK(index.again() == 0);
    index.forget(2);
    index.forget(2);
    index.forget(77);
    CHECK(!index.find(2));
    CHECK(index.size() == 1);
    CHECK(index.failed() == 0);
}

TEST_CASE("A journal knows the time of its last write or beginning by an earlier run.", "[job]") {
    Scratch scratch;
    const auto path = scratch.path("out.journal");
    {
        auto journal = Journal::open(path, facts, How::resume);
        REQUIRE(ok(journal));
        CHECK_FALSE(journal->last_written());
    }
    const timespec long_ago[2] = {
        {.tv_sec = 1'000'000, .tv_nsec = 0}, {.tv_sec = 1'000'000, .tv_nsec = 0}};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), long_ago, 0) == 0);
    const auto told = std::chrono::system_clock::time_point{std::chrono::seconds{1'000'000}};
    {
        auto journal = Journal::open(path, facts, How::resume);
        REQUIRE(ok(journal));
        CHECK((journal->last_written() == told));
        journal->mark();
    }
    {
        auto journal = Journal::open(path, facts, How::resume);
        REQUIRE(ok(journal));
        CHECK((journal->last_written() > told));
    }
    auto journal = Journal::open(path, facts, How::overwrite);
    REQUIRE(ok(journal));
    CHECK_FALSE(journal->last_written());
}
