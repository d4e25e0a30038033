#include "labs/bench/collectives.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
#include <mutex>

#include "core/collectives/hierarchical.h"
#include "core/collectives/traffic.h"
#include "core/cost/roofline.h"
#include "core/launch/launch.h"
#include "labs/limits.h"

namespace shardpipe {
namespace {

constexpr int kBatches = 5, kMostCpuRanks = 64;
constexpr double kMostCpuBytes = 8e9;

using Call = std::function<void()>;

Call all_reduce_call(RankContext& ctx, const CollectiveContext& on, const std::string& name,
                     const Tensor& x, int ranks_per_node) {
  if (name == "native") return [&ctx, x] { ctx.tp.all_reduce(x, ctx.compute); };
  const AllReduceAlgorithm algorithm = parse_all_reduce_algorithm(name);
  if (algorithm == AllReduceAlgorithm::hierarchical) {
    auto groups = std::make_shared<HierarchicalAllReduce>(on, ranks_per_node);
    return [groups, x] { groups->all_reduce(x, ReduceOp::sum); };
  }
  return [on, x, algorithm] { all_reduce(x, ReduceOp::sum, algorithm, on); };
}

Call gather_call(RankContext& ctx, const CollectiveContext& on, OpKind kind,
                 const std::string& name, const Tensor& full) {
  const bool gathers = kind == OpKind::all_gather;
  Tensor part(ctx.device, {full.elements() / on.size()});
  ctx.math.fill(part, 0, ctx.compute);
  if (name == "native" && gathers)
    return [&ctx, full, part] { ctx.tp.all_gather(full, part, ctx.compute); };
  if (name == "native")
    return [&ctx, full, part] { ctx.tp.reduce_scatter(part, full, ctx.compute); };
  const GatherAlgorithm algorithm = parse_gather_algorithm(name);
  if (gathers) return [on, full, part, algorithm] { all_gather(full, part, algorithm, on); };
  return [on, full, part, algorithm] { reduce_scatter(part, full, ReduceOp::sum, algorithm, on); };
}

Call prepare(RankContext& ctx, const CollectiveBench& bench, const std::string& name,
             Index elements, int ranks_per_node) {
  const CollectiveContext on{ctx.tp, ctx.math, ctx.device, ctx.compute};
  Tensor full(ctx.device, {elements});
  ctx.math.fill(full, 0, ctx.compute);
  if (bench.kind == OpKind::all_reduce) return all_reduce_call(ctx, on, name, full, ranks_per_node);
  return gather_call(ctx, on, bench.kind, name, full);
}

double measured_s(const CollectiveBench& bench, const std::string& name, Index elements) {
  std::vector<double> batches(kBatches, 0);  // slowest rank
  std::mutex mutex;
  const int calls = calls_for(4 * elements);
  run_on_cpu({.grid = {.tp = bench.ranks}, .record_trace = false}, [&](RankContext& ctx) {
    const Call call = prepare(ctx, bench, name, elements, bench.ranks);
    call();  // memory is touched for the first time
    for (double& slowest : batches) {
      ctx.tp.barrier(ctx.compute);
      ctx.compute.synchronize();
      const auto begin = std::chrono::steady_clock::now();
      for (int i = 0; i < calls; ++i) call();
      ctx.compute.synchronize();
      const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
      std::lock_guard lock(mutex);
      slowest = std::max(slowest, time.count() / calls);
    }
  });
  std::sort(batches.begin(), batches.end());
  return batches[kBatches / 2];
}

double modelled_s(const CollectiveBench& bench, const Hardware& hardware, const std::string& name,
                  Index elements) {
  const auto program = [&](RankContext& ctx) {
    const Call call = prepare(ctx, bench, name, elements, hardware.ranks_per_node);
    ctx.begin_window();
    call();
    ctx.end_window();
  };
  const RunReport report = run_modelled({.grid = {.tp = bench.ranks}, .record_trace = false},
                                        RooflineModel(hardware), program);
  return 1e-9 * static_cast<double>(report.trace.wall_ns);
}

std::vector<std::string> names_for(const CollectiveBench& bench, const Hardware* hardware) {
  std::vector<std::string> names = {"native"};
  if (bench.kind != OpKind::all_reduce) {
    for (const GatherAlgorithm a : gather_algorithms()) names.emplace_back(name_of(a));
    return names;
  }
  for (const AllReduceAlgorithm a : flat_all_reduce_algorithms()) names.emplace_back(name_of(a));
  const int g = hardware == nullptr ? bench.ranks : hardware->ranks_per_node;
  if (bench.ranks > g && bench.ranks % g == 0)
    names.emplace_back(name_of(AllReduceAlgorithm::hierarchical));
  return names;
}

void fit(AlgorithmTimes& times) {
  times.fit = fit_alpha_beta(times.points);
  for (const TimedSize& p : times.points) {
    const double line_s = times.fit.latency_s + p.bytes / times.fit.bytes_per_s;
    times.worst_error = std::max(times.worst_error, std::abs(line_s / p.seconds - 1));
  }
}

// n ranks hold n tensors each.
double bytes_of_one_shot(const CollectiveBench& bench) {
  return static_cast<double>(bench.max_bytes) * bench.ranks * bench.ranks;
}

void refuse_what_does_not_fit(const CollectiveBench& bench) {
  const LabNeed need{.run = {.activations = bytes_of_one_shot(bench),
                             .operations = 8.0 * bench.ranks * bench.ranks},
                     .tensor_flags = "--ranks or --max-bytes",
                     .record_flags = "--ranks"};
  refuse_beyond(Supply(), bill_of({.device = bench.device, .grid = {.tp = bench.ranks}},
                                  /*steps=*/1, need, nullptr));
}

}  // namespace

int calls_for(std::int64_t bytes) { return bytes <= 1 << 16 ? 40 : bytes <= 1 << 20 ? 8 : 2; }

std::string CollectiveSweep::clock() const {
  return bench.is_modelled() ? "modelled on " + bench.hardware : "measured here";
}

double CollectiveSweep::bus_factor() const {
  const double n = bench.ranks;
  return (bench.kind == OpKind::all_reduce ? 2 : 1) * (n - 1) / n;
}

void check_bench(const CollectiveBench& bench) {
  if (bench.ranks < 2) usage_error(text("--ranks ", bench.ranks, " must be at least 2"));
  if (bench.max_bytes < 4 * kLeastBytes || bench.max_bytes > kMostBytes)
    usage_error(
        text("--max-bytes ", bench.max_bytes, " must be in ", 4 * kLeastBytes, "..", kMostBytes));
  if (bench.max_bytes / 16 < bench.ranks)  // a line needs two sizes with an element for every rank
    usage_error(
        text("--max-bytes ", bench.max_bytes, " must be at least 16 times --ranks ", bench.ranks));
  if (bench.is_modelled()) {
    check_ranks(load_hardware(bench.hardware), bench.ranks);
    return refuse_what_does_not_fit(bench);
  }
  if (bench.ranks > kMostCpuRanks)
    usage_error(text("--device cpu runs up to ", kMostCpuRanks, " ranks, not ", bench.ranks));
  const double most = bytes_of_one_shot(bench);
  if (most > kMostCpuBytes)
    usage_error(text("--ranks ", bench.ranks, " --max-bytes ", bench.max_bytes, ": one_shot holds ",
                     most, " bytes on one machine; at most ", kMostCpuBytes));
  refuse_what_does_not_fit(bench);
}

CollectiveSweep run_bench(const CollectiveBench& bench) {
  check_bench(bench);
  CollectiveSweep sweep{.bench = bench};
  Hardware hardware;
  if (bench.is_modelled()) hardware = load_hardware(bench.hardware);
  for (const std::string& name : names_for(bench, bench.is_modelled() ? &hardware : nullptr)) {
    AlgorithmTimes times{.name = name};
    for (std::int64_t bytes = kLeastBytes; bytes <= bench.max_bytes; bytes *= 4) {
      const Index elements = bytes / 4 / bench.ranks * bench.ranks;
      if (elements == 0) continue;  // fewer elements than ranks
      times.points.push_back({4.0 * static_cast<double>(elements),
                              bench.is_modelled() ? modelled_s(bench, hardware, name, elements)
                                                  : measured_s(bench, name, elements)});
    }
    fit(times);
    sweep.algorithms.push_back(std::move(times));
  }
  return sweep;
}

}  // namespace shardpipe
