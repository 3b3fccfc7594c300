#include "backend/split_backend.hpp"

#include "support/catch.hpp"

#include <string>

namespace skein {
namespace {

using Notes = std::vector<std::string>;

class Noting final : public Backend {
public:
    Noting(std::string name, Notes& notes) : name_{std::move(name)}, notes_{notes} {}

    void start(Attempt attempt) override { note("start", attempt.endpoint); }
    void stop(AttemptId id) override { note("stop", static_cast<std::uint64_t>(id)); }
    void move(EndpointIndex endpoint, const WorkerAddress&) override { note("move", endpoint); }
    void go() override { notes_.push_back(name_ + " go"); }
    void expect_no_more() override { notes_.push_back(name_ + " no more"); }
    void close() override { notes_.push_back(name_ + " close"); }

private:
    void note(const std::string& what, std::uint64_t number) {
        notes_.push_back(name_ + ' ' + what + ' ' + std::to_string(number));
    }

    std::string name_;
    Notes& notes_;
};

TEST_CASE("A split backend passes each attempt to the backend of its endpoint.", "[backend]") {
    Notes notes;
    SplitBackend either{
        2, std::make_unique<Noting>("one", notes), std::make_unique<Noting>("two", notes)};
    for (EndpointIndex endpoint = 0; endpoint < 4; ++endpoint) {
        Attempt attempt;
        attempt.endpoint = endpoint;
        either.start(attempt);
    }
    either.move(1, {});
    either.move(2, {});
    either.stop(AttemptId{9});
    either.go();
    either.expect_no_more();
    either.close();
    CHECK(
        notes ==
        Notes{
            "one start 0",
            "one start 1",
            "two start 2",
            "two start 3",
            "one move 1",
            "two move 2",
            "one stop 9",
            "two stop 9",
            "one go",
            "two go",
            "one no more",
            "two no more",
            "one close",
            "two close"}
    );
}

}  // namespace
}  // namespace skein
