// Probes of a worker: find its port, ask for its health, its progress and a first completion.
//
// Invariant: every LookAt command is answered by one Looked event, unless a newer LookAt replaces
// it. Runs on the thread of the pool's loop.
#include "dialect/request/join_path.hpp"
#include "dialect/request/paths.hpp"
#include "json/text.hpp"
#include "local/pool/worker.hpp"
#include "local/process/listeners.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace skein::local {
namespace {

using Answer = local::WorkerFsm::Answer;

constexpr int loading = 503;
// Time for the first question, which may take far longer than a probe while an engine warms up.
constexpr Duration max_warm_up = std::chrono::minutes{5};
constexpr std::size_t shown_of_a_page = 300;

// A 4xx status counts as alive, because the server may have no such page or may want a key.
bool is_alive(int status) { return status > 0 && status < 500; }

// The path at which the worker is asked, joined as for a remote endpoint, so that the look and the
// requests behind it go to the same place.
std::string path_of(std::string_view url, Operation operation) {
    const auto joined = join_path(url, usual_path_of(operation));
    const auto scheme = joined.find("://");
    const auto path = joined.find('/', scheme == joined.npos ? 0 : scheme + 3);
    return path == joined.npos ? "/" : joined.substr(path);
}

// The lines of a page that contain a word. The others are ignored, because they may change without
// any progress.
std::string lines_with(std::string_view page, std::string_view word) {
    if (word.empty()) return std::string{page};
    std::string lines;
    while (!page.empty()) {
        const auto end = std::min(page.find('\n'), page.size());
        const auto line = page.substr(0, end);
        if (line.find(word) != line.npos) lines.append(line).append(1, '\n');
        page.remove_prefix(std::min(end + 1, page.size()));
    }
    return lines;
}

std::string body_for(const std::string& model, std::string_view rest) {
    std::string body = "{";
    if (!model.empty()) {
        body += R"("model":)";
        json::append_string(body, model);
        body += ',';
    }
    return body.append(rest).append("}");
}

}  // namespace

void Worker::obey(WorkerFsm::LookAt& look) {
    if (fetch_) drop(*std::exchange(fetch_, nullptr));
    // An engine may open other ports before the one at which it answers, so the port is searched
    // again for each probe while the engine loads.
    const bool may_move =
        context_.preset.listens == local::Listens::somewhere && !life_.is_serving();
    if (may_move && look.what == WorkerFsm::Look::health) where_ = {};
    if (auto why = find_it()) {
        // Posted, because the answer is an event, and this command is carried out within an event.
        boost::asio::post(loop_, [this, alive = alive_, id = look.look, why = std::move(*why)] {
            if (*alive) looked(id, Answer::loading, why);
        });
        return;
    }
    if (look.what == WorkerFsm::Look::health) {
        look_at_health(look.look);
    } else {
        look_at_completion(look.look);
    }
}

// Finds the address of the worker. Returns the reason if it is not known yet. A port counts only if
// the worker's own processes listen on it, because any process could have taken the port.
std::optional<std::string> Worker::find_it() {
    if (!where_.url.empty()) return std::nullopt;
    switch (context_.preset.listens) {
        case local::Listens::at_known_url:
            where_.url = context_.pool.url;
            return std::nullopt;
        case local::Listens::at_socket:
            where_ = {"http://localhost/v1", socket_};
            return std::nullopt;
        case local::Listens::at_port:
        case local::Listens::somewhere:
            break;
    }
    if (!process_ || process_->pid() == 0) return "it does not run yet";
    const auto ports = ports_of(process_->keeper().pid);
    const bool at_given = std::ranges::find(ports, port_) != ports.end();
    const bool is_there =
        context_.preset.listens == local::Listens::at_port ? at_given : !ports.empty();
    if (!is_there) {
        return context_.preset.listens == local::Listens::at_port
                   ? "it does not listen at its port, " + std::to_string(port_) +
                         ": it is still loading, or another process has taken the port"
                   : "it does not listen on loopback";
    }
    // Each look tries the next of several ports, so that the right one is found in the end.
    const auto port = at_given ? port_ : ports[looks_++ % ports.size()];
    where_.url = "http://127.0.0.1:" + std::to_string(port) + "/v1";
    return std::nullopt;
}

void Worker::ask(
    std::string path, std::string body, Duration timeout, std::function<void(Page)> then
) {
    fetch_ = fetch(
        loop_,
        {where_, std::move(path), std::move(body), context_.token, timeout},
        [this, alive = alive_, then = std::move(then)](Page page) {
            if (!*alive) return;
            fetch_ = nullptr;
            then(std::move(page));
        }
    );
}

void Worker::look_at_health(std::uint64_t look) {
    ask(context_.preset.health_path,
        {},
        context_.pool.probe_timeout,
        [this, look](const Page& page) {
            const bool is_well = is_alive(page.status);
            // The progress is asked only while requests are in flight, because an idle worker makes
            // none.
            if (is_well && life_.is_serving() && !context_.preset.progress_path.empty() &&
                settings_.activity->read().in_flight > 0) {
                return look_at_progress(look);
            }
            looked(look, page, is_well, "asked how it is (" + context_.preset.health_path + ")");
        });
}

// Asks for the progress counters. The health probe has succeeded, so any answer counts as well.
void Worker::look_at_progress(std::uint64_t look) {
    ask(context_.preset.progress_path,
        {},
        context_.pool.probe_timeout,
        [this, look](const Page& page) {
            const bool is_page = page.status == 200;
            auto progress =
                is_page ? lines_with(page.body, context_.preset.progress_word) : std::string{};
            looked(look, Answer::well, {}, std::move(progress));
        });
}

void Worker::look_at_completion(std::uint64_t look) {
    constexpr std::string_view question =
        R"("messages":[{"role":"user","content":"Hi"}],"max_tokens":1)";
    ask(path_of(where_.url, Operation::chat),
        body_for(context_.model, question),
        max_warm_up,
        [this, look](const Page& page) {
            // A model for embeddings may refuse a chat, so it is asked for an embedding instead.
            const bool is_refused = page.status >= 400 && page.status != loading;
            if (is_refused && context_.pool.embeddings) return look_at_embedding(look);
            looked(look, page, page.status == 200, "asked for a first completion");
        });
}

void Worker::look_at_embedding(std::uint64_t look) {
    ask(path_of(where_.url, Operation::embedding),
        body_for(context_.model, R"("input":"Hi")"),
        max_warm_up,
        [this, look](const Page& page) {
            looked(look, page, page.status == 200, "asked for a first embedding");
        });
}

void Worker::looked(std::uint64_t look, const Page& page, bool is_well, std::string_view at_what) {
    if (is_well) return looked(look, Answer::well, {});
    // No answer and 503 mean that the engine is still loading; any other status is a failure.
    const auto answer =
        page.status == loading || page.status == 0 ? Answer::loading : Answer::silent;
    auto why = std::string{at_what} + ", ";
    if (page.status == 0) {
        why += page.why;
    } else {
        why += "it answered HTTP " + std::to_string(page.status) + ": " +
               json::printable(page.body, shown_of_a_page);
    }
    looked(look, answer, std::move(why));
}

void Worker::looked(std::uint64_t look, Answer answer, std::string why, std::string progress) {
    on(WorkerFsm::Looked{
        look, answer, std::move(why), std::move(progress), settings_.activity->read()});
}

}  // namespace skein::local
