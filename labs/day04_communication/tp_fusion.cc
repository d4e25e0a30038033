// tp-fusion: the same block in fewer operations, and many sums in fewer launches.
#include "core/collectives/many.h"
#include "labs/day04_communication/answered_sums.h"
#include "labs/day04_communication/block_styles.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

constexpr int kTensors = 64, kRepetitions = 4;

BlockStyle style_of(const std::string& technique) {
  if (technique == "naive") return {};
  return {.fused = technique == "fused" ? FusedSum::all_reduce : FusedSum::one_shot};
}

std::string step_of(const LabResult& r) {
  return human_time(static_cast<double>(r.report.trace.wall_ns) * 1e-9 / r.steps);
}

// Forward and backward of one sequence, from the few tokens of generation to those of training.
LabTable by_tokens(const LabOptions& o) {
  LabTable table = {.title = text("a step by its tokens, ", clock_of_sweep(o), ", tp=", o.grid.tp),
                    .columns = {"tokens", "naive", "fused", "one-shot"}};
  const std::vector<Index> tokens = o.device == "modelled" ? std::vector<Index>{8, 64, 512, 4096}
                                                           : std::vector<Index>{8, 64, 256};
  for (const Index T : tokens) {
    LabOptions one = for_sweep(o);
    one.shape.seq = T;
    one.shape.batch = 1;
    std::vector<std::string> row = {text(T)};
    for (const char* technique : {"naive", "fused", "one-shot"})
      row.push_back(step_of(run_block("tp-fusion", style_of(technique), one)));
    table.rows.push_back(row);
  }
  return table;
}

// Seconds that `sum` takes for kTensors tensors of so many bytes.
double many_sums_s(const LabOptions& o, DType dtype, Index bytes, const SumMany& sum) {
  const RunReport report = run_on(o, [&](RankContext& ctx) {
    std::vector<Tensor> all;
    for (int i = 0; i < kTensors; ++i) {
      all.emplace_back(ctx.device, Shape{bytes / size_of(dtype)}, dtype);
      ctx.math.fill(all.back(), 0, ctx.compute);
    }
    const CollectiveContext on{ctx.tp, ctx.math, ctx.device, ctx.compute};
    sum(all, on);
    ctx.begin_window();
    for (int i = 0; i < kRepetitions; ++i) sum(all, on);
    ctx.end_window();
  });
  return static_cast<double>(report.trace.wall_ns) * 1e-9 / kRepetitions;
}

LabTable by_bytes(const LabOptions& o) {
  LabTable table = {.title = text("sums of ", kTensors, " tensors by the size of one, ",
                                  clock_of_sweep(o), ", tp=", o.grid.tp),
                    .columns = {"a tensor"}};
  for (const ManySums how : all_many_sums()) table.columns.push_back(name_of(how));
  if (!o.answer.empty()) table.columns.push_back("mine");
  const Index largest = o.device == "modelled" ? Index{256} << 20 : Index{1} << 20;
  for (Index bytes = 4096; bytes <= largest; bytes *= 16) {
    std::vector<std::string> row = {human_bytes(static_cast<double>(bytes))};
    for (const ManySums how : all_many_sums())
      row.push_back(
          human_time(many_sums_s(o, dtype_on(o.device), bytes,
                                 [=](const std::vector<Tensor>& all, const CollectiveContext& on) {
                                   all_reduce_many(all, how, on);
                                 })));
    if (!o.answer.empty())
      row.push_back(human_time(many_sums_s(o, DType::f32, bytes, answered_sums(o))));
    table.rows.push_back(row);
  }
  return table;
}

LabResult run(const LabOptions& o) {
  if (!o.answer.empty()) {
    LabResult sums = run_answered_sums("tp-fusion", o);
    sums.tables.push_back(by_bytes(o));
    return sums;
  }
  LabResult result = run_block("tp-fusion", style_of(o.technique), o);
  result.tables.push_back(by_tokens(o));
  result.tables.push_back(by_bytes(o));
  return result;
}

}  // namespace

Lab tp_fusion_lab() {
  return {
      .name = "tp-fusion",
      .day = 4,
      .summary = "bias, residual and norm in one pass; GELU with its product; sums in one launch",
      .toggles = {family_toggle(Family::llama), forward_only_toggle()},
      .techniques = {"naive", "fused", "one-shot"},
      .technique = "fused",
      .example = "--technique one-shot --tp 8 --seq 8 --device modelled",
      .run = run};
}

}  // namespace shardpipe
