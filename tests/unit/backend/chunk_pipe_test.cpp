#include "backend/chunk_pipe.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

namespace skein {
namespace {

bool put(ChunkPipe& pipe, std::string text) {
    std::vector<Chunk> chunks(1);
    chunks.front().text = std::move(text);
    return pipe.put(chunks);
}

struct Calls {
    int ready = 0;
    int room = 0;
};

TEST_CASE("The consumer is called once until it has found nothing.", "[chunk_pipe]") {
    Calls calls;
    ChunkPipe pipe{1000};
    CHECK(put(pipe, "a"));
    CHECK_FALSE(put(pipe, "b"));
    pipe.open([&] { ++calls.ready; });
    CHECK(calls.ready == 1);
    put(pipe, "c");
    CHECK(pipe.take()->text == "a");
    CHECK(pipe.take()->text == "b");
    put(pipe, "d");
    CHECK(calls.ready == 1);
    CHECK(pipe.take()->text == "c");
    CHECK(pipe.take()->text == "d");
    CHECK_FALSE(pipe.take());
    put(pipe, "e");
    CHECK(calls.ready == 2);
}

TEST_CASE("A producer that found it full is called when half is free.", "[chunk_pipe]") {
    Calls calls;
    ChunkPipe pipe{10 * (sizeof(Chunk) + 1)};
    pipe.on_room([&] { ++calls.room; });
    CHECK_FALSE(pipe.must_wait());
    for (int i = 0; i < 10; ++i) put(pipe, "x");
    CHECK_FALSE(pipe.must_wait());  // Not more than it may hold.
    put(pipe, "x");
    CHECK(pipe.must_wait());
    for (int i = 0; i < 5; ++i) pipe.take();
    CHECK(calls.room == 0);
    pipe.take();
    CHECK(calls.room == 1);
    while (pipe.take()) {
    }
    CHECK(calls.room == 1);
    CHECK(pipe.bytes() == 0);
    CHECK_FALSE(pipe.must_wait());
}

TEST_CASE("A producer that has gone is not called.", "[chunk_pipe]") {
    Calls calls;
    ChunkPipe pipe{0};
    pipe.on_room([&] { ++calls.room; });
    put(pipe, "x");
    CHECK(pipe.must_wait());
    pipe.forget_producer();
    pipe.take();
    CHECK(calls.room == 0);
}

TEST_CASE("A closed pipe holds nothing, and nobody waits for it.", "[chunk_pipe]") {
    Calls calls;
    ChunkPipe pipe{0};
    pipe.open([&] { ++calls.ready; });
    pipe.on_room([&] { ++calls.room; });
    put(pipe, "x");
    CHECK(pipe.must_wait());
    pipe.close();
    CHECK(calls.room == 1);
    CHECK_FALSE(pipe.take());
    put(pipe, "y");
    CHECK_FALSE(pipe.must_wait());
    CHECK_FALSE(pipe.take());
    CHECK(calls.ready == 1);
}

TEST_CASE("All parts of a piece count as bytes.", "[chunk_pipe]") {
    ChunkPipe pipe{0};
    std::vector<Chunk> chunks(1);
    chunks[0].reasoning = std::string(100, 'r');
    chunks[0].calls.push_back({.id = std::string(100, 'i'), .arguments = std::string(100, 'a')});
    pipe.put(chunks);
    CHECK(chunks.empty());
    CHECK(pipe.bytes() == sizeof(Chunk) + sizeof(CallPiece) + 300);
}

}  // namespace
}  // namespace skein
