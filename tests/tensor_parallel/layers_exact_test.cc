// MLPs, attention and blocks under RoundingKernels: tp = k equals tp = 1 bit for bit, y, dx and
// every gradient, on every rank.
#include "core/reference/rounding_kernels.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"

namespace shardpipe {
namespace {

// Inputs and output gradients: multiples of 1/4 up to 1/2, so that gelu is not on its flat ends.
float quarters(const std::string& name, Index index) { return integers(2)(name, index) / 4; }

void check(const LayerTable& row) {
  auto run = [&](int tp) {
    return run_tp(
        tp, [&](RankContext& ctx) { return run_layer(ctx, row.layer, exact_fill(2), quarters); },
        [] { return std::make_unique<RoundingKernels>(); });
  };
  INFO(row.layer.name);
  const HostTensors want = whole_tensors(run(1));
  CHECK(all_zero(want) == std::vector<std::string>{});
  CHECK(row.tps.size() >= 4);
  for (const int tp : row.tps)
    if (tp > 1) CHECK(first_difference(run(tp), want) == "");
}

}  // namespace

TEST_CASE("MLPs: tp = k equals tp = 1 bit for bit") {
  for (const LayerTable& row : mlp_cases({})) check(row);
}

TEST_CASE("attention: tp = k equals tp = 1 bit for bit") {
  for (const LayerTable& row : attention_cases({})) check(row);
}

TEST_CASE("blocks: tp = k equals tp = 1 bit for bit") {
  for (const LayerTable& row : block_cases({})) check(row);
}

TEST_CASE("RoundingKernels refuse numbers whose sums might round") {
  auto product_of = [](float large, float small) {
    run_tp(
        1,
        [&](RankContext& ctx) {
          Tensor a(ctx.device, {1, 2}), b(ctx.device, {1, 2}), c(ctx.device, {1, 1});
          ctx.math.upload(a, std::vector<float>{large, small}, ctx.compute);
          ctx.math.fill(b, 1, ctx.compute);
          ctx.math.gemm(c, a, Transpose::no, b, Transpose::yes, {}, ctx.compute);
          return RankResult{};
        },
        [] { return std::make_unique<RoundingKernels>(); });
  };
  CHECK_NOTHROW(product_of(0x1p19f, 0.0625f));  // 2^23 sixteenths and one
  CHECK_THROWS_AS(product_of(0x1p20f, 0.0625f), Error);
}

}  // namespace shardpipe
