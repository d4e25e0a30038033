// tp-linear: one linear layer, split by its outputs or by its inputs.
// Integer-valued data: every sum is exact, so the comparison with one rank is bitwise.
#include "core/tensor_parallel/linear.h"
#include "core/tensor_parallel/regions.h"
#include "labs/harness.h"

namespace shardpipe {
namespace {

std::string toggle_or(const LabOptions& o, const std::string& name, bool by_technique) {
  const std::string& value = o.toggle(name);
  return value == "auto" ? (by_technique ? "on" : "off") : value;
}

LabProgram make_program(RankContext& ctx, const LabOptions& o, const LabShape& s, DType dtype) {
  const bool column = o.toggle("split") == "column";
  const bool gather = toggle_or(o, "gather-output", !o.paired()) == "on";
  const bool parallel_input = toggle_or(o, "input-is-parallel", o.paired()) == "on";
  std::shared_ptr<Layer> layer;
  if (column)
    layer = std::make_shared<ColumnParallelLinear>(
        ctx, std::vector<OutputPart>{{.name = "linear", .outputs = s.ffn}}, s.hidden,
        ColumnOptions{.gather_output = gather, .dtype = dtype});
  else
    layer = std::make_shared<RowParallelLinear>(
        ctx, "linear", s.hidden, s.ffn,
        RowOptions{.input_is_parallel = parallel_input, .dtype = dtype});
  const Fill fill = integer_fill(o.seed);
  for (Parameter* p : layer->parameters()) fill_parameter(ctx, *p, fill);

  const bool shard_x = !column && parallel_input, shard_y = column && !gather;
  Tensor x = make_input(ctx, "x", s.tokens(), s.hidden, dtype, fill);  // [T,D]
  Tensor dy = make_input(ctx, "dy", s.tokens(), s.ffn, dtype, fill);   // [T,F]
  if (shard_x) x = own_columns(x, ctx);
  if (shard_y) dy = own_columns(dy, ctx);
  auto last = std::make_shared<std::pair<Tensor, Tensor>>();  // y, dx of the last step
  return {.step =
              [=, &ctx](int) {
                {
                  const Scope mark = ctx.scope({.phase = Phase::forward});
                  last->first = layer->forward(x, 0, ctx);
                }
                const Scope mark = ctx.scope({.phase = Phase::backward});
                last->second = layer->backward(dy, 0, ctx);
              },
          .numbers =
              [=, &ctx] {
                HostTensors all = gather_gradients(ctx, layer->parameters());
                const Tensor y = shard_y ? gather_columns(last->first, ctx) : last->first;
                const Tensor dx = shard_x ? gather_columns(last->second, ctx) : last->second;
                all["y"] = {y.shape(), ctx.math.to_host(y, ctx.compute)};
                all["dx"] = {dx.shape(), ctx.math.to_host(dx, ctx.compute)};
                return all;
              }};
}

LabResult run(const LabOptions& o) {
  const LabShape shape = complete(
      o.shape, {.hidden = 512, .ffn = 2048, .heads = 8, .kv_heads = 8, .seq = 256, .batch = 2},
      {.hidden = 8192, .ffn = 28672, .heads = 64, .kv_heads = 8, .seq = 4096, .batch = 1}, o);
  const DType dtype = dtype_on(o.device);
  return run_lab("tp-linear", o,
                 {.shape = shape,
                  .dtype = dtype,
                  .steps = o.steps.value_or(3),
                  .make = [=](RankContext& ctx) { return make_program(ctx, o, shape, dtype); },
                  .bound = [](double) { return 0.0; }});
}

}  // namespace

Lab tp_linear_lab() {
  return {.name = "tp-linear",
          .day = 2,
          .summary = "one linear layer [T,D] x [D,F] split by outputs (column) or inputs (row)",
          .toggles = {{"split", {"column", "row"}, "column", "how the weight is split"},
                      {"gather-output",
                       {"auto", "on", "off"},
                       "auto",
                       "column: full y on every rank (auto: on if naive)"},
                      {"input-is-parallel",
                       {"auto", "on", "off"},
                       "auto",
                       "row: x comes split already (auto: on if paired)"}},
          .run = run};
}

}  // namespace shardpipe
