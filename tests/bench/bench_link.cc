// How much of its communication a row-parallel linear hides when it sums in pieces: on links as
// slow as its product is long, and on none. y [2048,2048] f32 of two ranks: 16 MiB, in 4 pieces of
// 4 MiB.
//   ./build/bench_link                                          threads
//   mpirun -n 2 --bind-to none ./build/bench_link               processes
// hidden = (in one piece - in pieces) / (in one piece - the product alone). On the links a message
// waits and uses no core; without them a sum is work for the cores that multiply, so there is
// little that could pass at the same time. Runs alternate, so that a machine whose speed drifts
// treats all alike.
#include <cstdio>
#include <functional>
#include <vector>

#include "core/cost/roofline.h"
#include "core/launch/launch.h"
#include "core/launch/processes.h"
#include "core/tensor_parallel/overlapped_linear.h"
#include "tests/bench/spread.h"

namespace shardpipe {
namespace {

constexpr Index T = 2048, D = 2048, F = 2048;
constexpr int kRanks = 2, kPieces = 4, kSteps = 3, kRounds = 7;
constexpr double kBytes = 4.0 * T * F;

using Step = std::function<void(RankContext&)>;
using MakeStep = std::function<Step(RankContext&)>;

// Both ranks alone on their cores; the same on all processes.
double step_s(const CostModel* links, const MakeStep& make) {
  const RunOptions options{.grid = {.tp = kRanks}, .record_trace = false, .links = links};
  const RankProgram program = [&](RankContext& ctx) {
    const Step step = make(ctx);
    step(ctx);
    ctx.begin_window();
    for (int i = 0; i < kSteps; ++i) step(ctx);
    ctx.end_window();
  };
  const RunReport report =
      started_processes().several() ? run_on_mpi(options, program) : run_on_cpu(options, program);
  return static_cast<double>(report.trace.wall_ns) * 1e-9 / kSteps;
}

Tensor filled(RankContext& ctx, Shape shape) {
  Tensor x(ctx.device, shape);
  ctx.math.fill(x, 0.5f, ctx.compute);
  return x;
}

Step product_alone(RankContext& ctx) {
  const Tensor x = filled(ctx, {T, D / kRanks}), w = filled(ctx, {F, D / kRanks}),
               y = filled(ctx, {T, F});
  return
      [=](RankContext& c) { c.math.gemm(y, x, Transpose::no, w, Transpose::yes, {}, c.compute); };
}

Step linear(RankContext& ctx, int pieces) {
  auto layer =
      std::make_shared<OverlappedRowLinear>(ctx, "row", D, F, RowOptions{.bias = false}, pieces);
  for (Parameter* p : layer->parameters()) ctx.math.fill(p->value, 0.5f, ctx.compute);
  const Tensor x = filled(ctx, {T, D / kRanks});
  return [=](RankContext& c) { layer->forward(x, 0, c); };
}

Step in_one_piece(RankContext& ctx) { return linear(ctx, 1); }
Step in_pieces(RankContext& ctx) { return linear(ctx, kPieces); }

// A ring on which the whole of y takes as long as the product.
Hardware links_as_slow_as(double product_s) {
  const double rate = 2.0 * (kRanks - 1) / kRanks * kBytes / product_s;
  const Method ring{.algorithm = Algorithm::ring, .step_s = 20e-6, .bytes_per_s = rate};
  Hardware hardware;
  hardware.ranks_per_node = kRanks;
  hardware.inside.latency_s = ring.step_s;
  hardware.inside.bytes_per_s = rate;
  hardware.inside.methods = {ring};
  return hardware;
}

struct Times {
  std::vector<double> product, one, pieces, hidden;
  void measure(const CostModel* links) {
    product.push_back(step_s(links, product_alone));
    one.push_back(step_s(links, in_one_piece));
    pieces.push_back(step_s(links, in_pieces));
    hidden.push_back((one.back() - pieces.back()) / (one.back() - product.back()));
  }
  void print(const char* name) const {
    const Spread h = spread(hidden);
    std::printf("%-12s %9.1f ms %9.1f ms %9.1f ms %9.0f %%   (%.0f .. %.0f)\n", name,
                spread(product).median * 1e3, spread(one).median * 1e3, spread(pieces).median * 1e3,
                100 * h.median, 100 * h.low, 100 * h.high);
  }
};

}  // namespace
}  // namespace shardpipe

int main() {
  using namespace shardpipe;
  const RooflineModel slow(links_as_slow_as(step_s(nullptr, product_alone)));
  Times throttled, as_is;
  for (int round = 0; round < kRounds; ++round) {
    throttled.measure(&slow);
    as_is.measure(nullptr);
  }
  if (!started_processes().first()) return 0;
  std::printf("2 %s, y of %.0f MiB in %d pieces; %d rounds of %d steps; link %.0f MB/s\n",
              started_processes().several() ? "processes" : "threads", kBytes / (1 << 20), kPieces,
              kRounds, kSteps, slow.hardware().inside.bytes_per_s * 1e-6);
  std::printf("%-12s %12s %12s %12s %11s\n", "links", "product", "one piece", "in pieces",
              "hidden");
  throttled.print("throttled");
  as_is.print("as they are");
}
