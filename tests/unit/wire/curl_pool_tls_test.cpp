// TLS, against `openssl s_server` with a certificate made for the occasion.
#include "wire_bench.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <sys/wait.h>

using namespace skein;
using namespace skein::test;

namespace {

class Program {
public:
    explicit Program(std::vector<std::string> words) {
        int in[2];
        int out[2];
        REQUIRE(::pipe2(in, O_CLOEXEC) == 0);
        REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in[0], 0);
        posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        std::vector<char*> arguments;
        for (auto& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        const auto failed =
            ::posix_spawnp(&id_, arguments[0], &actions, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(in[0]);
        ::close(out[1]);
        in_ = in[1];
        out_ = out[0];
        if (failed) id_ = -1;
    }
    ~Program() {
        if (id_ > 0) ::kill(id_, SIGTERM);
        wait();
        ::close(in_);
        ::close(out_);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    bool wait() {
        int status = -1;
        if (id_ > 0) ::waitpid(std::exchange(id_, -1), &status, 0);
        return status == 0;
    }
    void write(const std::string& text) { REQUIRE(::write(in_, text.data(), text.size()) > 0); }

    // The output up to and including this text.
    std::string read_until(const std::string& end) {
        char c = 0;
        while (!said_.ends_with(end) && ::read(out_, &c, 1) == 1) said_ += c;
        return said_;
    }

private:
    pid_t id_ = -1;
    int in_ = -1;
    int out_ = -1;
    std::string said_;
};

// Makes a certificate for localhost, and answers with it.
struct TlsServer {
    TlsServer() {
        std::string name = std::filesystem::temp_directory_path() / "skein-tls-XXXXXX";
        REQUIRE(::mkdtemp(name.data()));
        folder = name;
        made = Program{{"openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:prime256v1",
                        "-nodes",
                        "-keyout",
                        key(),
                        "-out",
                        certificate(),
                        "-days",
                        "2",
                        "-subj",
                        "/CN=localhost",
                        "-addext",
                        "subjectAltName=DNS:localhost"}}
                   .wait();
        if (!made) return;
        server = std::make_unique<Program>(std::vector<std::string>{
            "openssl",
            "s_server",
            "-accept",
            "127.0.0.1:0",
            "-naccept",
            "1",
            "-cert",
            certificate(),
            "-key",
            key()});
        const std::string word = "ACCEPT 127.0.0.1:";
        server->read_until(word);
        const auto said = server->read_until("\n");
        port = said.substr(said.find(word) + word.size());
        port.pop_back();
    }
    ~TlsServer() {
        server.reset();
        std::filesystem::remove_all(folder);
    }
    bool missing() const {
        if (!made) WARN("no openssl program: not tested");
        return !made;
    }
    std::string key() const { return folder / "key.pem"; }
    std::string certificate() const { return folder / "certificate.pem"; }
    std::string url(const std::string& host) const { return "https://" + host + ":" + port + "/"; }

    std::filesystem::path folder;
    bool made = false;
    std::unique_ptr<Program> server;
    std::string port;
};

}  // namespace

TEST_CASE("An untrusted certificate ends the exchange before a byte is sent.", "[wire]") {
    const TlsServer tls;
    if (tls.missing()) return;
    WireBench bench;
    const auto told = bench.run(target_to(tls.url("localhost")));
    CHECK(told->fault() == FaultKind::tls_trust);
    CHECK_FALSE(told->ending().sent);
}

TEST_CASE("A certificate for another host is not trusted, even with a trusted issuer.", "[wire]") {
    const TlsServer tls;
    if (tls.missing()) return;
    WireBench bench;
    const auto told = bench.run(target_to(tls.url("127.0.0.1"), {}, tls.certificate()));
    CHECK(told->fault() == FaultKind::tls_trust);
    CHECK_FALSE(told->ending().sent);
}

TEST_CASE("A certificate given in the settings is trusted.", "[wire]") {
    const TlsServer tls;
    if (tls.missing()) return;
    WireBench bench;
    const auto told = bench.start(target_to(tls.url("localhost"), {}, tls.certificate()));
    std::thread other_side{[&] {
        tls.server->read_until("\"hello\"}");
        tls.server->write(answer("trusted"));
    }};
    bench.run_until([&] { return told->over(); });
    other_side.join();
    CHECK_FALSE(told->fault());
    CHECK(told->body == "trusted");
}

TEST_CASE(
    "A server without TLS ends an https exchange with a fault of the TLS handshake.", "[wire]"
) {
    const RawServer rude{[](Line& line) {
        line.read_some();
        line.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        line.gone();
    }};
    WireBench bench;
    const auto url = "https://127.0.0.1:" + std::to_string(rude.port()) + "/";
    const auto told = bench.run(target_to(url));
    CHECK(told->fault() == FaultKind::tls_handshake);
    CHECK_FALSE(told->ending().sent);
}
