// Supervises the local workers on one thread: prepares their folder and token, loads them one after
// the other on each device, and ends them.
//
// Invariant: workers, their processes and their state belong to this thread, which lives until the
// last process is gone; other threads only post to it.
#include "local/pool/pool.hpp"

#include "base/cores.hpp"
#include "local/pool/scripts.hpp"
#include "local/pool/worker.hpp"
#include "local/process/environment.hpp"
#include "local/process/keeper_program.hpp"
#include "local/process/sweep.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <thread>
#include <utility>

namespace skein::local {
namespace {

// The stall timeout where none is set and the engine tells its progress.
constexpr Duration usual_progress = std::chrono::seconds{60};
// Until SIGKILL 7 s pass at most (SIGTERM, 2 s, SIGTERM, 5 s). A process that is not gone after
// this time hangs in the kernel.
constexpr Duration max_end = std::chrono::seconds{15};

// A bearer token of 128 random bits, so that other users of this machine cannot use our workers.
std::string random_token() {
    constexpr char digits[] = "0123456789abcdef";
    std::random_device random;
    std::string token;
    for (int i = 0; i < 32; ++i) token += digits[random() % 16];
    return token;
}

// Threads for each worker on the CPU; 0 leaves the choice to the engine. Several workers share the
// cores, because each would otherwise start as many threads as there are cores.
std::size_t threads_for(const std::vector<local::Place>& places) {
    const auto on_cpu =
        static_cast<std::size_t>(std::ranges::count(places, "cpu", &local::Place::device));
    return on_cpu < 2 ? 0 : std::max<std::size_t>(cores_for_us() / on_cpu, 1);
}

local::LifeSettings life_of(const LocalPool& pool, std::size_t number, std::uint64_t seed) {
    local::LifeSettings life;
    life.name = local::worker_name(pool, number);
    life.is_ours = pool.engine != LocalPool::Engine::url;
    life.startup = pool.startup_timeout;
    life.liveness = pool.probe_interval;
    // Without progress counters a long answer looks like a stall, so that such an engine is watched
    // only if the setting says so.
    const bool tells = !local::preset_of(pool).progress_path.empty();
    life.progress = pool.stall_timeout.value_or(tells ? usual_progress : Duration::zero());
    life.seed = mix(seed, number);
    return life;
}

}  // namespace

class Pool::Impl {
public:
    Impl(Plan plan, Tell tell, LogFunction log) : tell_{std::move(tell)} {
        context_.preset = local::preset_of(plan.pool);
        context_.model = local::model_name(plan.pool);
        context_.pool = std::move(plan.pool);
        context_.log = std::move(log);
        places_ = std::move(plan.places);
        context_.threads = threads_for(places_);
    }
    ~Impl() { close(); }

    std::optional<ConfigError> prepare();
    void begin(
        const std::vector<std::shared_ptr<local::EndpointActivity>>& activities, std::uint64_t seed
    );
    void close();

    template <class Call>
    void post(Call call) {
        boost::asio::post(loop_, [this, call = std::move(call)]() mutable { call(*this); });
    }

    void wake();
    void tell_worker(std::size_t number, local::WorkerFsm::Event event) {
        workers_[number]->on(std::move(event));
    }
    const std::string& token() const { return context_.token; }
    std::size_t size() const { return places_.size(); }

private:
    std::optional<ConfigError> prepare_processes();
    void changed(std::size_t number);
    void wake_next_on(const std::string& device);
    void stop();
    void leave_if_over();

    Tell tell_;
    std::vector<local::Place> places_;
    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        loop_.get_executor()};
    std::optional<RunFolder> folder_;
    std::optional<KeeperProgram> keeper_;
    PoolContext context_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::map<std::string, std::vector<std::size_t>>
        asleep_;                    // Workers to start, by device; the last one starts first.
    std::vector<bool> is_loading_;  // Woken, and neither ready nor failed since.
    bool is_awake_ = false;
    bool is_stopping_ = false;
    boost::asio::steady_timer last_moment_{loop_};
    std::thread thread_;
};

// Only processes that skein starts need a folder, a shim and a token.
std::optional<ConfigError> Pool::Impl::prepare() {
    const bool is_ours = context_.pool.engine != LocalPool::Engine::url;
    return is_ours ? prepare_processes() : std::nullopt;
}

std::optional<ConfigError> Pool::Impl::prepare_processes() {
    const auto wrong = [](const RunError& error) { return ConfigError{"local", error.what}; };
    auto runs = runs_folder();
    if (!runs) return wrong(runs.error());
    // First, because workers of a crashed run may still hold the memory of the devices.
    sweep(*runs);
    auto folder = RunFolder::make(*runs);
    if (!folder) return wrong(folder.error());
    folder_.emplace(std::move(*folder));
    // The longest name of a socket must fit, because a failure at a late restart would be worse.
    if (auto probe_path = folder_->socket_path("9999.999999999"); !probe_path) {
        return wrong(probe_path.error());
    }
    keeper_.emplace(folder_->path());
    context_.folder = &*folder_;
    context_.keeper = &*keeper_;
    context_.token = random_token();
    context_.environment = inherited_environment(context_.pool.environment);
    set_variable(context_.environment, "SKEIN_WORKER_TOKEN", context_.token);
    if (const auto& name = context_.preset.token_variable; !name.empty()) {
        set_variable(context_.environment, name, context_.token);
    }
    // PyTorch and other libraries read this variable.
    if (context_.threads > 0 && !std::getenv("OMP_NUM_THREADS")) {
        set_variable(context_.environment, "OMP_NUM_THREADS", std::to_string(context_.threads));
    }
    if (context_.pool.engine != LocalPool::Engine::transformers) return std::nullopt;
    context_.script = folder_->path() + "/transformers_server.py";
    if (write_script(context_.script, transformers_server())) return std::nullopt;
    return ConfigError{"local", "cannot write " + context_.script};
}

// Creates the workers, which start nothing yet, and then the thread, which owns them from now on.
void Pool::Impl::begin(
    const std::vector<std::shared_ptr<local::EndpointActivity>>& activities, std::uint64_t seed
) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
        workers_.push_back(std::make_unique<Worker>(
            loop_,
            context_,
            Worker::Settings{i, places_[i], life_of(context_.pool, i, seed), activities[i]},
            [this, i](Availability availability, std::string why, WorkerAddress where) {
                tell_(i, availability, std::move(why), std::move(where));
            },
            [this, i] { changed(i); }
        ));
    }
    is_loading_.resize(workers_.size());
    // Backwards, because the next one is taken from the end.
    for (auto i = workers_.size(); i-- > 0;) asleep_[workers_[i]->device()].push_back(i);
    thread_ = std::thread{[this] { loop_.run(); }};
}

// Loads the workers of one device one after the other, because two that load at the same time would
// both count the same free memory as theirs.
void Pool::Impl::wake() {
    if (std::exchange(is_awake_, true)) return;
    std::vector<std::string> devices;
    for (const auto& [device, numbers] : asleep_) devices.push_back(device);
    for (const auto& device : devices) wake_next_on(device);
}

void Pool::Impl::wake_next_on(const std::string& device) {
    auto& numbers = asleep_[device];
    // During a stop no further worker is loaded.
    if (numbers.empty() || is_stopping_) return;
    const auto next = numbers.back();
    numbers.pop_back();
    is_loading_[next] = true;
    workers_[next]->on(local::WorkerFsm::Wake{});
}

// Called by a worker after each of its events, on the thread of the pool. The end of a load, good
// or bad, wakes the next worker of the device.
void Pool::Impl::changed(std::size_t number) {
    if (is_stopping_) return leave_if_over();
    const bool has_loaded = workers_[number]->life().has_come_out_of_loading();
    if (!is_loading_[number] || !has_loaded) return;
    is_loading_[number] = false;
    // Posted, because `changed` is called from inside a worker's event.
    boost::asio::post(loop_, [this, device = workers_[number]->device()] { wake_next_on(device); });
}

void Pool::Impl::stop() {
    if (std::exchange(is_stopping_, true)) return;
    for (auto& worker : workers_) worker->on(local::WorkerFsm::Stop{});
    // The wait is bounded, because a process that hangs in the kernel cannot be killed.
    last_moment_.expires_after(max_end);
    last_moment_.async_wait([this](auto error) {
        if (!error) loop_.stop();
    });
    leave_if_over();
}

void Pool::Impl::leave_if_over() {
    const bool is_over =
        std::ranges::all_of(workers_, [](const auto& worker) { return worker->life().is_over(); });
    if (is_over) loop_.stop();
}

void Pool::Impl::close() {
    if (!thread_.joinable()) return;
    post([](Impl& self) { self.stop(); });
    thread_.join();
    // The destructors of workers that are left kill their processes; the folder goes last, because
    // their sockets lie in it.
    workers_.clear();
    folder_.reset();
}

Expected<std::unique_ptr<Pool>, ConfigError> Pool::open(
    Plan plan, Tell tell, LogFunction log, std::uint64_t seed
) {
    auto impl = std::make_unique<Impl>(std::move(plan), std::move(tell), std::move(log));
    if (auto wrong = impl->prepare()) return std::move(*wrong);
    std::unique_ptr<Pool> pool{new Pool{std::move(impl)}};
    for (std::size_t i = 0; i < pool->impl_->size(); ++i) {
        pool->activities_.push_back(std::make_shared<local::EndpointActivity>());
    }
    // The counters are shared with the backend, which counts on its own threads.
    pool->impl_->begin(pool->activities_, seed);
    return pool;
}

Pool::Pool(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

Pool::~Pool() { close(); }

void Pool::wake() {
    impl_->post([](Impl& impl) { impl.wake(); });
}

void Pool::suspect(std::size_t worker, bool has_cuda_error, std::string why) {
    impl_->post([worker, has_cuda_error, why = std::move(why)](Impl& impl) {
        impl.tell_worker(worker, local::WorkerFsm::Suspected{has_cuda_error, why});
    });
}

void Pool::due(std::size_t worker) {
    impl_->post([worker](Impl& impl) { impl.tell_worker(worker, local::WorkerFsm::Due{}); });
}

void Pool::close() { impl_->close(); }

const std::string& Pool::token() const { return impl_->token(); }

}  // namespace skein::local
