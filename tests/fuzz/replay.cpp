// The target without its fuzzer: runs each input of the folders and files it is given, once. So the
// saved inputs are tests of every build.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* count, char*** arguments);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> inputs(int count, char** arguments) {
    std::vector<fs::path> files;
    for (int i = 1; i < count; ++i) {
        if (!fs::is_directory(arguments[i])) {
            files.emplace_back(arguments[i]);
            continue;
        }
        for (const auto& entry : fs::directory_iterator{arguments[i]}) files.push_back(entry);
    }
    std::ranges::sort(files);
    return files;
}

void run(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        std::exit(2);
    }
    const std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};
    std::fprintf(
        stderr, "%s\n", path.c_str()
    );  // Before, so that the last one told is the culprit.
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int count, char** arguments) {
    const auto files = inputs(count, arguments);
    if (files.empty()) {
        std::fprintf(stderr, "no inputs; name a file or a folder of them\n");
        return 2;
    }
    if (LLVMFuzzerInitialize) LLVMFuzzerInitialize(&count, &arguments);
    for (const auto& path : files) run(path);
    std::printf("%zu inputs\n", files.size());
}
