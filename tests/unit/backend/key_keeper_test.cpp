// How a key is fetched from a file and by a command; when is told by key_waits_test.
#include "backend/key_keeper.hpp"

#include "support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace skein {
namespace {

// A folder of its own, and a pipe that tells a fetch to stop.
class Place {
public:
    Place() {
        std::string name = std::filesystem::temp_directory_path() / "skein-key-XXXXXX";
        REQUIRE(::mkdtemp(name.data()));
        folder_ = name;
        REQUIRE(::pipe(stop_) == 0);
    }
    ~Place() {
        ::close(stop_[0]);
        if (stop_[1] >= 0) ::close(stop_[1]);
        std::filesystem::remove_all(folder_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream{folder_ / name} << text;
        return folder_ / name;
    }
    std::string path(const std::string& name) const { return folder_ / name; }
    int stop() const { return stop_[0]; }
    void tell_to_stop() {
        ::close(stop_[1]);
        stop_[1] = -1;
    }

private:
    std::filesystem::path folder_;
    int stop_[2]{};
};

std::string fetched(const Endpoint& endpoint, int stop) {
    const auto result = KeyKeeper::fetch_key(endpoint, stop);
    return result.failure.empty() ? std::string{result.key.reveal()} : "none: " + result.failure;
}

Endpoint with_command(const std::string& script, const std::string& present = "") {
    return {.api_key = Secret{present}, .api_key_command = {"sh", "-c", script}};
}

TEST_CASE("A key from a file or a command is used without its line end.", "[key]") {
    const Place place;
    const auto file = place.write("key", "CANARY-1\r\n");
    CHECK(fetched({.api_key_file = file}, place.stop()) == "CANARY-1");
    CHECK(fetched(with_command("echo CANARY-2"), place.stop()) == "CANARY-2");
    CHECK(fetched(with_command("printf 'CANARY-3\\r\\n'"), place.stop()) == "CANARY-3");
}

TEST_CASE("A key command that fails is run again if there was a key before.", "[key]") {
    const Place place;
    const auto script = "test -e " + place.path("x") + " && echo CANARY-2; touch " +
                        place.path("x") + "; test -e " + place.path("y") + " || { touch " +
                        place.path("y") + "; exit 1; }";
    CHECK(fetched(with_command(script, "CANARY-1"), place.stop()) == "CANARY-2");
}

TEST_CASE("The first run of a key command is not repeated, because it may be misspelt.", "[key]") {
    const Place place;
    const auto script = "echo x >> " + place.path("runs") + "; exit 7";
    CHECK(fetched(with_command(script), place.stop()).find("exit status 7") != std::string::npos);
    CHECK(std::filesystem::file_size(place.path("runs")) == 2);
}

TEST_CASE("A failing key fetch ends at once when it is stopped.", "[key]") {
    Place place;
    place.tell_to_stop();
    const auto began = Clock::now();
    const Endpoint endpoint{.api_key = Secret{"CANARY-1"}, .api_key_file = place.write("key", "")};
    CHECK(fetched(endpoint, place.stop()).find("is empty") != std::string::npos);
    CHECK(Clock::now() - began < std::chrono::seconds{4});
}

TEST_CASE("The error output of a key command is quoted without the key.", "[key]") {
    const Place place;
    const auto said =
        fetched(with_command("echo CANARY-1; echo CANARY-1 is old >&2; exit 1"), place.stop());
    CHECK(said.find("\"[key] is old\"") != std::string::npos);
}

}  // namespace
}  // namespace skein
