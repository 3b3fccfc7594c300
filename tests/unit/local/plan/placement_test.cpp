#include "local/plan/placement.hpp"

#include "support/catch.hpp"
#include "unit/local/lifecycle/machines.hpp"

namespace skein::local {
namespace {

using Devices = PlacementSettings::Devices;
using List = std::vector<std::string>;
using Inherited = std::optional<std::string>;
const Inherited none;

PlacementSettings listed(List list) {
    return {.devices = Devices::listed, .list = std::move(list)};
}

// The value of CUDA_VISIBLE_DEVICES for each worker, or the complaint.
std::string values(
    const PlacementSettings& settings, const Gpus& gpus, const Inherited& inherited = none
) {
    const auto places = place_workers(settings, gpus, inherited);
    if (!places) return places.error().text();
    std::string text;
    for (const auto& place : *places) {
        text += (text.empty() ? "" : " ") + place.cuda_visible_devices.value_or("(none)");
    }
    return text;
}

std::string complaint(
    const PlacementSettings& settings, const Gpus& gpus, const Inherited& inherited = none
) {
    const auto places = place_workers(settings, gpus, inherited);
    return places ? "" : places.error().text();
}

}  // namespace

TEST_CASE("Worker i runs on device i mod n.", "[worker]") {
    CHECK(values({}, four()) == "0 1 2 3");
    CHECK(values({.workers_per_device = 3}, machine({gpu(0, "GPU-a0")})) == "0 0 0");
    auto two = listed({"3", "1"});
    two.workers_per_device = 2;
    CHECK(values(two, four()) == "3 1 3 1");
}

TEST_CASE(
    "A worker is pinned by index or UUID, and by the entry of an inherited list.", "[worker]"
) {
    struct Row {
        PlacementSettings settings;
        Gpus gpus;
        Inherited inherited;
        std::string values;
    };
    const auto uuid = Pin::uuid;
    const std::vector<Row> table{
        {{}, four(), none, "0 1 2 3"},
        {{.pin = uuid}, four(), none, "GPU-a0 GPU-a1 GPU-b2 GPU-c3"},
        {{}, four(), "3,1", "3 1"},
        {{}, four(), "3,1,-1,0", "3 1"},
        {{}, four(), "GPU-b,0", "GPU-b 0"},
        {{.pin = uuid}, four(), "GPU-b,0", "GPU-b GPU-a0"},
        {listed({"1", "0"}), four(), none, "1 0"},
        {listed({"GPU-b2", "0"}), four(), none, "2 0"},
        {listed({"GPU-b"}), four(), none, "2"},
        {listed({"1", "0"}), four(), "3,2", "2 3"},  // Numbers count the entries of the list.
        {listed({"GPU-c3"}), four(), "3,2", "3"},
        {listed({"GPU-c3"}), four(), "2,GPU-c", "GPU-c"},
        {{}, sliced(), none, "0 MIG-10 MIG-11 2"},
        {{.pin = uuid}, sliced(), none, "GPU-a0 MIG-10 MIG-11 GPU-b2"},
        {listed({"MIG-11"}), sliced(), none, "MIG-11"},
        {listed({"1"}), sliced(), "MIG-10,MIG-11", "MIG-11"},
        {listed({"2"}), sliced(), none, "2"}};
    for (const auto& row : table) {
        INFO(row.values << " of " << row.inherited.value_or("none"));
        CHECK(values(row.settings, row.gpus, row.inherited) == row.values);
    }
}

TEST_CASE("A GPU number is not used for pinning if another GPU does not answer.", "[worker]") {
    auto gpus = machine({gpu(0, "GPU-a0"), gpu(2, "GPU-b2")});
    gpus.unusable = {"GPU 1: GPU is lost"};
    CHECK(values({}, gpus) == "GPU-a0 GPU-b2");
    CHECK(values(listed({"2"}), gpus) == "GPU-b2");
    CHECK(values({}, gpus, "2") == "2");  // A number set from outside is passed on.
    const auto lost = complaint(listed({"1"}), gpus);
    CHECK(
        lost ==
        "local.devices: device 1 is not there: what can be chosen is 0, 2; GPU 1: GPU is "
        "lost; see `skein devices`"
    );
}

TEST_CASE("A worker on the CPU sees no GPU.", "[worker]") {
    CHECK(complaint({.devices = Devices::cpu}, four()).empty());
    for (const auto& gpus : {four(), without_driver()}) {
        const auto places =
            place_workers({.devices = Devices::cpu, .workers_per_device = 2}, gpus, "1");
        REQUIRE(places.has_value());
        REQUIRE(places->size() == 2);
        CHECK(places->at(1).device == "cpu");
        CHECK(places->at(1).cuda_visible_devices == "");
    }
}

TEST_CASE(
    "Devices `auto` fall back to the CPU if there is no GPU and the engine allows it.", "[worker]"
) {
    const PlacementSettings may{.workers_per_device = 2, .cpu_allowed = true};
    for (const auto& [gpus, inherited] :
         {std::pair{without_driver(), none},
          std::pair{four(), Inherited{""}},
          std::pair{four(), Inherited{"-1"}}}) {
        const auto places = place_workers(may, gpus, inherited);
        REQUIRE(places.has_value());
        CHECK(places->size() == 2);
        CHECK(places->front().device == "cpu");
        CHECK(complaint({}, gpus, inherited).find("a GPU is needed") != std::string::npos);
    }
    CHECK(values({.cpu_allowed = true}, four()) == "0 1 2 3");
}

TEST_CASE("A missing GPU is reported in one sentence: wanted, found and the way out.", "[worker]") {
    CHECK(
        complaint(listed({"0", "GPU-a0"}), without_driver()) ==
        "local.devices: [0, GPU-a0] was asked for, and there is no GPU to be used: "
        "libnvidia-ml.so.1: not found; write devices: cpu to do without, or see `skein devices`"
    );
    CHECK(
        complaint({}, four(), "") ==
        "local.devices: a GPU is needed, and there is no GPU to be used: CUDA_VISIBLE_DEVICES is "
        "set and empty, which hides every GPU; write devices: cpu to do without, or see `skein "
        "devices`"
    );
}

TEST_CASE("A device that cannot be used is refused with helpful words.", "[worker]") {
    struct Row {
        List list;
        Gpus gpus;
        Inherited inherited;
        std::string what;
    };
    const std::vector<Row> table{
        {{"4"}, four(), none, "device 4 is not there: what can be chosen is 0, 1, 2, 3; see"},
        {{"2"},
         four(),
         "3,1",
         "device 2 is not there: what can be chosen is 0, 1, the places in "
         "CUDA_VISIBLE_DEVICES=3,1; see"},
        {{"1"}, four(), "3,-1", "ends for CUDA before '-1'"},
        {{"3"}, sliced(), none, "device 3 is not there: what can be chosen is 0, 1, 2; see"},
        {{"1"}, sliced(), none, "device 1 is more than one: write MIG-10 or MIG-11"},
        {{"GPU-a1"}, sliced(), none, "GPU-a1 is more than one: write MIG-10 or MIG-11"},
        {{"GPU-a"}, four(), none, "GPU-a is more than one: write GPU-a0 or GPU-a1"},
        {{"GPU-d4"}, four(), none, "GPU-d4 is the UUID of no GPU of this machine"},
        {{"GPU-a0"}, four(), "3,1", "GPU-a0 is hidden by CUDA_VISIBLE_DEVICES=3,1"},
        {{"first"}, four(), none, "first is no device: it can be auto, cpu, or a list"},
        {{"-1"}, four(), none, "-1 is no device"},
        {{""}, four(), none, " is no device"},
        {{"auto"}, four(), none, "auto is no device"},
        {{}, four(), none, "the list is empty"},
        {{"0", "0"}, four(), none, "GPU 0 (NVIDIA H100) is named twice, as 0 and as 0"},
        {{"0", "3", "GPU-c"},
         four(),
         none,
         "GPU 3 (NVIDIA H100) is named twice, as 3 and as GPU-c"},
        {{"GPU-c3", "0"}, four(), "3,1", "GPU 3 (NVIDIA H100) is named twice, as GPU-c3 and as 0"}};
    for (const auto& row : table) {
        INFO(row.what);
        const auto text = complaint(listed(row.list), row.gpus, row.inherited);
        INFO(text);
        CHECK(text.starts_with("local.devices: "));
        CHECK(text.find(row.what) != std::string::npos);
    }
}

TEST_CASE("Workers are refused if the free memory of a GPU is too small for them.", "[worker]") {
    const auto ask = [](std::uint64_t each, std::size_t workers, const Gpus& gpus) {
        return complaint({.workers_per_device = workers, .memory_per_worker = each}, gpus);
    };
    CHECK(ask(35 * gib, 2, four()).empty());
    CHECK(ask(70 * gib, 1, four()).empty());
    CHECK(ask(0, 1000, four()).empty());
    CHECK(
        ask(35 * gib + 1, 2, four()) ==
        "local.memory_per_worker: 2 workers on GPU 0 (NVIDIA H100) would need 70.1 GiB, and 70.0 "
        "GiB are free; end what else runs there (skein devices counts it), lower "
        "workers_per_device or memory_per_worker, or choose other devices"
    );
    CHECK(ask(~std::uint64_t{0}, 2, four()).find("2 workers") != std::string::npos);
    CHECK(
        ask(10 * gib, 1, sliced()).find("1 worker on MIG-10 would need 10.0 GiB, and 9.0") !=
        std::string::npos
    );

    auto unknown = four();
    for (auto& gpu : unknown.all) gpu.memory_free = std::nullopt;
    CHECK(ask(500 * gib, 1, unknown).empty());

    auto elsewhere = listed({"0"});  // A GPU that is not chosen need not have the memory.
    elsewhere.memory_per_worker = 60 * gib;
    auto one_full = four();
    one_full.all[3].memory_free = gib;
    CHECK(values(elsewhere, one_full) == "0");
}

TEST_CASE("A placement names its device for a person.", "[worker]") {
    const auto device = [](const Gpus& gpus, const Inherited& inherited = none) {
        return place_workers({}, gpus, inherited)->front().device;
    };
    CHECK(device(four()) == "GPU 0 (NVIDIA H100)");
    CHECK(device(four(), "3") == "GPU 3 (NVIDIA H100)");
    CHECK(device(sliced(), "1") == "MIG-10");
    auto odd = four();
    odd.all[0].name = "A\x1B[2J";
    CHECK(device(odd).find('\x1B') == std::string::npos);
}

TEST_CASE("A GPU with an unknown UUID is pinned by its number.", "[worker]") {
    const auto gpus = machine({gpu(0, "")});
    CHECK(values({.pin = Pin::uuid}, gpus) == "0");
}

}  // namespace skein::local
