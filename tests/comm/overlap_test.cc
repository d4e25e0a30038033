// Memory that one message of an exchange writes and another one uses.
#include "core/comm/overlap.h"

#include <algorithm>

#include "core/base/random.h"
#include "core/launch/launch.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

std::int64_t shared_bytes(const Operand& a, const Operand& b) {
  if (a.buffer != b.buffer || !(a.write || b.write)) return 0;
  return std::max<std::int64_t>(
      0, std::min(a.offset + a.bytes, b.offset + b.bytes) - std::max(a.offset, b.offset));
}

std::string sentence_of(const std::function<std::vector<Message>(RankContext&)>& messages) {
  try {
    run_on_cpu({.grid = {.tp = 3}}, [&](RankContext& ctx) {
      if (ctx.rank == 0) ctx.tp.exchange(messages(ctx), ctx.compute);
    });
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("an overlap is found where some pair overlaps, and only there") {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    std::vector<Operand> all;
    const auto pick = [&](int i, int most) {
      return static_cast<std::int64_t>(random_bits(seed, 0, static_cast<std::uint64_t>(i)) %
                                       static_cast<std::uint64_t>(most));
    };
    for (int i = 0; i < 6; ++i)
      all.push_back(
          {pick(4 * i, 3), pick(4 * i + 1, 20), pick(4 * i + 2, 6), pick(4 * i + 3, 3) == 0});
    bool any = false;
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) any = any || shared_bytes(all[i], all[j]) > 0;
    const auto overlap = find_overlap(all);
    INFO("seed " << seed);
    REQUIRE(overlap.has_value() == any);
    if (!overlap) continue;
    ++found;
    CHECK(overlap->first < overlap->second);
    CHECK(shared_bytes(all[overlap->first], all[overlap->second]) == overlap->bytes);
  }
  CHECK(found > 200);
  CHECK(found < 1800);
}

TEST_CASE("an exchange names the two messages that share memory") {
  CHECK(sentence_of([](RankContext& ctx) {
          const Tensor x(ctx.device, {8});
          return std::vector<Message>{{Direction::recv, 1, x.slice(0, 5)},
                                      {Direction::send, 1, x.slice(6, 2)},
                                      {Direction::recv, 2, x.slice(4, 2)}};
        }).find("recv 20 bytes from rank 1 and recv 8 bytes from rank 2 share 4 bytes of memory") !=
        std::string::npos);
  // The same tensor to both is no overlap: this waits for ranks that have returned.
  CHECK(sentence_of([](RankContext& ctx) {
          const Tensor x(ctx.device, {8});
          return std::vector<Message>{{Direction::send, 1, x}, {Direction::send, 2, x}};
        }).find("deadlock: ") == 0);
}

}  // namespace shardpipe
