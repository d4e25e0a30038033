// Size classes and reuse of device memory, and the board's clock of moves.
#include "core/backends/cuda/pool.h"

#include "core/backends/cuda/board.h"
#include "core/base/error.h"
#include "tests/support/catch.h"

namespace shardpipe::cuda {

TEST_CASE("cuda: a size class holds the size, wastes under 1/8, and is its own class") {
  for (std::int64_t bytes = 1; bytes < 5'000'000; bytes += 1 + bytes / 97) {
    const std::int64_t block = size_class(bytes);
    CHECK(block >= bytes);
    CHECK((block == 512 || block - bytes < (bytes + 7) / 8 + 1));
    CHECK(size_class(block) == block);
    CHECK(block % 64 == 0);
  }
}

TEST_CASE("cuda: a block that came back is given out again") {
  Pool pool;
  void* first = pool.take(1024);
  void* second = pool.take(1024);
  CHECK(first != second);
  pool.give_back(first, 1024);
  CHECK(pool.take(2048) != first);
  CHECK(pool.take(1024) == first);
  CHECK(pool.held_bytes() == 2 * 1024 + 2048);
  pool.give_back(first, 1024);
  pool.give_back(second, 1024);
  pool.trim();
  CHECK(pool.held_bytes() == 2048);
}

TEST_CASE("cuda: a wait for the GPU is no deadlock, but it has the time limit") {
  Board board(2, 0.01);
  board.finished(1);
  std::string what;
  try {
    board.wait(
        0, EndedBy::itself, [] { return false; }, [] { return "waits for its GPU"; });
  } catch (const Error& e) {
    what = e.what();
    CHECK(e.code() == ExitCode::deadlock);
  }
  CHECK(what == "nothing moved for 0.01 s: rank 0 waits for its GPU, rank 1 has returned");
  CHECK(board.stopped());
}

}  // namespace shardpipe::cuda
