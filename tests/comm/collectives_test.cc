// Every collective on the cpu backend, over a table of rank counts and sizes: none, fewer elements
// than ranks, sizes that do not divide, more than one block. Integer data: sums are exact, so the
// comparison is bitwise. Rank r contributes 8^r at element i plus i: base-8 digits of a wrong sum
// tell which rank was counted how often.
#include <cmath>
#include <mutex>

#include "core/launch/launch.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr int kRanks[] = {1, 2, 3, 4, 8};
constexpr Index kSizes[] = {0, 1, 5, 64, 1000, 33333};

float value(int rank, Index i) {
  return static_cast<float>(std::pow(8, rank % 4)) + static_cast<float>((i + rank) % 17);
}

std::vector<float> values(int rank, Index size) {
  std::vector<float> v;
  for (Index i = 0; i < size; ++i) v.push_back(value(rank, i));
  return v;
}

Tensor make(RankContext& ctx, const std::vector<float>& v, DType dtype = DType::f32) {
  Tensor t(ctx.device, {static_cast<Index>(v.size())}, dtype);
  ctx.math.upload(t, v, ctx.compute);
  return t;
}

// Catch2's assertions are not thread safe: ranks note what is wrong, the test looks afterwards.
class Wrong {
 public:
  void expect(bool ok, const std::string& what) {
    if (ok) return;
    std::lock_guard lock(mutex_);
    if (first_.empty()) first_ = what;
  }
  std::string first() const { return first_; }

 private:
  std::mutex mutex_;
  std::string first_;
};

}  // namespace

TEST_CASE("all_reduce: sum and max, every rank, every size") {
  for (const int n : kRanks)
    for (const Index size : kSizes) {
      Wrong wrong;
      run_on_cpu({.grid = {.tp = n}}, [&](RankContext& ctx) {
        Tensor sum = make(ctx, values(ctx.rank, size)), max = make(ctx, values(ctx.rank, size));
        ctx.tp.all_reduce(sum, ctx.compute);
        ctx.tp.all_reduce(max, ReduceOp::max, ctx.compute);
        const auto s = ctx.math.to_host(sum, ctx.compute), m = ctx.math.to_host(max, ctx.compute);
        for (Index i = 0; i < size; ++i) {
          float want_sum = 0, want_max = -1e30f;
          for (int r = 0; r < n; ++r) {
            want_sum += value(r, i);
            want_max = std::max(want_max, value(r, i));
          }
          wrong.expect(s[i] == want_sum, text("n=", n, " rank ", ctx.rank, " sum[", i, "]=", s[i]));
          wrong.expect(m[i] == want_max, text("n=", n, " rank ", ctx.rank, " max[", i, "]=", m[i]));
        }
      });
      CHECK(wrong.first() == "");
    }
}

TEST_CASE("all_reduce gives the same bits on all ranks for data whose sum depends on the order") {
  for (const int n : {3, 4, 8}) {
    std::vector<std::vector<float>> results(n);
    run_on_cpu({.grid = {.tp = n}}, [&](RankContext& ctx) {
      std::vector<float> v;
      for (int i = 0; i < 5000; ++i) v.push_back(std::sin(1e3f * i + ctx.rank) * std::exp(i % 20));
      Tensor t = make(ctx, v);
      ctx.tp.all_reduce(t, ctx.compute);
      results[ctx.rank] = ctx.math.to_host(t, ctx.compute);
    });
    for (int r = 1; r < n; ++r) CHECK(results[r] == results[0]);
  }
}

TEST_CASE("bf16 sums are formed in float and rounded once") {
  std::vector<std::vector<float>> results(3);
  run_on_cpu({.grid = {.tp = 3}}, [&](RankContext& ctx) {
    const float parts[] = {256, 1, 1};  // 257 is not a bf16: adding one at a time would stay at 256
    Tensor t = make(ctx, std::vector<float>(7, parts[ctx.rank]), DType::bf16);
    ctx.tp.all_reduce(t, ctx.compute);
    results[ctx.rank] = ctx.math.to_host(t, ctx.compute);
  });
  for (const auto& r : results) CHECK(r == std::vector<float>(7, 258));
}

TEST_CASE("all_gather, reduce_scatter and broadcast") {
  for (const int n : kRanks)
    for (const Index size : {Index{0}, Index{1}, Index{7}, Index{1000}}) {
      Wrong wrong;
      run_on_cpu({.grid = {.tp = n}}, [&](RankContext& ctx) {
        Tensor in = make(ctx, values(ctx.rank, size)), all(ctx.device, {n, size});
        ctx.tp.all_gather(all, in, ctx.compute);
        Tensor big = make(ctx, values(ctx.rank, n * size)), part(ctx.device, {size});
        ctx.tp.reduce_scatter(part, big, ctx.compute);
        Tensor news = make(ctx, values(ctx.rank, size));
        ctx.tp.broadcast(news, n - 1, ctx.compute);
        const auto a = ctx.math.to_host(all, ctx.compute), p = ctx.math.to_host(part, ctx.compute),
                   b = ctx.math.to_host(news, ctx.compute);
        for (Index i = 0; i < size; ++i) {
          float sum = 0;
          for (int r = 0; r < n; ++r) {
            wrong.expect(a[r * size + i] == value(r, i), text("all_gather n=", n, " i=", i));
            sum += value(r, ctx.rank * size + i);
          }
          wrong.expect(p[i] == sum, text("reduce_scatter n=", n, " rank ", ctx.rank, " i=", i));
          wrong.expect(b[i] == value(n - 1, i), text("broadcast n=", n, " i=", i));
        }
      });
      CHECK(wrong.first() == "");
    }
}

TEST_CASE("exchange: a ring and an all-to-all, messages in any order, and one's own size") {
  for (const bool buffered : {false, true})
    for (const int n : {2, 3, 4, 8}) {
      Wrong wrong;
      run_on_cpu({.grid = {.tp = n}, .buffered_sends = buffered}, [&](RankContext& ctx) {
        std::vector<Message> messages;
        std::vector<Tensor> received;
        for (int k = 1; k < n; ++k) {  // receives are listed in another order on every rank
          const int from = (ctx.rank + k) % n, to = (ctx.rank + n - k) % n;
          received.emplace_back(ctx.device, Shape{from + 3});
          messages.push_back({Direction::recv, from, received.back()});
          messages.push_back({Direction::send, to, make(ctx, values(ctx.rank, ctx.rank + 3))});
        }
        ctx.tp.exchange(messages, ctx.compute);
        for (int k = 1; k < n; ++k) {
          const int from = (ctx.rank + k) % n;
          wrong.expect(ctx.math.to_host(received[k - 1], ctx.compute) == values(from, from + 3),
                       text("n=", n, " rank ", ctx.rank, " from ", from));
        }
      });
      CHECK(wrong.first() == "");
    }
}

TEST_CASE("counters: calls, payload and wire bytes of one rank, by axis and kind") {
  const RunReport report = run_on_cpu({.grid = {.tp = 2, .dp = 3}}, [](RankContext& ctx) {
    Tensor x(ctx.device, {6, 10}), all(ctx.device, {3, 6, 10});
    ctx.math.fill(x, 1, ctx.compute);
    ctx.tp.all_reduce(x, ctx.compute);
    ctx.tp.all_reduce(x, ctx.compute);
    ctx.dp.all_gather(all, x, ctx.compute);
    ctx.pp.all_reduce(x, ctx.compute);  // one rank: nothing to do, not counted
  });
  for (const RankReport& rank : report.ranks) {
    REQUIRE(rank.communication.size() == 2);
    CHECK(rank.communication[0].group == "tp");
    CHECK(rank.communication[0].kind == OpKind::all_reduce);
    CHECK(rank.communication[0].calls == 2);
    CHECK(rank.communication[0].bytes == 2 * 240);
    CHECK(rank.communication[0].wire_bytes == 2 * 240);  // 2 (n-1)/n S = S for n = 2
    CHECK(rank.communication[1].group == "dp");
    CHECK(rank.communication[1].bytes == 720);
    CHECK(rank.communication[1].wire_bytes == 480);
  }
}

}  // namespace shardpipe
