#include "tests/collectives/ways.h"

namespace shardpipe {
namespace {

Way flat_way(RankContext& ctx, AllReduceAlgorithm algorithm) {
  return {.name = name_of(algorithm),
          .run = [&ctx, algorithm](
                     Tensor x, ReduceOp op) { all_reduce(x, op, algorithm, collective_of(ctx)); },
          .traffic =
              [&ctx, algorithm](Index elements, DType dtype) {
                return traffic_of(algorithm, {ctx.tp.size(), ctx.tp.rank(), elements, dtype});
              }};
}

Way chunked_two_tree(RankContext& ctx, int chunks) {
  return {
      .name = text("two_tree in ", chunks, " chunks"),
      .run = [&ctx, chunks](
                 Tensor x, ReduceOp op) { all_reduce_two_tree(x, op, chunks, collective_of(ctx)); },
      .traffic =
          [&ctx, chunks](Index elements, DType dtype) {
            return traffic_of(AllReduceAlgorithm::two_tree,
                              {ctx.tp.size(), ctx.tp.rank(), elements, dtype, chunks});
          }};
}

Way hierarchical_way(RankContext& ctx, int g) {
  auto made = std::make_shared<HierarchicalAllReduce>(collective_of(ctx), g);
  return {.name = text("hierarchical, nodes of ", g),
          .run = [made](Tensor x, ReduceOp op) { made->all_reduce(x, op); },
          .traffic =
              [&ctx, g](Index elements, DType dtype) {
                return hierarchical_traffic({ctx.tp.size(), ctx.tp.rank(), elements, dtype}, g);
              }};
}

}  // namespace

std::vector<Index> sizes_for(int n) { return {0, 1, n - 1, n, n + 1, 1000}; }

std::vector<Way> ways_of(RankContext& ctx) {
  std::vector<Way> ways;
  for (const AllReduceAlgorithm a : flat_all_reduce_algorithms()) ways.push_back(flat_way(ctx, a));
  ways.push_back(chunked_two_tree(ctx, 3));
  for (int g = 1; g <= ctx.tp.size(); ++g)
    if (ctx.tp.size() % g == 0) ways.push_back(hierarchical_way(ctx, g));
  return ways;
}

Tensor upload(RankContext& ctx, const std::vector<float>& values, DType dtype) {
  Tensor x(ctx.device, {static_cast<Index>(values.size())}, dtype);
  if (dtype == DType::i32)
    ctx.math.upload(x, std::vector<std::int32_t>(values.begin(), values.end()), ctx.compute);
  else
    ctx.math.upload(x, values, ctx.compute);
  return x;
}

std::vector<float> download(RankContext& ctx, const Tensor& x) {
  if (x.dtype() != DType::i32) return ctx.math.to_host(x, ctx.compute);
  const auto integers = ctx.math.to_host_integers(x, ctx.compute);
  return {integers.begin(), integers.end()};
}

}  // namespace shardpipe
