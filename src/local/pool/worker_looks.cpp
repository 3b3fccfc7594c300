// How a worker is looked at: is it there, is it well, does it get on, does it answer?
#include "json/text.hpp"
#include "local/pool/worker.hpp"
#include "local/process/listeners.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace skein::local {
namespace {

using Answer = worker::WorkerFsm::Answer;

constexpr int loading = 503;
constexpr Duration longest_warm_up = std::chrono::minutes{5};
constexpr std::size_t shown_of_a_page = 300;

// Whoever has no such page, or wants to be asked by a key, is alive.
bool is_alive(int status) { return status > 0 && status < 500; }

// Some engines tell their model's name in the base path, so it is part of where they are.
std::string base_path_of(std::string_view url) {
    const auto scheme = url.find("://");
    const auto host = scheme == url.npos ? 0 : scheme + 3;
    const auto path = url.find('/', host);
    auto base = path == url.npos ? std::string{} : std::string{url.substr(path)};
    while (base.ends_with('/')) base.pop_back();
    return base;
}

// The lines of a page in which a word stands: what else is on it may change by itself.
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
    // It may open a port before that at which it answers.
    const bool may_move =
        context_.preset.listens == worker::Listens::somewhere && !life_.is_serving();
    if (may_move && look.what == WorkerFsm::Look::health) where_ = {};
    if (auto why = find_it()) {
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

// Where it listens. On a port anybody might: it must be one of its own. Why it is not known yet.
std::optional<std::string> Worker::find_it() {
    if (!where_.url.empty()) return std::nullopt;
    switch (context_.preset.listens) {
        case worker::Listens::at_known_url:
            where_.url = context_.pool.url;
            return std::nullopt;
        case worker::Listens::at_socket:
            where_ = {"http://localhost/v1", socket_};
            return std::nullopt;
        case worker::Listens::at_port:
        case worker::Listens::somewhere:
            break;
    }
    if (!process_ || process_->pid() == 0) return "it does not run yet";
    const auto ports = ports_of(process_->keeper().pid);
    const bool at_given = std::ranges::find(ports, port_) != ports.end();
    const bool is_there =
        context_.preset.listens == worker::Listens::at_port ? at_given : !ports.empty();
    if (!is_there) {
        return context_.preset.listens == worker::Listens::at_port
                   ? "it does not listen at its port, " + std::to_string(port_) +
                         ": it is still loading, or another process has taken the port"
                   : "it does not listen on loopback";
    }
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
    ask(context_.preset.health_path, {}, context_.pool.answer, [this, look](const Page& page) {
        const bool is_well = is_alive(page.status);
        if (is_well && life_.is_serving() && !context_.preset.progress_path.empty() &&
            settings_.activity->read().in_flight > 0) {
            return look_at_progress(look);
        }
        looked(look, page, is_well, "asked how it is (" + context_.preset.health_path + ")");
    });
}

// It has said that it is well.
void Worker::look_at_progress(std::uint64_t look) {
    ask(context_.preset.progress_path, {}, context_.pool.answer, [this, look](const Page& page) {
        const bool is_page = page.status == 200;
        auto progress =
            is_page ? lines_with(page.body, context_.preset.progress_word) : std::string{};
        looked(look, Answer::well, {}, std::move(progress));
    });
}

void Worker::look_at_completion(std::uint64_t look) {
    constexpr std::string_view question =
        R"("messages":[{"role":"user","content":"Hi"}],"max_tokens":1)";
    ask(base_path_of(where_.url) + "/chat/completions",
        body_for(context_.model, question),
        longest_warm_up,
        [this, look](const Page& page) {
            const bool is_refused = page.status >= 400 && page.status != loading;
            if (is_refused && context_.pool.embeddings) return look_at_embedding(look);
            looked(look, page, page.status == 200, "asked for a first completion");
        });
}

void Worker::look_at_embedding(std::uint64_t look) {
    ask(base_path_of(where_.url) + "/embeddings",
        body_for(context_.model, R"("input":"Hi")"),
        longest_warm_up,
        [this, look](const Page& page) {
            looked(look, page, page.status == 200, "asked for a first embedding");
        });
}

void Worker::looked(std::uint64_t look, const Page& page, bool is_well, std::string_view at_what) {
    if (is_well) return looked(look, Answer::well, {});
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
