#include "wire/certificates.hpp"

#include "support/catch.hpp"

#include <map>
#include <set>

using namespace skein;
using namespace skein::wire;

namespace {

std::map<std::string, std::string, std::less<>> environment;
std::set<std::string> files;
std::set<std::string> folders;

Surroundings around(std::string built_in = "/built/in.crt") {
    return {
        [](const char* name) -> const char* {
            const auto found = environment.find(name);
            return found == environment.end() ? nullptr : found->second.c_str();
        },
        [](const std::string& path) { return files.contains(path); },
        [](const std::string& path) { return folders.contains(path); },
        std::move(built_in)};
}

}  // namespace

TEST_CASE("Without environment variables libcurl's own certificates are trusted.", "[certs]") {
    environment = {};
    files = {"/built/in.crt", "/etc/ssl/cert.pem"};
    CHECK(find_certificates(around()).file == "/built/in.crt");
    CHECK(find_certificates(around()).folder.empty());
    CHECK_FALSE(check_certificates(around()));
}

TEST_CASE("If libcurl's own certificates are missing, the distribution's are trusted.", "[certs]") {
    environment = {};
    files = {"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};
    CHECK(find_certificates(around()).file == "/etc/pki/tls/certs/ca-bundle.crt");
    files = {"/etc/ssl/cert.pem"};
    CHECK(find_certificates(around("")).file == "/etc/ssl/cert.pem");
    files = {};
    CHECK(find_certificates(around()).file == "/built/in.crt");
}

TEST_CASE("The variables of curl, OpenSSL and requests count, in this order.", "[certs]") {
    files = {"/a", "/b", "/c", "/built/in.crt"};
    folders = {"/d", "/e"};
    environment = {{"REQUESTS_CA_BUNDLE", "/c"}};
    CHECK(find_certificates(around()).file == "/c");
    environment["SSL_CERT_FILE"] = "/b";
    CHECK(find_certificates(around()).file == "/b");
    environment["CURL_CA_BUNDLE"] = "/a";
    CHECK(find_certificates(around()).file == "/a");
    environment["CURL_CA_BUNDLE"] = "";
    CHECK(find_certificates(around()).file == "/b");
}

TEST_CASE(
    "SSL_CERT_DIR may list several folders, and counts beside the certificate file.", "[certs]"
) {
    files = {"/built/in.crt"};
    folders = {"/d"};
    environment = {{"SSL_CERT_DIR", "/none:/d"}};
    CHECK(find_certificates(around()).folder == "/none:/d");
    CHECK(find_certificates(around()).file == "/built/in.crt");
    environment = {{"SSL_CERT_DIR", "/none"}};
    CHECK(find_certificates(around()).folder.empty());
    environment = {{"REQUESTS_CA_BUNDLE", "/d"}};
    CHECK(find_certificates(around()).folder == "/d");
    CHECK_FALSE(check_certificates(around()));
}

TEST_CASE(
    "A variable that names missing certificates is an error that names our setting.", "[certs]"
) {
    files = {};
    folders = {};
    environment = {{"SSL_CERT_FILE", "/none"}};
    const auto wrong = check_certificates(around());
    REQUIRE(wrong);
    CHECK(wrong->where == "SSL_CERT_FILE");
    CHECK(wrong->what.find("ca_file") != std::string::npos);
}
