#include "input/known_files.hpp"

#include "support/catch.hpp"

#include <string>
#include <string_view>

using namespace skein::input;
using namespace std::string_view_literals;

namespace {

std::string binary(std::string_view head) {
    const auto known = known_binary(head);
    return known ? std::string{known->name} : "";
}

std::string text(std::string_view head) {
    const auto known = known_text(head);
    return known ? std::string{known->name} : "";
}

std::string in_zip(std::string_view name) {
    return binary(std::string{"PK\x03\x04\x14\0\0\0\x08\0"sv} + std::string{name});
}

}  // namespace

TEST_CASE("A binary file is recognized by its signature.", "[input]") {
    CHECK(binary("PAR1\x15\x04\x15\0"sv) == "a Parquet file");
    CHECK(binary("ARROW1\0\0"sv) == "an Arrow (Feather) file");
    CHECK(binary("ORC\n\x03\0\0"sv) == "an ORC file");
    CHECK(binary("Obj\x01\x04\x14"sv) == "an Avro file");
    CHECK(binary("SQLite format 3\0\x10"sv) == "an SQLite database");
    CHECK(binary("\x89HDF\r\n\x1A\n"sv) == "an HDF5 file");
    CHECK(binary("\x93NUMPY\x01\0"sv) == "a NumPy array");
    CHECK(binary("\x80\x04\x95\x10"sv) == "a Python pickle");
    CHECK(binary("\xFD\x37zXZ\0\0"sv) == "compressed with xz");
    CHECK(binary("BZh91AY&SY\x01\x02"sv) == "compressed with bzip2");
    CHECK(binary("7z\xBC\xAF\x27\x1C\0"sv) == "a 7z archive");
    CHECK(binary("%PDF-1.7\n"sv) == "a PDF document");
    CHECK(binary("\x89PNG\r\n\x1A\n\0"sv) == "a picture (PNG)");
    CHECK(binary("\xFF\xD8\xFF\xE0\0\x10JFIF"sv) == "a picture (JPEG)");
    CHECK(binary("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0"sv) == "an old Office file (xls, doc)");
    CHECK(binary(std::string(257, '\0').append("ustar")) == "a tar archive");
}

TEST_CASE("The kind of a zip archive is recognized by the names of its first files.", "[input]") {
    CHECK(in_zip("xl/workbook.xml") == "a spreadsheet (xlsx)");
    CHECK(in_zip("word/document.xml") == "a document (docx)");
    CHECK(
        in_zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet") == "a spreadsheet (ods)"
    );
    CHECK(in_zip("arr_0.npy") == "NumPy arrays (npz)");
    CHECK(in_zip("rows.jsonl") == "a zip archive");
}

TEST_CASE("A text that begins with the letters of a short signature is a text.", "[input]") {
    for (const auto* head :
         {"ORCID,q\n1,two\n",
          "BM;Name\n",
          "PAR1 is a word\n",
          "MZ\n",
          "ID3 tags?\n",
          "GIF8\n",
          "RIFF me\n",
          "Obj\n",
          "0707 is an id\n",
          "II*x\n"}) {
        CHECK(binary(head).empty());
    }
}

TEST_CASE("Text files whose lines are no prompts are recognized by their beginning.", "[input]") {
    CHECK(text("<?xml version=\"1.0\"?>\n<a/>") == "an XML document");
    CHECK(text("\n  <!DOCTYPE html>\n") == "an HTML document");
    CHECK(text("{\\rtf1\\ansi}") == "an RTF document");
    CHECK(
        text("version https://git-lfs.github.com/spec/v1\noid") ==
        "a pointer of Git LFS and not the file"
    );
    CHECK(text("[\n\"one\",\n\"two\"]") == "");
    CHECK(text("[\"one\",\"two\"]") == "a JSON list of texts");
    CHECK(text("What is <html>?\n").empty());
    CHECK(text("[INST] What is a prime? [/INST]\n").empty());
}

TEST_CASE(
    "The refusal of a known file names the file, its kind and a safe shell command.", "[input]"
) {
    const auto said = refusal_of(*known_binary("PAR1\x15\0"sv), "it's.parquet");
    CHECK(said.starts_with("it's.parquet is a Parquet file: its bytes are no prompts; "));
    CHECK(said.find("read_parquet(sys.argv[1])") != said.npos);
    CHECK(said.find(R"('it'\''s.parquet')") != said.npos);
    CHECK(said.ends_with("| skein run JOB.yaml --set input.file=-"));
}
