#pragma once
#include "local/lifecycle/worker_fsm.hpp"
#include "local/plan/placement.hpp"
#include "local/plan/preset.hpp"
#include "local/pool/fetch.hpp"
#include "local/process/log_tail.hpp"
#include "local/process/process.hpp"
#include "local/process/run_folder.hpp"

#include <skein/local.hpp>
#include <skein/log.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::local {

// Data that all workers of a pool share. Outlives them.
struct PoolContext {
    LocalPool pool{};
    local::Preset preset{};
    std::vector<std::string> environment{};  // `NAME=value`, for every worker.
    std::string token{};
    std::string script{};     // Path of the server script of `transformers`.
    std::string model{};      // Name of the model in requests; empty: any.
    std::size_t threads = 0;  // Threads of each worker on the CPU; 0: chosen by the engine.
    LogFunction log{};
    RunFolder* folder = nullptr;      // Null if skein starts no process.
    KeeperProgram* keeper = nullptr;  // Null if skein starts no process.
};

// One worker: carries out the commands of its WorkerFsm. Starts, probes and kills the process, and
// reports its address. Used on one thread, that of the loop, which outlives it.
class Worker {
public:
    using Tell = std::function<void(Availability, std::string why, WorkerAddress)>;

    struct Settings {
        std::size_t number = 0;
        local::Place place{};
        local::LifeSettings life{};
        std::shared_ptr<local::EndpointActivity> activity{};
    };

    // `tell` reports the availability of the worker; `changed` is called after every event. Neither
    // may destroy the worker.
    Worker(
        boost::asio::io_context& loop,
        const PoolContext& context,
        Settings settings,
        Tell tell,
        std::function<void()> changed
    );
    ~Worker();

    void on(local::WorkerFsm::Event event);
    const local::WorkerFsm& life() const { return life_; }
    const std::string& device() const { return settings_.place.device; }

private:
    using WorkerFsm = local::WorkerFsm;

    void obey(WorkerFsm::Start& start);
    void obey(WorkerFsm::LookAt& look);
    void obey(WorkerFsm::Terminate&);
    void obey(WorkerFsm::Kill&);
    void obey(WorkerFsm::Tell& tell);
    void obey(WorkerFsm::Say& say);

    local::Assignment assignment(int smaller);
    std::vector<std::string> environment() const;
    void take_line(std::string_view line);
    void ended(const Exit& exit);
    std::string last_words() const;

    // Probes.
    std::optional<std::string> find_it();
    void ask(std::string path, std::string body, Duration timeout, std::function<void(Page)> then);
    void look_at_health(std::uint64_t look);
    void look_at_progress(std::uint64_t look);
    void look_at_completion(std::uint64_t look);
    void look_at_embedding(std::uint64_t look);
    void looked(
        std::uint64_t look, WorkerFsm::Answer answer, std::string why, std::string progress = {}
    );
    void looked(std::uint64_t look, const Page& page, bool is_well, std::string_view at_what);

    void set_timer();

    boost::asio::io_context& loop_;
    const PoolContext& context_;
    const Settings settings_;
    const Tell tell_;
    const std::function<void()> changed_;
    WorkerFsm life_;
    std::unique_ptr<Process> process_;
    std::uint64_t generation_ = 0;  // Number of the process; each has its own socket.
    std::string socket_;
    std::uint16_t port_ = 0;
    WorkerAddress where_;
    std::size_t looks_ = 0;  // Attempts to find the port; selects the next candidate.
    LogTail log_;
    bool said_out_of_memory_ = false;
    std::shared_ptr<Fetch> fetch_;
    boost::asio::steady_timer timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace skein::local
