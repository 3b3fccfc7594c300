// Detection of file kinds by signature (magic number). The signatures of binary files are those of
// the formats' specifications, as the magic files of file(1) list them. The advice is a one-line
// shell command. Constant data and pure functions: any thread.
#include "input/known_files.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"

#include <algorithm>

namespace skein::input {
namespace {

using namespace std::string_view_literals;

// Shell commands that write rows to standard output.
#define SKEIN_PANDAS(read)                                                 \
    "python3 -c 'import sys,pandas; pandas." read                          \
    ".to_json(sys.stdout,orient=\"records\",lines=True,force_ascii=False," \
    "date_format=\"iso\")' {file}"
#define SKEIN_DOCUMENT " | jq -Rsc '{text: .}'"

constexpr auto parquet = std::string_view{SKEIN_PANDAS("read_parquet(sys.argv[1])")};
constexpr auto feather = std::string_view{SKEIN_PANDAS("read_feather(sys.argv[1])")};
constexpr auto arrow_stream =
    "python3 -c 'import sys,pyarrow; [print(b.to_pandas().to_json(orient=\"records\",lines=True,"
    "force_ascii=False,date_format=\"iso\"),end=\"\") for b in pyarrow.ipc.open_stream("
    "sys.argv[1])]' {file}"sv;
constexpr auto orc = std::string_view{SKEIN_PANDAS("read_orc(sys.argv[1])")};
constexpr auto avro =
    "python3 -c 'import sys,json,fastavro; [print(json.dumps(r,default=str)) for r in "
    "fastavro.reader(open(sys.argv[1],\"rb\"))]' {file}"sv;
constexpr auto sheet = std::string_view{SKEIN_PANDAS("read_excel(sys.argv[1])")};
constexpr auto pickle = std::string_view{SKEIN_PANDAS("read_pickle(sys.argv[1])")};
constexpr auto hdf = std::string_view{SKEIN_PANDAS("read_hdf(sys.argv[1])")};
constexpr auto stata = std::string_view{SKEIN_PANDAS("read_stata(sys.argv[1])")};
constexpr auto numpy =
    "python3 -c 'import sys,json,numpy; [print(json.dumps({\"value\": v})) for v in "
    "numpy.load(sys.argv[1]).tolist()]' {file}"sv;
constexpr auto sqlite = "sqlite3 -json {file} 'SELECT * FROM a_table'"sv;
constexpr auto duckdb = "duckdb -json {file} -c 'FROM a_table'"sv;
constexpr auto pdf = "pdftotext -layout {file} -" SKEIN_DOCUMENT ""sv;
constexpr auto document = "pandoc -t plain {file}" SKEIN_DOCUMENT ""sv;
constexpr auto office = "libreoffice --headless --cat {file}" SKEIN_DOCUMENT ""sv;
constexpr auto picture =
    "printf '{\"image\":\"data:image/png;base64,%s\"}\\n' \"$(base64 -w0 {file})\""sv;
constexpr auto sound = "printf '{\"audio\":\"%s\"}\\n' \"$(base64 -w0 {file})\""sv;
constexpr auto whole_text = "jq -Rsc '{text: .}' {file}"sv;
constexpr auto none = ""sv;

struct Signature {
    std::size_t at;
    std::string_view bytes;
    KnownFile known;
};

constexpr Signature binaries[] = {
    // Tables.
    {0, "PAR1"sv, {"a Parquet file", parquet}},
    {0, "PARE"sv, {"an encrypted Parquet file", none}},
    {0, "ARROW1"sv, {"an Arrow (Feather) file", feather}},
    {0, "FEA1"sv, {"a Feather file", feather}},
    {0, "\xFF\xFF\xFF\xFF"sv, {"an Arrow stream", arrow_stream}},
    {0, "ORC"sv, {"an ORC file", orc}},
    {0, "Obj\x01"sv, {"an Avro file", avro}},
    {0, "SQLite format 3\0"sv, {"an SQLite database", sqlite}},
    {8, "DUCK"sv, {"a DuckDB database", duckdb}},
    {0, "\x89HDF\r\n\x1A\n"sv, {"an HDF5 file", hdf}},
    {0, "\x93NUMPY"sv, {"a NumPy array", numpy}},
    {0, "\x80\x02"sv, {"a Python pickle", pickle}},
    {0, "\x80\x03"sv, {"a Python pickle", pickle}},
    {0, "\x80\x04"sv, {"a Python pickle", pickle}},
    {0, "\x80\x05"sv, {"a Python pickle", pickle}},
    {0, "<stata_dta>"sv, {"a Stata file", stata}},
    {0, "$FL2"sv, {"an SPSS file", SKEIN_PANDAS("read_spss(sys.argv[1])")}},
    {0, "RDX3\n"sv, {"a file of R", none}},
    {0, "MATLAB 5.0"sv, {"a MATLAB file", none}},
    {0, "CDF\x01"sv, {"a NetCDF file", none}},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, {"an old Office file (xls, doc)", sheet}},
    // Archives and other compressions.
    {0, "BZh"sv, {"compressed with bzip2", "bzcat {file}"}},
    {0, "\xFD\x37zXZ\0"sv, {"compressed with xz", "xzcat {file}"}},
    {0, "\x5D\0\0"sv, {"compressed with lzma", "xzcat --format=lzma {file}"}},
    {0, "\x04\x22\x4D\x18"sv, {"compressed with lz4", "lz4 -dc {file}"}},
    {0, "\x1F\x9D"sv, {"compressed with compress", "zcat {file}"}},
    {0, "\xFF\x06\0\0sNaPpY"sv, {"compressed with snappy", "snzip -dc {file}"}},
    {0, "\xCE\xB2\xCF\x81"sv, {"compressed with brotli", "brotli -dc {file}"}},
    {0, "7z\xBC\xAF\x27\x1C"sv, {"a 7z archive", "7z x -so {file}"}},
    {0, "Rar!\x1A\x07"sv, {"a rar archive", "unrar p -inul {file}"}},
    {0, "PK\x03\x04"sv, {"a zip archive", "unzip -p {file}"}},
    {0, "PK\x05\x06"sv, {"an empty zip archive", none}},
    {0, "PK\x07\x08"sv, {"a zip archive in parts", none}},
    {257, "ustar"sv, {"a tar archive", "tar -xOf {file}"}},
    {0, "!<arch>\n"sv, {"an archive of ar", none}},
    {0, "0707"sv, {"a cpio archive", none}},
    // Documents, pictures, sound.
    {0, "%PDF-1."sv, {"a PDF document", pdf}},
    {0, "%PDF-2."sv, {"a PDF document", pdf}},
    {0, "\x89PNG\r\n\x1A\n"sv, {"a picture (PNG)", picture}},
    {0, "\xFF\xD8\xFF"sv, {"a picture (JPEG)", picture}},
    {0, "GIF8"sv, {"a picture (GIF)", picture}},
    {8, "WEBP"sv, {"a picture (WebP)", picture}},
    {0, "BM"sv, {"a picture (BMP)", picture}},
    {0, "II*\0"sv, {"a picture (TIFF)", picture}},
    {0, "MM\0*"sv, {"a picture (TIFF)", picture}},
    {4, "ftyp"sv, {"a film or picture (MP4, HEIC)", none}},
    {0, "\x1A\x45\xDF\xA3"sv, {"a film (Matroska, WebM)", none}},
    {8, "WAVE"sv, {"sound (WAV)", sound}},
    {0, "ID3"sv, {"sound (MP3)", sound}},
    {0, "\xFF\xFB"sv, {"sound (MP3)", sound}},
    {0, "OggS"sv, {"sound (Ogg)", sound}},
    {0, "fLaC"sv, {"sound (FLAC)", sound}},
    // Models and programs.
    {0, "GGUF"sv, {"a model (GGUF)", none}},
    {8, "{\"__metadata__\""sv, {"a model (safetensors)", none}},
    {0,
     "\x7F"
     "ELF"sv,
     {"a program (ELF)", none}},
    {0, "MZ"sv, {"a program (Windows)", none}},
    {0, "\xCA\xFE\xBA\xBE"sv, {"a Java class or a program (Mach-O)", none}},
    {0, "\0asm"sv, {"a program (WebAssembly)", none}},
};

// The content of a zip archive, by file names at its beginning.
constexpr std::pair<std::string_view, KnownFile> in_zip[] = {
    {"opendocument.spreadsheet"sv, {"a spreadsheet (ods)", sheet}},
    {"opendocument.text"sv, {"a document (odt)", document}},
    {"epub+zip"sv, {"a book (epub)", document}},
    {"xl/"sv, {"a spreadsheet (xlsx)", sheet}},
    {"word/"sv, {"a document (docx)", document}},
    {"ppt/"sv, {"slides (pptx)", office}},
    {".npy"sv, {"NumPy arrays (npz)", none}},
    {"data.pkl"sv, {"a model or tensor of PyTorch", none}},
};

// Texts by their beginning, in lower case, without leading white space.
constexpr std::pair<std::string_view, KnownFile> texts[] = {
    {"version https://git-lfs"sv, {"a pointer of Git LFS and not the file", "git lfs pull"}},
    {"<?xml"sv, {"an XML document", whole_text}},
    {"<!doctype"sv, {"an HTML document", whole_text}},
    {"<html"sv, {"an HTML document", whole_text}},
    {"{\\rtf"sv, {"an RTF document", document}},
    {"%!ps"sv, {"a PostScript document", "ps2ascii {file}" SKEIN_DOCUMENT ""sv}},
    {"%yaml"sv, {"a YAML document", "yq -c '.[]' {file}"}},
    {"[\""sv, {"a JSON list of texts", "jq -c '.[] | {text: .}' {file}"}},
};

constexpr std::pair<std::string_view, KnownFile> names[] = {
    {".yaml"sv, {"a YAML document", "yq -c '.[]' {file}"}},
    {".yml"sv, {"a YAML document", "yq -c '.[]' {file}"}},
    {".xml"sv, {"an XML document", whole_text}},
    {".html"sv, {"an HTML document", whole_text}},
    {".htm"sv, {"an HTML document", whole_text}},
    {".md"sv, {"a Markdown document", whole_text}},
    {".rst"sv, {"a document", whole_text}},
    {".tex"sv, {"a LaTeX document", whole_text}},
    {".toml"sv, {"a TOML document", whole_text}},
    {".ini"sv, {"a file of settings", whole_text}},
    {".sql"sv, {"a program in SQL", whole_text}},
    {".py"sv, {"a program in Python", whole_text}},
    {".json"sv,
     {"a JSON document and neither a list of objects nor one object a line", "jq -c . {file}"}},
    {".ipynb"sv, {"a notebook of Jupyter", "jq -c '.cells[]' {file}"}},
};

#undef SKEIN_PANDAS
#undef SKEIN_DOCUMENT

constexpr std::size_t enough_to_be_sure = 6;

// Whether a signature cannot occur at the beginning of a text by chance: it is long, or contains a
// binary byte.
bool is_sure(std::string_view signature) {
    return signature.size() >= enough_to_be_sure || std::ranges::any_of(signature, is_binary);
}

bool has_at(std::string_view head, std::size_t at, std::string_view bytes) {
    return head.size() >= at + bytes.size() && head.substr(at, bytes.size()) == bytes;
}

// The order of the table counts: `opendocument` and `epub+zip` are exact types, and the later words
// are parts of file names.
KnownFile in_archive(std::string_view head, const KnownFile& archive) {
    for (const auto& [word, known] : in_zip) {
        if (head.find(word) != head.npos) return known;
    }
    return archive;
}

// Quoted for a POSIX shell, in single quotes.
std::string for_shell(std::string_view file) {
    std::string text = "'";
    for (const char c : file) text += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return text + '\'';
}

}  // namespace

// The first signature that fits counts.
std::optional<KnownFile> known_binary(std::string_view head) {
    head = head.substr(0, bytes_to_know);
    const bool has_binary = std::ranges::any_of(head, is_binary);
    for (const auto& [at, bytes, known] : binaries) {
        // A column `ORCID` begins as an ORC file does, so a short signature needs a binary byte
        // beside it.
        if (!has_at(head, at, bytes) || !(has_binary || is_sure(bytes))) continue;
        // Office documents and others are zip archives, told apart by the names of their files.
        return bytes.starts_with("PK") ? in_archive(head, known) : known;
    }
    return std::nullopt;
}

std::optional<KnownFile> known_text(std::string_view head) {
    const auto begin = lowered(trimmed(head.substr(0, bytes_to_know)).substr(0, 64));
    for (const auto& [word, known] : texts) {
        if (begin.starts_with(word)) return known;
    }
    return std::nullopt;
}

std::optional<KnownFile> known_name(std::string_view file) {
    const auto dot = file.rfind('.');
    if (dot == file.npos) return std::nullopt;
    for (const auto& [extension, known] : names) {
        if (same_letters(file.substr(dot), extension)) return known;
    }
    return std::nullopt;
}

std::string refusal_of(const KnownFile& known, std::string_view file) {
    const auto shown = json::printable(file, 400);
    auto text = shown + " is " + std::string{known.name} + ": its bytes are no prompts";
    if (known.advice.empty()) return text + "; nothing was sent";
    auto advice = std::string{known.advice};
    const auto at = advice.find("{file}");
    if (at == advice.npos) return text + "; type: " + advice;
    // Quoted, because the command is meant to be copied into a shell.
    advice.replace(at, 6, file == "standard input" ? "FILE" : for_shell(shown));
    return text + "; make rows of it and pipe them in: " + advice +
           " | skein run JOB.yaml --set input.file=-";
}

}  // namespace skein::input
