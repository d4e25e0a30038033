// Every collective on the mpi backend, over dtypes and sizes: none, one, sizes that do not divide,
// one that MPI sends in pieces. Rank r contributes 8^r at element i plus i % 17: base-8 digits of a
// wrong sum tell which rank was counted how often. bf16 holds whole numbers up to 256.
#include <cmath>

#include "tests/backends/mpi/support.h"

namespace shardpipe {
namespace {

constexpr Index kSizes[] = {0, 1, 5, 1000, 33333, 1 << 20};
constexpr DType kTypes[] = {DType::f32, DType::bf16, DType::i32};

std::int32_t value(int rank, Index i, DType dtype) {
  if (dtype == DType::bf16) return static_cast<std::int32_t>((i + rank) % 17 + 20 * rank);
  return static_cast<std::int32_t>(std::pow(8, rank % 4)) +
         static_cast<std::int32_t>((i + rank) % 17);
}

Tensor make(RankContext& ctx, int rank, Index size, DType dtype) {
  Tensor t(ctx.device, {size}, dtype);
  std::vector<float> floats;
  std::vector<std::int32_t> integers;
  for (Index i = 0; i < size; ++i) {
    integers.push_back(value(rank, i, dtype));
    floats.push_back(static_cast<float>(integers.back()));
  }
  if (dtype == DType::i32)
    ctx.math.upload(t, integers, ctx.compute);
  else
    ctx.math.upload(t, floats, ctx.compute);
  return t;
}

std::vector<float> read(RankContext& ctx, const Tensor& t) {
  if (t.dtype() != DType::i32) return ctx.math.to_host(t, ctx.compute);
  const auto integers = ctx.math.to_host_integers(t, ctx.compute);
  return {integers.begin(), integers.end()};
}

template <class Want>
std::int64_t wrong_numbers(const std::vector<float>& got, Index size, Want want) {
  std::int64_t wrong = got.size() == static_cast<std::size_t>(size) ? 0 : 1;
  for (std::size_t i = 0; i < got.size(); ++i)
    wrong += got[i] != static_cast<float>(want(static_cast<Index>(i)));
  return wrong;
}

template <class Function>
void for_each_case(Function function) {
  for (const DType dtype : kTypes)
    for (const Index size : kSizes) {
      INFO(ranks() << " ranks, rank " << own_rank() << ", " << name_of(dtype) << " " << size);
      std::int64_t wrong = -1;
      run_here([&](RankContext& ctx) { wrong = function(ctx, size, dtype); });
      CHECK(wrong == 0);
    }
}

}  // namespace

TEST_CASE("all_reduce: sum and max") {
  for_each_case([](RankContext& ctx, Index size, DType dtype) {
    Tensor sum = make(ctx, ctx.rank, size, dtype), max = make(ctx, ctx.rank, size, dtype);
    ctx.tp.all_reduce(sum, ctx.compute);
    ctx.tp.all_reduce(max, ReduceOp::max, ctx.compute);
    const int n = ctx.tp.size();
    auto all = [&](Index i, auto combine) {
      std::int32_t result = value(0, i, dtype);
      for (int r = 1; r < n; ++r) result = combine(result, value(r, i, dtype));
      return result;
    };
    return wrong_numbers(read(ctx, sum), size,
                         [&](Index i) { return all(i, [](auto a, auto b) { return a + b; }); }) +
           wrong_numbers(read(ctx, max), size, [&](Index i) {
             return all(i, [](auto a, auto b) { return std::max(a, b); });
           });
  });
}

TEST_CASE("all_gather, also in place, and broadcast from the last rank") {
  for_each_case([](RankContext& ctx, Index size, DType dtype) {
    const int n = ctx.tp.size();
    Tensor in = make(ctx, ctx.rank, size, dtype), all(ctx.device, {n, size}, dtype);
    ctx.tp.all_gather(all, in, ctx.compute);
    Tensor news = make(ctx, ctx.rank, size, dtype);
    ctx.tp.broadcast(news, n - 1, ctx.compute);
    return wrong_numbers(
               read(ctx, all), n * size,
               [&](Index i) { return value(static_cast<int>(i / size), i % size, dtype); }) +
           wrong_numbers(read(ctx, news), size, [&](Index i) { return value(n - 1, i, dtype); });
  });
}

TEST_CASE("reduce_scatter") {
  for_each_case([](RankContext& ctx, Index size, DType dtype) {
    const int n = ctx.tp.size();
    Tensor big = make(ctx, ctx.rank, n * size, dtype), part(ctx.device, {size}, dtype);
    ctx.tp.reduce_scatter(part, big, ctx.compute);
    return wrong_numbers(read(ctx, part), size, [&](Index i) {
      std::int32_t sum = 0;
      for (int r = 0; r < n; ++r) sum += value(r, ctx.rank * size + i, dtype);
      return sum;
    });
  });
}

TEST_CASE("all_reduce gives the same bits on all ranks for data whose sum depends on the order") {
  std::int64_t wrong = -1;
  run_here([&](RankContext& ctx) {
    std::vector<float> mine;
    for (int i = 0; i < 5000; ++i)
      mine.push_back(std::sin(1e3f * static_cast<float>(i + ctx.rank)) *
                     std::exp(static_cast<float>(i % 20)));
    Tensor sum(ctx.device, {5000}), all(ctx.device, {ctx.tp.size(), 5000});
    ctx.math.upload(sum, mine, ctx.compute);
    ctx.tp.all_reduce(sum, ctx.compute);
    ctx.tp.all_gather(all, sum, ctx.compute);
    const auto values = ctx.math.to_host(all, ctx.compute);
    wrong = 0;
    for (std::size_t i = 0; i < values.size(); ++i) wrong += values[i] != values[i % 5000];
  });
  CHECK(wrong == 0);
}

TEST_CASE("subgroups: halves of the world, one within another, and one's own group") {
  std::int64_t wrong = -1;
  run_here([&](RankContext& ctx) {
    const int n = ctx.world.size(), half = ctx.rank % 2;
    std::vector<int> members;
    for (int r = n - 1 - (n - 1 - half) % 2; r >= 0; r -= 2) members.push_back(r);  // backwards
    auto group = ctx.world.subgroup(members, "half");
    auto again = ctx.world.subgroup(members, "half");
    auto alone = group->subgroup({group->rank()}, "alone");
    Tensor x = make(ctx, ctx.rank, 100, DType::f32);
    Tensor all(ctx.device, {group->size(), 100}), mine(ctx.device, {1, 100});
    group->all_gather(all, x, ctx.compute);
    alone->all_gather(mine, x, ctx.compute);
    again->all_reduce(x, ctx.compute);
    wrong = group->group().id == again->group().id;
    wrong += wrong_numbers(read(ctx, all), group->size() * 100, [&](Index i) {
      return value(members[static_cast<std::size_t>(i / 100)], i % 100, DType::f32);
    });
    wrong += wrong_numbers(read(ctx, mine), 100,
                           [&](Index i) { return value(ctx.rank, i, DType::f32); });
    wrong += wrong_numbers(read(ctx, x), 100, [&](Index i) {
      std::int32_t sum = 0;
      for (const int r : members) sum += value(r, i, DType::f32);
      return sum;
    });
  });
  CHECK(wrong == 0);
}

TEST_CASE("exchange: all to all, in another order on every rank, sizes of their own") {
  for (const Index size : {Index{0}, Index{3}, Index{1 << 18}})
    for (const bool buffered : {false, true}) {
      std::int64_t wrong = -1;
      run_here(
          [&](RankContext& ctx) {
            const int n = ctx.tp.size();
            std::vector<Message> messages;
            std::vector<Tensor> received;
            for (int k = 1; k < n; ++k) {
              const int from = (ctx.rank + k) % n, to = (ctx.rank + n - k) % n;
              received.emplace_back(ctx.device, Shape{from + size}, DType::i32);
              messages.push_back({Direction::recv, from, received.back()});
              messages.push_back(
                  {Direction::send, to, make(ctx, ctx.rank, ctx.rank + size, DType::i32)});
            }
            for (int repeat = 0; repeat < 3; ++repeat) ctx.tp.exchange(messages, ctx.compute);
            wrong = 0;
            for (int k = 1; k < n; ++k) {
              const int from = (ctx.rank + k) % n;
              wrong +=
                  wrong_numbers(read(ctx, received[static_cast<std::size_t>(k - 1)]), from + size,
                                [&](Index i) { return value(from, i, DType::i32); });
            }
          },
          {.tp = ranks()}, buffered);
      CHECK(wrong == 0);
    }
}

TEST_CASE("messages between two ranks keep their order, however exchanges are cut") {
  std::int64_t wrong = 0;
  run_here([&](RankContext& ctx) {
    if (ctx.rank > 1) return;
    Tensor first = make(ctx, 0, 10, DType::f32), second = make(ctx, 1, 10, DType::f32);
    Tensor a(ctx.device, {10}), b(ctx.device, {10});
    ctx.comm.wait(ctx.compute.record());
    if (ctx.rank == 0) {  // two in one exchange, received by two
      ctx.tp.exchange({{Direction::send, 1, first}, {Direction::send, 1, second}}, ctx.comm);
      return;
    }
    ctx.tp.exchange({{Direction::recv, 0, a}}, ctx.comm);
    ctx.tp.exchange({{Direction::recv, 0, b}}, ctx.compute);  // its turn comes after
    wrong += wrong_numbers(read(ctx, a), 10, [](Index i) { return value(0, i, DType::f32); });
    wrong += wrong_numbers(read(ctx, b), 10, [](Index i) { return value(1, i, DType::f32); });
  });
  CHECK(wrong == 0);
}

TEST_CASE("a buffered send arrives whole, though its rank has returned long before") {
  constexpr Index kSize = 1 << 20;  // far too much for MPI to take at once
  std::int64_t wrong = 0;
  run_here(
      [&](RankContext& ctx) {
        if (ctx.rank == 0)
          ctx.tp.exchange({{Direction::send, 1, make(ctx, 0, kSize, DType::i32)}}, ctx.compute);
        if (ctx.rank != 1) return;
        const Tensor received(ctx.device, {kSize}, DType::i32), busy(ctx.device, {1 << 22});
        for (int i = 0; i < 20; ++i) ctx.math.fill(busy, 1, ctx.compute);
        ctx.tp.exchange({{Direction::recv, 0, received}}, ctx.compute);
        wrong = wrong_numbers(read(ctx, received), kSize,
                              [](Index i) { return value(0, i, DType::i32); });
      },
      {.tp = ranks()}, /*buffered=*/true);
  CHECK(wrong == 0);
}

TEST_CASE("a rank that sends before it receives needs buffered sends") {
  std::int64_t wrong = 0;
  run_here(
      [&](RankContext& ctx) {
        if (ctx.rank > 1) return;
        Tensor out = make(ctx, ctx.rank, 10, DType::f32), in(ctx.device, {10});
        ctx.tp.exchange({{Direction::send, 1 - ctx.rank, out}}, ctx.compute);
        ctx.tp.exchange({{Direction::recv, 1 - ctx.rank, in}}, ctx.compute);
        wrong += wrong_numbers(read(ctx, in), 10,
                               [&](Index i) { return value(1 - ctx.rank, i, DType::f32); });
      },
      {.tp = ranks()}, /*buffered=*/true);
  CHECK(wrong == 0);
}

}  // namespace shardpipe
