// Test support: models with scripted behaviour, and a backend over them as the engine uses it.
#pragma once
#include "dialect/request/request_writer.hpp"
#include "local/inprocess/own.hpp"
#include "support/catch.hpp"
#include "support/gathered.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace skein::test {

using Said = Expected<Completion, Fault>;
using Complete = std::function<Said(const Request&, const Model::OnChunk&, std::stop_token)>;

// Observations of the models. Outlives all models, including those left behind.
struct Seen {
    struct Moment {
        int device;
        std::thread::id thread;
    };
    Gathered<Moment> current;
    Gathered<Moment> made;
    Gathered<Moment> asked;
    Gathered<Moment> destroyed;
};

class ScriptedModel final : public Model {
public:
    ScriptedModel(int device, Complete complete, std::shared_ptr<Seen> seen)
        : device_{device}, complete_{std::move(complete)}, seen_{std::move(seen)} {}
    ~ScriptedModel() override { seen_->destroyed.add(here()); }

    Said complete(const Request& request, const OnChunk& on_chunk, std::stop_token stop) override {
        seen_->asked.add(here());
        return complete_(request, on_chunk, std::move(stop));
    }

private:
    Seen::Moment here() const { return {device_, std::this_thread::get_id()}; }

    const int device_;
    const Complete complete_;
    const std::shared_ptr<Seen> seen_;
};

inline Said echo(const Request& request, const Model::OnChunk&, std::stop_token) {
    return Completion{.text = request.messages.at(0).content};
}

// Waits for a stop request and then returns half an answer.
inline Said wait_for_stop(const Request&, const Model::OnChunk&, std::stop_token stop) {
    std::promise<void> told;
    const std::stop_callback on_stop{stop, [&] { told.set_value(); }};
    told.get_future().wait();
    return Completion{.text = "half"};
}

// A backend whose workers begin at endpoint 3, after remote endpoints. It is called and closed on
// the control thread, as the engine does.
class OwnBench {
public:
    static constexpr EndpointIndex first = 3;

    // A plan with a factory for models of this behaviour.
    static Own::Plan plan_of(
        Complete complete,
        std::size_t workers,
        std::shared_ptr<Seen> seen = std::make_shared<Seen>()
    ) {
        Own::Plan plan{
            .first = first,
            .factory = [complete = std::move(complete), seen](const Device& device
                       ) -> Expected<std::unique_ptr<Model>, std::string> {
                seen->made.add({device.cuda_index, std::this_thread::get_id()});
                return std::unique_ptr<Model>{
                    std::make_unique<ScriptedModel>(device.cuda_index, complete, seen)};
            },
            .restarts = {.first = Duration::zero(), .max = Duration::zero()},
            .make_current = [seen](int index) -> std::optional<std::string> {
                seen->current.add({index, std::this_thread::get_id()});
                return std::nullopt;
            }};
        for (std::size_t i = 0; i < workers; ++i) {
            plan.devices.push_back(
                {.cuda_index = static_cast<int>(i), .name = "GPU " + std::to_string(i)}
            );
        }
        return plan;
    }

    explicit OwnBench(Own::Plan plan)
        : own_{std::make_unique<Own>(
              std::move(plan),
              loop_,
              [this](auto events) {
                  for (auto& event : events) std::visit([this](auto& e) { this->take(e); }, event);
              },
              [this](const EndpointUpdate& news) { take(news); },
              [this](LogLevel, std::string_view line) { log.add(std::string{line}); }
          )} {
        thread_ = std::thread{[this] { loop_.run(); }};
    }
    ~OwnBench() {
        close();
        work_.reset();
        thread_.join();
    }

    void wake() { own_->wake(); }
    // Wakes the workers and waits until their models were announced this number of times.
    bool wake_and_wait(std::size_t count) {
        wake();
        return there.wait_for(count);
    }
    void start(std::uint64_t id, std::size_t worker = 0, Request request = {.prompt = "hello"}) {
        auto prepared = std::make_shared<const Prepared>(*prepare(request));
        on_control([&] {
            own_->start(
                {.id = AttemptId{id}, .seq = id, .endpoint = first + worker, .request = prepared}
            );
        });
    }
    void stop(std::uint64_t id) {
        on_control([&] { own_->stop(AttemptId{id}); });
    }
    void close() {
        on_control([this] { own_.reset(); });
    }

    // The result of attempt `id`, once `of` results have come.
    AttemptResult result_of(std::uint64_t id, std::size_t of = 1) {
        REQUIRE(done.wait_for(of));
        for (const auto& one : done.all()) {
            if (one.id == AttemptId{id}) return *one.result;
        }
        FAIL("nothing was told of this attempt");
        return {};
    }

    Gathered<AttemptDone> done;
    Gathered<AttemptId> began;
    Gathered<AttemptId> handed_on;
    Gathered<EndpointIndex> there;
    Gathered<EndpointUpdate> shut;
    Gathered<std::string> story;  // All events in order.
    Gathered<std::string> log;
    std::atomic<bool> told_from_inside = false;

private:
    void take(AttemptDone& e) {
        if (is_inside_) told_from_inside = true;
        const auto* fault = std::get_if<Fault>(&e.result->outcome);
        const auto what = fault ? std::string{to_string(fault->kind)} : "answered";
        story.add(std::to_string(static_cast<std::uint64_t>(e.id)) + ' ' + what);
        done.add(std::move(e));
    }
    void take(const AttemptBegan& e) { began.add(e.id); }
    void take(const AttemptChunk& e) { handed_on.add(e.id); }
    void take(const EndpointUpdate& news) {
        constexpr std::array words{"there", "gone", "shut"};
        story.add(words[static_cast<std::size_t>(news.availability)]);
        if (news.availability == Availability::there) there.add(news.endpoint);
        if (news.availability == Availability::shut) shut.add(news);
    }

    template <class Call>
    void on_control(Call call) {
        std::promise<void> returned;
        boost::asio::post(loop_, [&] {
            is_inside_ = true;
            call();
            is_inside_ = false;
            returned.set_value();
        });
        returned.get_future().wait();
    }

    static inline thread_local bool is_inside_ = false;
    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        loop_.get_executor()};
    std::unique_ptr<Own> own_;
    std::thread thread_;
};

// The text of a completion, or the kind of a fault.
inline std::string text_of(const AttemptResult& result) {
    if (const auto* fault = std::get_if<Fault>(&result.outcome)) {
        return std::string{to_string(fault->kind)};
    }
    return std::get<Completion>(result.outcome).text;
}

inline std::string detail_of(const AttemptResult& result) {
    const auto* fault = std::get_if<Fault>(&result.outcome);
    return fault ? fault->detail : std::string{};
}

}  // namespace skein::test
