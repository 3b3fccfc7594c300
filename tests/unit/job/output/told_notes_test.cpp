#include "job/output/told_notes.hpp"

#include "support/catch.hpp"

#include <string>

using namespace skein::job;

TEST_CASE(
    "A note is logged once, and only the first of endlessly many notes are logged.", "[job]"
) {
    ToldNotes notes;
    CHECK_FALSE(notes.is_new(""));
    CHECK(notes.is_new("a"));
    CHECK_FALSE(notes.is_new("a"));
    int told = 0;
    for (int i = 0; i < 1000; ++i) told += notes.is_new(std::to_string(i)) ? 1 : 0;
    CHECK(told == 15);
    CHECK_FALSE(notes.is_new("a"));
}
