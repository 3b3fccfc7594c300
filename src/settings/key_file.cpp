#include "settings/key_file.hpp"

#include "json/text.hpp"

#include <array>
#include <fstream>
#include <utility>

namespace skein::config {

std::optional<std::string> read_key_file(const std::filesystem::path& path, Secret& into) {
    const auto shown = "the key file " + json::printable(path.string(), 200);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return shown + " does not exist";
    if (std::filesystem::is_directory(path, error)) return shown + " is a folder";
    std::ifstream file{path, std::ios::binary};
    if (!file) return shown + " cannot be opened; may this user read it?";

    constexpr std::size_t max = 16 * 1024;
    // One byte more than allowed, so that a larger file is noticed without reading all of it.
    std::string text(max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return shown + " cannot be read";
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > max) return shown + " is larger than 16 KiB: that is no key";

    // The one line end that editors and `echo` leave.
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    Secret key{std::move(text)};
    if (key.empty()) return shown + " is empty";
    if (key.reveal().find_first_of("\r\n") != std::string_view::npos) {
        return shown + " holds more than one line; it must hold the key alone";
    }
    into = std::move(key);
    return std::nullopt;
}

bool is_world_readable(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    return !error && (status.permissions() & std::filesystem::perms::others_read) !=
                         std::filesystem::perms::none;
}

}  // namespace skein::config
