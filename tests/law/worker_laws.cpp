// The laws of workers on this machine. The time from which they may serve is a law of endpoints.
#include "law/run.hpp"
#include "law/workers.hpp"

#include <algorithm>
#include <map>

namespace skein::law {
namespace {

// The events of one request.
struct Course {
    bool is_for_remote_only = false;
    int deaths = 0;
};

class Courses {
public:
    Courses(const Scene& scene, const Run& run) : scene_{scene}, run_{run} {
        for (const auto& s : run.started) starts_[{s.seq, s.number}] = s.when;
    }

    std::string broken_law() {
        auto end = run_.ended.begin();
        for (const auto& s : run_.started) {
            for (; end != run_.ended.end() && end->when <= s.when; ++end) see(*end);
            const auto& course = course_of(s.seq);
            const auto about = " (seq " + std::to_string(s.seq) + ")";
            if (course.deaths > 2) return "asked again after three deaths" + about;
            if (course.is_for_remote_only && scene_.places[s.endpoint].is_local)
                return "asked of a worker that cannot serve it" + about;
        }
        return "";
    }

private:
    void see(const Ended& e) {
        if (!scene_.places[e.endpoint].is_local) return;
        const auto began = starts_.at({e.seq, e.number});
        const auto answer = answer_to(scene_, e.seq, e.number, e.endpoint, began);
        const auto* fault = std::get_if<Fault>(&answer.result.outcome);
        if (!fault || began + answer.latency != e.when) return;
        auto& course = course_of(e.seq);
        course.deaths += fault->kind == FaultKind::worker_died;
        course.is_for_remote_only |= turns_down(*fault);
    }

    Course& course_of(Sequence seq) {
        const auto [at, is_new] = courses_.try_emplace(seq);
        if (is_new) at->second.is_for_remote_only = is_for_remote_only(scene_, seq);
        return at->second;
    }

    const Scene& scene_;
    const Run& run_;
    std::map<std::pair<Sequence, int>, TimePoint> starts_;
    std::map<Sequence, Course> courses_;
};

std::string replies_say_who_served(const Scene& scene, const Run& run) {
    for (const auto& d : run.delivered) {
        const auto at = std::ranges::find(scene.places, d.endpoint, &Place::name);
        const auto who = at == scene.places.end() ? ServedBy::nobody
                         : at->is_local           ? ServedBy::local
                                                  : ServedBy::remote;
        if (who != d.served_by || (who == ServedBy::nobody) != (d.attempts == 0))
            return "the reply is wrong about who served it (seq " + std::to_string(d.seq) + ")";
    }
    return "";
}

// With a remote endpoint in the scene, workers serve only after CallWorkers, which comes once.
std::string workers_are_called_once(const Scene& scene, const Run& run) {
    if (run.calls.size() > 1) return "workers are called twice";
    const auto is_local = [&](EndpointIndex i) { return scene.places[i].is_local; };
    if (is_local(0) || !is_local(scene.places.size() - 1)) {
        return run.calls.empty() ? "" : "workers are called for nothing";
    }
    const auto called = run.calls.empty() ? never : run.calls.front();
    for (const auto& s : run.started) {
        if (is_local(s.endpoint) && s.when < called)
            return "a worker serves that was not called (seq " + std::to_string(s.seq) + ")";
    }
    return "";
}

}  // namespace

bool turns_down(const Fault& fault) {
    return fault.kind == FaultKind::context_exceeded || fault.kind == FaultKind::not_found ||
           fault.http_status == 501;
}

std::string workers_keep_their_laws(const Scene& scene, const Run& run) {
    if (auto broken = Courses{scene, run}.broken_law(); !broken.empty()) return broken;
    if (auto broken = replies_say_who_served(scene, run); !broken.empty()) return broken;
    return workers_are_called_once(scene, run);
}

}  // namespace skein::law
