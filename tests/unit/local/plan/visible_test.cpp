#include "local/plan/visible.hpp"

#include "support/catch.hpp"
#include "unit/local/lifecycle/machines.hpp"

namespace skein::local {
namespace {

// The UUIDs of the visible GPUs, in the order of CUDA's numbers.
std::string shown(const Gpus& gpus, const std::optional<std::string>& inherited) {
    std::string text;
    for (const auto& visible : visible_gpus(gpus, inherited).gpus) {
        text += (text.empty() ? "" : " ") + gpus.all[visible.at].uuid;
    }
    return text;
}

std::string note(const Gpus& gpus, const std::string& inherited) {
    return visible_gpus(gpus, inherited).note;
}

}  // namespace

TEST_CASE("Every GPU and every slice is visible without CUDA_VISIBLE_DEVICES.", "[worker]") {
    CHECK(shown(four(), std::nullopt) == "GPU-a0 GPU-a1 GPU-b2 GPU-c3");
    CHECK(shown(sliced(), std::nullopt) == "GPU-a0 MIG-10 MIG-11 GPU-b2");
    CHECK(shown(without_driver(), std::nullopt).empty());
}

TEST_CASE("CUDA_VISIBLE_DEVICES is read as CUDA reads it.", "[worker]") {
    const std::vector<std::pair<std::string, std::string>> table{
        {"0", "GPU-a0"},
        {"3,1", "GPU-c3 GPU-a1"},
        {" 3 , 1 ", "GPU-c3 GPU-a1"},
        {"GPU-b2", "GPU-b2"},
        {"GPU-c", "GPU-c3"},
        {"GPU-b,0", "GPU-b2 GPU-a0"},
        {"", ""},
        {"-1", ""},
        {"NoDevFiles", ""},
        {"none", ""},
        {"4", ""},
        {"99999999999999999999", ""},
        {"0x1", ""},
        {"1.0", ""},
        {"gpu-b2", ""},
        {"GPU-a", ""},    // Two UUIDs begin with it.
        {"GPU-a00", ""},  // No UUID begins with it.
        {"MIG-10", ""},
        {"1,-1,2", "GPU-a1"},
        {"1,,2", "GPU-a1"},
        {"1,2,", "GPU-a1 GPU-b2"},
        {",1", ""},
        {"1,GPU-a,2", "GPU-a1"},
        {"1,1", "GPU-a1"},  // CUDA stops at a repeated GPU.
        {"2,GPU-b2,0", "GPU-b2"}};
    for (const auto& [inherited, uuids] : table) {
        INFO(inherited);
        CHECK(shown(four(), inherited) == uuids);
    }
}

TEST_CASE("A whole UUID matches its GPU even if another UUID begins with it.", "[worker]") {
    const auto gpus = machine({gpu(0, "GPU-10"), gpu(1, "GPU-1")});
    CHECK(shown(gpus, "GPU-1") == "GPU-1");
}

TEST_CASE(
    "A GPU in MIG mode stands for its first slice, and each slice has its own UUID.", "[worker]"
) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"1", "MIG-10"},
        {"GPU-a1", "MIG-10"},
        {"MIG-11", "MIG-11"},
        {"MIG-11,MIG-10,2", "MIG-11 MIG-10 GPU-b2"},
        {"MIG-1", ""},  // Two UUIDs begin with it.
        {"1,MIG-10", "MIG-10"},
        {"1,MIG-11", "MIG-10 MIG-11"},
        {"3", ""}};
    for (const auto& [inherited, uuids] : table) {
        INFO(inherited);
        CHECK(shown(sliced(), inherited) == uuids);
    }
}

TEST_CASE(
    "A list that CUDA does not read to its end gets a note, and any other list gets none.",
    "[worker]"
) {
    CHECK(note(four(), "1,0").empty());
    CHECK(note(four(), "") == "CUDA_VISIBLE_DEVICES is set and empty, which hides every GPU");
    CHECK(
        note(four(), "1,-1") ==
        "CUDA_VISIBLE_DEVICES=1,-1 ends for CUDA before '-1', which is no GPU of this machine"
    );
    CHECK(
        note(four(), "1,GPU-a1") ==
        "CUDA_VISIBLE_DEVICES=1,GPU-a1 ends for CUDA before 'GPU-a1', which is there already"
    );
    CHECK(note(four(), "\x1B[2J").find('\x1B') == std::string::npos);
}

TEST_CASE("GPUs listed by libcuda are in the order of CUDA_VISIBLE_DEVICES already.", "[worker]") {
    auto gpus = machine({gpu(0, "GPU-c3"), gpu(1, "GPU-a1")});
    gpus.source = "cuda";
    CHECK(shown(gpus, std::nullopt) == "GPU-c3 GPU-a1");
    CHECK(shown(gpus, "3,1") == "GPU-c3 GPU-a1");
    CHECK(shown(gpus, "3,1,-1,0") == "GPU-c3 GPU-a1");
    CHECK(visible_gpus(gpus, "3,1").gpus[1].entry == "1");
}

TEST_CASE("A GPU has the number by which CUDA programs address it.", "[worker]") {
    const auto visible = visible_gpus(four(), "3,GPU-a1");
    CHECK(visible.place_of(3) == 0);
    CHECK(visible.place_of(1) == 1);
    CHECK_FALSE(visible.place_of(0));
    CHECK(visible.gpus[0].entry == "3");
    CHECK(visible.gpus[1].entry == "GPU-a1");
}

}  // namespace skein::local
