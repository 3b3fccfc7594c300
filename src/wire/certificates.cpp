// Finds the system's trust store. The environment variables are those of curl (CURL_CA_BUNDLE),
// OpenSSL (SSL_CERT_FILE, SSL_CERT_DIR) and Python's requests (REQUESTS_CA_BUNDLE, a file or a
// folder). The file paths are those of Go (crypto/x509/root_linux.go).
#include "wire/certificates.hpp"

#include "wire/curl_handle.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace skein::wire {
namespace {

constexpr const char* variables[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"};
constexpr const char* folder_variable = "SSL_CERT_DIR";

constexpr const char* files[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/etc/pki/tls/cacert.pem",                            // OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL
    "/etc/ssl/cert.pem",                                  // Alpine
};

std::string value_of(const Surroundings& around, const char* name) {
    const char* value = around.variable(name);
    return value ? value : "";
}

// SSL_CERT_DIR may be a list, separated by colons. One folder that exists is enough, because
// OpenSSL skips the others.
bool is_any_folder(const Surroundings& around, std::string list) {
    for (auto end = list.find(':'); end != list.npos; end = list.find(':')) {
        if (around.is_folder(list.substr(0, end))) return true;
        list.erase(0, end + 1);
    }
    return around.is_folder(list);
}

// The bundle file that was compiled into libcurl; empty if libcurl has none (CURLINFO_CAINFO).
std::string built_in_file() {
    const EasyHandle fresh{curl_easy_init()};
    const char* file = nullptr;
    if (fresh) curl_easy_getinfo(fresh.get(), CURLINFO_CAINFO, &file);
    return file ? file : "";
}

// The real environment and file system. Tests pass others.
Surroundings here() {
    return {
        [](const char* name) -> const char* { return std::getenv(name); },
        [](const std::string& path) {
            std::error_code error;
            return std::filesystem::is_regular_file(path, error);
        },
        [](const std::string& path) {
            std::error_code error;
            return std::filesystem::is_directory(path, error);
        },
        built_in_file()};
}

}  // namespace

// Order: a variable, because the user has set it; libcurl's own file; then the first known path
// that exists. A folder of SSL_CERT_DIR is trusted beside the file. The result may name a file that
// does not exist: then TLS fails as `tls_trust`, and not silently.
Certificates find_certificates(const Surroundings& around) {
    Certificates found;
    const auto folder = value_of(around, folder_variable);
    if (!folder.empty() && is_any_folder(around, folder)) found.folder = folder;
    for (const auto* name : variables) {
        const auto path = value_of(around, name);
        if (path.empty()) continue;
        (around.is_folder(path) ? found.folder : found.file) = path;
        return found;
    }
    // A distribution's libcurl knows its file. A libcurl built elsewhere names a path that this
    // machine may not have, so the known paths follow.
    found.file = around.built_in;
    if (around.is_file(found.file)) return found;
    for (const auto* file : files) {
        if (!around.is_file(file)) continue;
        found.file = file;
        break;
    }
    return found;
}

// Reports a variable that names nothing, before anything is sent. Otherwise every request to an
// https endpoint would fail.
std::optional<ConfigError> check_certificates(const Surroundings& around) {
    for (const auto* name : variables) {
        const auto path = value_of(around, name);
        if (path.empty()) continue;
        if (around.is_file(path) || around.is_folder(path)) return std::nullopt;
        return ConfigError{
            name,
            "names certificates to trust that are not there: " + path +
                "; unset it, or correct it, or name a file by ca_file: of the endpoint"};
    }
    return std::nullopt;
}

const Certificates& system_certificates() {
    // Looked up once for the process: its threads share the result, and initialisation of a local
    // static is thread-safe.
    static const auto found = find_certificates(here());
    return found;
}

std::optional<ConfigError> check_certificates_for(const std::vector<Endpoint>& endpoints) {
    const bool any = std::ranges::any_of(endpoints, [](const Endpoint& endpoint) {
        return endpoint.url.starts_with("https://");
    });
    return any ? check_certificates(here()) : std::nullopt;
}

}  // namespace skein::wire
