// Modelled seconds of every algorithm against closed forms. run_modelled checks each run for races
// and deadlocks. Letters as in all_reduce.h; alpha, beta: latency and seconds a byte of a link.
#include <bit>
#include <cmath>

#include "core/collectives/choose.h"
#include "core/cost/roofline.h"
#include "tests/collectives/ways.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

using enum AllReduceAlgorithm;

// A machine on which only messages take time.
Hardware wires(int nodes, int ranks_per_node) {
  Hardware h;
  h.nodes = nodes;
  h.ranks_per_node = ranks_per_node;
  h.memory_bytes_per_s = h.f32.peak_flops_per_s = h.bf16.peak_flops_per_s = 1e30;
  h.inside.latency_s = 4e-6;
  h.inside.bytes_per_s = 100e9;
  h.between.latency_s = 30e-6;
  h.between.bytes_per_s = 20e9;
  return h;
}

double modelled_s(const Hardware& hardware, int n, const RankProgram& program) {
  const RunReport report = run_modelled({.grid = {.tp = n}}, RooflineModel(hardware), program);
  return 1e-9 * static_cast<double>(report.trace.wall_ns);
}

double all_reduce_s(const Hardware& hardware, int n, AllReduceAlgorithm algorithm, Index elements) {
  return modelled_s(hardware, n, [&](RankContext& ctx) {
    const Tensor x(ctx.device, {elements});
    std::unique_ptr<HierarchicalAllReduce> groups;
    if (algorithm == hierarchical)
      groups = std::make_unique<HierarchicalAllReduce>(collective_of(ctx), hardware.ranks_per_node);
    ctx.math.fill(x, 0, ctx.compute);
    ctx.begin_window();
    if (groups)
      groups->all_reduce(x, ReduceOp::sum);
    else
      all_reduce(x, ReduceOp::sum, algorithm, collective_of(ctx));
    ctx.end_window();
  });
}

int ceil_lg(int n) { return std::bit_width(static_cast<unsigned>(n - 1)); }
int floor_lg(int n) { return std::bit_width(static_cast<unsigned>(n)) - 1; }

// Steps and bytes on the longest path, as the header states them.
Traffic longest_path(AllReduceAlgorithm algorithm, int n, double S) {
  const int lg = floor_lg(n), p = 1 << lg, folded = n > p ? 2 : 0;
  const double part = S / n;
  switch (algorithm) {
    case naive: return {n, 2 * (n - 1) * S};
    case ring: return {2 * (n - 1), 2 * (n - 1) * part};
    case recursive_doubling: return {lg + folded, (lg + folded) * S};
    case halving_doubling: return {2 * lg + folded, 2.0 * (p - 1) / p * S + folded * S};
    case binomial_tree: return {2 * ceil_lg(n), 2 * ceil_lg(n) * S};
    case one_shot: return {1, (n - 1) * S};
    case two_shot: return {2, 2 * (n - 1) * part};
    default: return {};
  }
}

}  // namespace

TEST_CASE("on one node every algorithm takes steps alpha + bytes beta") {
  for (const int n : {2, 3, 4, 5, 6, 7, 8})
    for (const Index elements : {840, 840 * 1000}) {  // 840 is a multiple of 1..8
      const Hardware hardware = wires(1, 8);
      for (const AllReduceAlgorithm a : flat_all_reduce_algorithms()) {
        if (a == two_tree) continue;
        const Traffic path = longest_path(a, n, 4.0 * static_cast<double>(elements));
        const double want_s = path.steps * 4e-6 + path.bytes / 100e9;
        INFO(name_of(a) << ", " << n << " ranks, " << elements << " elements");
        CHECK(all_reduce_s(hardware, n, a, elements) ==
              Approx(want_s).epsilon(0).margin(1e-9 * (path.steps + 1)));  // whole nanoseconds
      }
    }
}

TEST_CASE("two_tree in k chunks takes at most 2 (k-1 + lg p) (alpha + S/k beta)") {
  for (const int n : {3, 4, 5, 6, 7, 8, 13, 16})
    for (const int chunks : {1, 4, 16}) {
      const double S = 4.0 * 1024 * 1024;
      const double s = modelled_s(wires(1, 16), n, [&](RankContext& ctx) {
        const Tensor x(ctx.device, {1024 * 1024});
        ctx.math.fill(x, 0, ctx.compute);
        ctx.begin_window();
        all_reduce_two_tree(x, ReduceOp::sum, chunks, collective_of(ctx));
        ctx.end_window();
      });
      const double bound = 2 * (chunks - 1 + floor_lg(n)) * (4e-6 + S / chunks / 100e9);
      INFO(n << " ranks, " << chunks << " chunks: " << s << " of " << bound << " s");
      CHECK(s <= bound * (1 + 1e-3));
      CHECK(s >= bound * 0.6);
    }
}

TEST_CASE("chunks let both trees fill the links: 2 S beta, where one chunk takes 2 lg p times S") {
  const Index elements = 16 * 1024 * 1024;
  const double S_beta = 4.0 * static_cast<double>(elements) / 100e9;
  const auto seconds = [&](int chunks) {
    return modelled_s(wires(1, 8), 8, [&](RankContext& ctx) {
      const Tensor x(ctx.device, {elements});
      ctx.math.fill(x, 0, ctx.compute);
      ctx.begin_window();
      all_reduce_two_tree(x, ReduceOp::sum, chunks, collective_of(ctx));
      ctx.end_window();
    });
  };
  CHECK(seconds(1) > 4 * S_beta);
  CHECK(seconds(32) < 2.6 * S_beta);
}

TEST_CASE("hierarchical: rings inside, one ring between, each over its own link") {
  const int g = 4, m = 3, n = g * m;
  const Index elements = 12 * 1000;
  const double S = 4.0 * elements;
  const double inside_s = 2 * (g - 1) * (4e-6 + S / g / 100e9);
  const double between_s = 2 * (m - 1) * (30e-6 + S / g / m / 20e9);
  CHECK(all_reduce_s(wires(m, g), n, hierarchical, elements) ==
        Approx(inside_s + between_s).epsilon(0).margin(2e-8));
  // A flat ring crosses nodes in every step.
  CHECK(all_reduce_s(wires(m, g), n, ring, elements) ==
        Approx(2 * (n - 1) * (30e-6 + S / n / 20e9)).epsilon(0).margin(3e-8));
}

TEST_CASE("all_gather and reduce_scatter take their steps and bytes") {
  for (const int n : {2, 3, 5, 8})
    for (const GatherAlgorithm a : gather_algorithms()) {
      const Index part = 1000;
      const int steps = a == GatherAlgorithm::ring    ? n - 1
                        : a == GatherAlgorithm::bruck ? ceil_lg(n)
                                                      : 1;
      const double want_s = steps * 4e-6 + 4.0 * part * (n - 1) / 100e9;
      for (const bool gathers : {true, false}) {
        const double s = modelled_s(wires(1, 8), n, [&](RankContext& ctx) {
          const Tensor full(ctx.device, {n * part}), own(ctx.device, {part});
          ctx.math.fill(full, 0, ctx.compute);
          ctx.math.fill(own, 0, ctx.compute);
          ctx.begin_window();
          if (gathers)
            all_gather(full, own, a, collective_of(ctx));
          else
            reduce_scatter(own, full, ReduceOp::sum, a, collective_of(ctx));
          ctx.end_window();
        });
        INFO(name_of(a) << ", " << n << " ranks");
        CHECK(s == Approx(want_s).epsilon(0).margin(1e-9 * (steps + 1)));
      }
    }
}

TEST_CASE("predicted_s is the modelled time, additions and launches included") {
  for (const std::string name : {"8xH100", "8xA100", "laptop"}) {
    const Hardware hardware = load_hardware(name);
    for (const int n : {2, 3, 4, 6, 8})
      for (const Index elements : {840, 840 * 100, 840 * 10000})
        for (const AllReduceAlgorithm a : flat_all_reduce_algorithms()) {
          const double predicted =
              predicted_s(a, hardware, {n, 1, n}, 4.0 * static_cast<double>(elements), DType::f32);
          const double s = all_reduce_s(hardware, n, a, elements);
          INFO(name << ", " << name_of(a) << ", " << n << " ranks, " << elements
                    << " elements: " << s << " s, predicted " << predicted);
          CHECK(predicted >= s * 0.999);
          CHECK(predicted <= s * (a == two_tree ? 1.5 : 1.001));
        }
  }
}

}  // namespace shardpipe
