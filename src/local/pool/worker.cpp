// One worker process: carries out the commands of its WorkerFsm.
//
// Invariant: after `~Worker` no callback touches it, because each one checks `alive_`. Runs on the
// thread of the pool's loop only.
#include "local/pool/worker.hpp"

#include "json/text.hpp"
#include "local/lifecycle/log_classifier.hpp"
#include "local/process/environment.hpp"
#include "local/process/listeners.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <unistd.h>
#include <utility>
#include <variant>

namespace skein::local {
namespace {

constexpr std::size_t max_last_words = 300;

std::string name_of_socket(std::size_t worker, std::uint64_t generation) {
    return std::to_string(worker) + "." + std::to_string(generation);
}

}  // namespace

Worker::Worker(
    boost::asio::io_context& loop,
    const PoolContext& context,
    Settings settings,
    Tell tell,
    std::function<void()> changed
)
    : loop_{loop},
      context_{context},
      settings_{std::move(settings)},
      tell_{std::move(tell)},
      changed_{std::move(changed)},
      life_{settings_.life},
      timer_{loop} {}

Worker::~Worker() { *alive_ = false; }

void Worker::on(WorkerFsm::Event event) {
    WorkerFsm::Commands commands;
    life_.on(Clock::now(), std::move(event), commands);
    for (auto& command : commands) std::visit([this](auto& c) { obey(c); }, command);
    // The timer follows the state machine after every event, because any event may move a deadline.
    set_timer();
    changed_();
}

void Worker::set_timer() {
    const auto when = life_.wake_at();
    if (when == never) {
        timer_.cancel();
        return;
    }
    // A new moment cancels the wait for the old one.
    timer_.expires_at(when);
    timer_.async_wait([this, alive = alive_](auto error) {
        if (!error && *alive) on(WorkerFsm::TimePassed{settings_.activity->read()});
    });
}

// What this process gets: its device, its address and its share of the machine.
local::Assignment Worker::assignment(int smaller) {
    local::Assignment assignment;
    const auto& visible = settings_.place.cuda_visible_devices;
    assignment.on_cpu = settings_.place.device == "cpu";
    assignment.device = assignment.on_cpu ? "cpu" : visible.value_or("");
    assignment.socket = socket_;
    assignment.port = port_;
    assignment.script = context_.script;
    if (assignment.on_cpu) assignment.threads = context_.threads;
    assignment.smaller = smaller;
    return assignment;
}

std::vector<std::string> Worker::environment() const {
    auto environment = context_.environment;
    // Without it CUDA numbers the fastest GPU first, and pinning by index would choose another one.
    set_variable(environment, "CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    if (const auto& visible = settings_.place.cuda_visible_devices) {
        set_variable(environment, "CUDA_VISIBLE_DEVICES", *visible);
    }
    return environment;
}

void Worker::obey(WorkerFsm::Start& start) {
    // Each process gets its own socket path, so that a dying process cannot answer for the next.
    ++generation_;
    where_ = {};
    log_.clear();
    said_out_of_memory_ = false;
    settings_.activity->renew();
    if (auto path = context_.folder->socket_path(name_of_socket(settings_.number, generation_))) {
        socket_ = *path;
    }
    // Another process may take the port before the engine does; `find_it` notices it.
    if (context_.preset.listens == local::Listens::at_port) port_ = free_port();
    const auto argv = local::arguments_of(context_.pool, assignment(start.smaller));
    const auto name = std::to_string(settings_.number);
    process_ = std::make_unique<Process>(
        loop_,
        *context_.keeper,
        Command{argv, environment(), {}},
        Process::Events{
            .on_start = [this, name](const Identity& engine
                        ) { context_.folder->write_down(name, process_->keeper(), engine); },
            .on_line = [this](std::string_view line) { take_line(line); },
            .on_exit = [this](const Exit& exit) { ended(exit); }}
    );
    WorkerFsm::Say say{
        LogLevel::info, settings_.life.name + " starts on " + settings_.place.device};
    obey(say);
}

void Worker::take_line(std::string_view line) {
    // Every line is kept for the message about a death, the newest ones only. Two kinds of words
    // act at once: lack of memory decides how the next start is made, a CUDA error ends the
    // process.
    log_.add(line);
    if (local::is_out_of_memory(line)) said_out_of_memory_ = true;
    if (local::is_cuda_error(line))
        on(WorkerFsm::Suspected{true, json::printable(line, max_last_words)});
}

void Worker::ended(const Exit& exit) {
    // The whole tree is gone; the record goes with it, or a later sweep would look for its
    // processes.
    process_.reset();
    context_.folder->strike_out(std::to_string(settings_.number));
    // A killed engine leaves its socket file behind.
    ::unlink(socket_.c_str());
    // A probe of a process that is gone has no answer.
    if (fetch_) drop(*std::exchange(fetch_, nullptr));
    auto how = exit.text();
    if (const auto words = last_words(); !words.empty()) how += "; its last words: " + words;
    on(WorkerFsm::Exited{std::move(how), said_out_of_memory_});
}

// The last log lines as one line, at most 300 bytes from the end, because the cause of death is
// usually printed last.
std::string Worker::last_words() const {
    auto words = log_.text();
    while (words.ends_with('\n')) words.pop_back();
    if (words.size() > max_last_words) {
        words.erase(0, words.size() - max_last_words);
        if (const auto end = words.find('\n'); end != words.npos) words.erase(0, end + 1);
    }
    std::string line;
    for (const char c : words) {
        if (c == '\n') {
            line += " | ";
        } else {
            line += c;
        }
    }
    return json::valid_utf8(line);
}

void Worker::obey(WorkerFsm::Terminate&) {
    if (process_) process_->terminate();
}

void Worker::obey(WorkerFsm::Kill&) {
    if (process_) process_->kill();
}

void Worker::obey(WorkerFsm::Tell& tell) { tell_(tell.availability, std::move(tell.why), where_); }

void Worker::obey(WorkerFsm::Say& say) {
    if (context_.log) context_.log(say.level, say.text);
}

}  // namespace skein::local
