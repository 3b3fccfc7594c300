#pragma once
#include "backend/backend.hpp"

#include <memory>
#include <utility>

namespace skein {

// Composite of two backends: endpoints from `first_of_second` on belong to the second backend.
class SplitBackend final : public Backend {
public:
    SplitBackend(
        EndpointIndex first_of_second, std::unique_ptr<Backend> one, std::unique_ptr<Backend> two
    )
        : first_of_second_{first_of_second}, one_{std::move(one)}, two_{std::move(two)} {}

    void start(Attempt attempt) override { at(attempt.endpoint).start(std::move(attempt)); }
    // Both are told, because an id does not name its backend; an unknown id is ignored.
    void stop(AttemptId id) override {
        one_->stop(id);
        two_->stop(id);
    }
    void move(EndpointIndex endpoint, const WorkerAddress& where) override {
        at(endpoint).move(endpoint, where);
    }
    void go() override {
        one_->go();
        two_->go();
    }
    void expect_no_more() override {
        one_->expect_no_more();
        two_->expect_no_more();
    }
    void close() override {
        one_->close();
        two_->close();
    }

private:
    Backend& at(EndpointIndex endpoint) { return endpoint < first_of_second_ ? *one_ : *two_; }

    const EndpointIndex first_of_second_;
    std::unique_ptr<Backend> one_;
    std::unique_ptr<Backend> two_;
};

}  // namespace skein
