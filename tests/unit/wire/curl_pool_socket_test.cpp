// Unix sockets: a server on this machine.
#include "wire_bench.hpp"

#include <cstdlib>
#include <filesystem>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

using namespace skein;
using namespace skein::test;

namespace {

// Listens at a unix socket, and never takes a connection: its queue holds one.
class Deaf {
public:
    Deaf() {
        auto name = (std::filesystem::temp_directory_path() / "skein-test-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof address.sun_path - 1);
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(listener_, 0) == 0);
        first_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        REQUIRE(::connect(first_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    }
    ~Deaf() {
        ::close(first_);
        ::close(listener_);
        std::filesystem::remove_all(folder_);
    }
    Deaf(const Deaf&) = delete;
    Deaf& operator=(const Deaf&) = delete;

    // The socket file stays, but no process listens any more.
    void die() {
        ::close(std::exchange(first_, -1));
        ::close(std::exchange(listener_, -1));
    }

    std::string path() const { return folder_ + "/s.sock"; }

private:
    std::string folder_;
    int listener_ = -1;
    int first_ = -1;
};

wire::TargetPtr target_at(const std::string& socket) {
    auto target = wire::make_target({.url = "http://localhost/v1", .socket = socket}, {});
    REQUIRE(target.has_value());
    return *target;
}

}  // namespace

TEST_CASE("A unix socket with a full listen queue is a busy server, not a dead one.", "[wire]") {
    const Deaf deaf;
    WireBench bench;
    const auto told = bench.run(target_at(deaf.path()));
    INFO(to_string(*told->fault()) << ": " << told->ending().detail);
    CHECK(told->fault() == FaultKind::throttled);
    CHECK_FALSE(told->ending().sent);
}

TEST_CASE("A missing unix socket is a connect fault.", "[wire]") {
    WireBench bench;
    const auto told = bench.run(target_at("/no/such/folder/s.sock"));
    CHECK(told->fault() == FaultKind::connect);
    CHECK_FALSE(told->ending().sent);
}

TEST_CASE("A stale unix socket without a listener is a connect fault.", "[wire]") {
    Deaf deaf;
    deaf.die();
    WireBench bench;
    const auto told = bench.run(target_at(deaf.path()));
    CHECK(told->fault() == FaultKind::connect);
    CHECK_FALSE(told->ending().sent);
}
