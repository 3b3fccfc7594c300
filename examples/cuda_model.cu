// A model of your own in the local pool: CUDA C++ in this process, loaded once per worker, two
// workers on each GPU. No server, no Python, no network.
//
// The model is a toy that is real in every step: its weights go to the device once; for each word a
// kernel computes logits = W·h, picks the largest and makes the next hidden state; words leave as
// they come. It counts in whole numbers, so that the CPU, which serves where there is no GPU (and
// is all there is where this file is compiled without nvcc), says the same to the letter.
//
//   Model::complete    one question; on_chunk for each piece; stop when nobody waits any more
//   ModelFactory       what is slow and done once: weights, memory on the device
//   worker_died        the fault for a CUDA error: the model is destroyed and made anew
#include <skein/skein.hpp>

#include <array>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#ifdef __CUDACC__
#define HOST_AND_DEVICE __host__ __device__
#else
#define HOST_AND_DEVICE
#endif

namespace {

// --- What the model is ---------------------------------------------------------------------------

constexpr int width = 128;  // Of the hidden state.
constexpr const char* words[]{"a",      "bright", "cloud", "drifts", "east",   "for",   "green",
                              "hills",  "in",     "june",  "keeps",  "light",  "moves", "north",
                              "over",   "pale",   "quiet", "rain",   "sings",  "the",   "under",
                              "valley", "while",  "wind",  "winter", "yellow", "young", "and",
                              "of",     "to",     "with",  "still"};
constexpr int vocabulary = std::size(words);

using Hidden = std::array<int, width>;
using Weights = std::array<std::int8_t, vocabulary * width>;  // A row for each word.

// What a training would have left: here the same noise every time.
Weights weights() {
    Weights all;
    std::uint32_t noise = 1;
    for (auto& weight : all) {
        noise = noise * 1664525u + 1013904223u;
        weight = static_cast<std::int8_t>(noise >> 24);
    }
    return all;
}

const Weights trained = weights();
const std::int8_t* row_of(int word) { return trained.data() + word * width; }

HOST_AND_DEVICE inline int logit(const std::int8_t* row, const int* hidden) {
    int sum = 0;
    for (int k = 0; k < width; ++k) sum += row[k] * hidden[k];
    return sum;
}

HOST_AND_DEVICE inline int largest(const int* logits) {
    int best = 0;
    for (int word = 1; word < vocabulary; ++word) {
        if (logits[word] > logits[best]) best = word;
    }
    return best;
}

// The next hidden state, after a word: every `step`th number of it.
HOST_AND_DEVICE inline void advance(const std::int8_t* row, int* hidden, int from, int step) {
    for (int k = from; k < width; k += step) hidden[k] = hidden[k] / 2 + row[(k + 5) % width];
}

// It reads letters as if they were words.
Hidden after_reading(const std::string& prompt) {
    Hidden hidden{};
    for (const char letter : prompt) {
        advance(row_of(static_cast<unsigned char>(letter) % vocabulary), hidden.data(), 0, 1);
    }
    return hidden;
}

// --- Who computes it -----------------------------------------------------------------------------

// Where the weights are, and the hidden state. `next` may fail; then it says why.
class Computer {
public:
    virtual ~Computer() = default;
    virtual void begin(const Hidden& hidden) = 0;
    virtual skein::Expected<int, std::string> next() = 0;  // A word.
};

class Cpu final : public Computer {
public:
    void begin(const Hidden& hidden) override { hidden_ = hidden; }

    skein::Expected<int, std::string> next() override {
        int logits[vocabulary];
        for (int word = 0; word < vocabulary; ++word) {
            logits[word] = logit(row_of(word), hidden_.data());
        }
        const int chosen = largest(logits);
        advance(row_of(chosen), hidden_.data(), 0, 1);
        return chosen;
    }

private:
    Hidden hidden_{};
};

#ifdef __CUDACC__
// One block, a thread for each word of the vocabulary.
__global__ void next_word(const std::int8_t* table, int* hidden, int* chosen) {
    __shared__ int logits[vocabulary];
    const int me = static_cast<int>(threadIdx.x);
    logits[me] = logit(table + me * width, hidden);
    __syncthreads();
    if (me == 0) *chosen = largest(logits);
    __syncthreads();
    advance(table + *chosen * width, hidden, me, vocabulary);
}

// skein has made the worker's device current on this thread: no cudaSetDevice.
class Gpu final : public Computer {
public:
    static skein::Expected<std::unique_ptr<Computer>, std::string> load() {
        auto gpu = std::make_unique<Gpu>();
        auto error = cudaMalloc(&gpu->weights_, sizeof trained);
        if (!error) error = cudaMalloc(&gpu->hidden_, sizeof(Hidden));
        if (!error) error = cudaMalloc(&gpu->chosen_, sizeof(int));
        if (!error)
            error = cudaMemcpy(gpu->weights_, trained.data(), sizeof trained, cudaMemcpyDefault);
        if (error) return text(error);
        return std::unique_ptr<Computer>{std::move(gpu)};
    }
    ~Gpu() override {
        cudaFree(weights_);
        cudaFree(hidden_);
        cudaFree(chosen_);
    }

    void begin(const Hidden& hidden) override {
        begun_ = cudaMemcpy(hidden_, hidden.data(), sizeof hidden, cudaMemcpyDefault);
    }

    skein::Expected<int, std::string> next() override {
        int chosen = 0;
        auto error = begun_;
        if (!error) {
            next_word<<<1, vocabulary>>>(weights_, hidden_, chosen_);
            error = cudaGetLastError();
        }
        if (!error) error = cudaMemcpy(&chosen, chosen_, sizeof chosen, cudaMemcpyDefault);
        if (error) return text(error);
        return chosen;
    }

private:
    static std::string text(cudaError_t error) {
        return std::string{"CUDA error: "} + cudaGetErrorString(error);
    }

    std::int8_t* weights_ = nullptr;
    int* hidden_ = nullptr;
    int* chosen_ = nullptr;
    cudaError_t begun_ = cudaSuccess;
};
#endif

// --- The model, as skein wants it ----------------------------------------------------------------

class TinyModel final : public skein::Model {
public:
    explicit TinyModel(std::unique_ptr<Computer> computer) : computer_{std::move(computer)} {}

    skein::Expected<skein::Completion, skein::Fault> complete(
        const skein::Request& request, const OnChunk& on_chunk, std::stop_token stop
    ) override {
        std::string prompt;
        for (const auto& message : request.messages) prompt += message.content;
        computer_->begin(after_reading(prompt));
        const auto most = request.max_tokens.value_or(12);
        for (std::int64_t said = 0; said < most && !stop.stop_requested(); ++said) {
            const auto word = computer_->next();
            if (!word) {
                return skein::Fault{.kind = skein::FaultKind::worker_died, .detail = word.error()};
            }
            on_chunk(said == 0 ? words[*word] : std::string{" "} + words[*word]);
        }
        return skein::Completion{
            .finish_reason = "length",
            .usage = skein::Usage{.input_tokens = std::ssize(prompt), .output_tokens = most},
            .model = "tiny"};
    }

private:
    const std::unique_ptr<Computer> computer_;
};

skein::Expected<std::unique_ptr<skein::Model>, std::string> load(const skein::Device& device) {
    std::unique_ptr<Computer> computer = std::make_unique<Cpu>();
#ifdef __CUDACC__
    if (!device.is_cpu()) {
        auto gpu = Gpu::load();
        if (!gpu) return gpu.error();
        computer = std::move(*gpu);
    }
#else
    static_cast<void>(device);
#endif
    return std::unique_ptr<skein::Model>{std::make_unique<TinyModel>(std::move(computer))};
}

// What the CPU says to it.
std::string expected(const skein::Request& request) {
    std::string text;
    TinyModel model{std::make_unique<Cpu>()};
    const skein::Request asked{
        .messages = {{.content = request.prompt}}, .max_tokens = request.max_tokens};
    const auto on_chunk = [&](std::string_view piece) { text += piece; };
    return model.complete(asked, on_chunk, {}) ? text : "";
}

}  // namespace

int main() {
    skein::Client client{{.local = skein::LocalPool{.factory = load, .workers_per_device = 2}}};
    if (client.complaint()) {
        std::cerr << client.complaint()->text() << '\n';
        return 2;
    }

    std::vector<skein::Request> questions;
    for (const auto* what : {"the sea", "a door", "bread", "the night train", "salt", "a map"}) {
        questions.push_back({.prompt = std::string{"Say something about "} + what + "."});
    }
    std::size_t number = 0;
    for (const auto& reply : client.map(questions)) {
        const auto& question = questions[number++];
        const auto* completion = reply.completion();
        std::cout << question.prompt << " [" << reply.endpoint << "] "
                  << (completion ? completion->text : reply.fault()->detail) << '\n';
        if (!completion || completion->text != expected(question)) return 1;
    }
    return number == questions.size() ? 0 : 1;
}
