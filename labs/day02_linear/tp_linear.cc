// tp-linear: one linear layer, split by its outputs or by its inputs.
// Integer-valued data: every sum is exact, so the comparison with one rank is bitwise.
#include "core/tensor_parallel/linear.h"

#include <algorithm>

#include "core/tensor_parallel/regions.h"
#include "labs/day02_linear/answered_linear.h"
#include "labs/layer_lab.h"

namespace shardpipe {
namespace {

// Which layer it is.
struct LinearForm {
  bool column = true;
  bool whole = false;  // column: y is gathered; row: x is whole, and each rank takes its part
};

// An answer of the learner is a layer of one form; flags that ask for another are refused.
void check_form(const LabOptions& o, LinearForm form) {
  const auto refuse = [&](const std::string& wants) {
    usage_error(text("--technique mine:", o.answer, " is a layer for ", wants));
  };
  if (o.answer == "day02_column_forward" && !(form.column && !form.whole))
    refuse("--split column --gather-output off");
  if (o.answer == "day02_row_forward" && (form.column || form.whole))
    refuse("--split row --input-is-parallel on");
  if (o.answer == "day02_edges" && !form.whole)
    refuse("--split column --gather-output on, or --split row --input-is-parallel off");
}

LinearForm form_of(const LabOptions& o) {
  const bool column = o.toggle("split") == "column";
  const std::string& value = o.toggle(column ? "gather-output" : "input-is-parallel");
  const bool by_technique =
      o.answer.empty() ? !o.paired() : o.answer == "day02_edges";  // where the flag says nothing
  const LinearForm form{.column = column,
                        .whole = value == "auto" ? by_technique : value == (column ? "on" : "off")};
  check_form(o, form);
  return form;
}

std::unique_ptr<Layer> make_layer(RankContext& ctx, const LabOptions& o, LinearForm form, Index D,
                                  Index F, DType dtype) {
  // On one rank, which the others are compared with, it is the kit's.
  if (!o.answer.empty() && ctx.tp.size() > 1) {
    if (form.column) return (form.whole ? answered_gathered : answered_column)(ctx, D, F, dtype);
    return (form.whole ? answered_split : answered_row)(ctx, D, F, dtype);
  }
  if (form.column)
    return std::make_unique<ColumnParallelLinear>(
        ctx, std::vector<OutputPart>{{.name = "linear", .outputs = F}}, D,
        ColumnOptions{.gather_output = form.whole, .dtype = dtype});
  return std::make_unique<RowParallelLinear>(
      ctx, "linear", D, F, RowOptions{.input_is_parallel = !form.whole, .dtype = dtype});
}

LabProgram make_program(RankContext& ctx, const LabOptions& o, const LabShape& s, DType dtype) {
  const LinearForm form = form_of(o);
  const std::shared_ptr<Layer> layer = make_layer(ctx, o, form, s.hidden, s.ffn, dtype);
  const Fill fill = integer_fill(o.seed);
  for (Parameter* p : layer->parameters()) fill_parameter(ctx, *p, fill);

  const bool shard_x = !form.column && !form.whole, shard_y = form.column && !form.whole;
  Tensor x = make_input(ctx, "x", s.tokens(), s.hidden, dtype, fill);  // [T,D]
  Tensor dy = make_input(ctx, "dy", s.tokens(), s.ffn, dtype, fill);   // [T,F]
  if (shard_x) x = own_columns(x, ctx);
  if (shard_y) dy = own_columns(dy, ctx);
  const bool forward_only = is_forward_only(o);
  auto last = std::make_shared<std::pair<Tensor, Tensor>>();  // y, dx of the last step
  return {.step =
              [=, &ctx](int) {
                {
                  const Scope mark = ctx.scope({.phase = Phase::forward});
                  last->first = layer->forward(x, 0, ctx);
                }
                if (forward_only) return layer->drop(0);
                const Scope mark = ctx.scope({.phase = Phase::backward});
                last->second = layer->backward(dy, 0, ctx);
              },
          .numbers =
              [=, &ctx] {
                std::vector<RankPart> all;
                const Tensor y = shard_y ? gather_columns(last->first, ctx) : last->first;
                if (!forward_only) {
                  all = parts_of_gradients(ctx, layer->parameters());
                  const Tensor dx = shard_x ? gather_columns(last->second, ctx) : last->second;
                  all.push_back(whole_part("dx", dx, ctx));
                }
                all.push_back(whole_part("y", y, ctx));
                return all;
              }};
}

// Every rank makes x and dy whole. Of those that the layer splits it takes its part, and y and dx
// are like them; where the layer gathers, it holds parts and wholes.
LabNeed need_of(const LabShape& s, LinearForm form, DType dtype, int tp) {
  const auto number = [](Index n) { return static_cast<double>(n); };
  const double e = number(size_of(dtype)), weights = number(s.hidden + 1) * number(s.ffn);
  const double x = number(s.tokens()) * number(s.hidden), y = number(s.tokens()) * number(s.ffn);
  const double ends = x + y, whole = form.column ? x : y, split = form.column ? y : x;
  const double held =
      form.whole ? 2 * ends + (2 + 1.0 / tp) * std::max(x, y) : 3 * whole + 3 * split / tp;
  return {.run = {.weights = 2 * e * (weights + number(s.ffn) * (tp - 1)),
                  .activations = tp * e * held,
                  .whole_weights = 4 * weights,
                  .largest_weight = 4 * weights,
                  .operations = 20.0 * tp},
          .numbers = 4 * (weights + ends),
          .batches = 8 * ends,
          .weight_flags = "--hidden or --ffn",
          .tensor_flags = "--batch, --seq, --hidden or --ffn"};
}

LabResult run(const LabOptions& o) {
  form_of(o);  // refuses before any rank has started
  const LabShape shape = complete(
      o.shape, {.hidden = 512, .ffn = 2048, .heads = 8, .kv_heads = 8, .seq = 256, .batch = 2},
      {.hidden = 8192, .ffn = 28672, .heads = 64, .kv_heads = 8, .seq = 4096, .batch = 1}, o,
      /*has_heads=*/false);
  // Answers make their scratch tensors in f32, the default.
  const DType dtype = o.answer.empty() ? dtype_on(o.device) : DType::f32;
  return run_lab(
      "tp-linear", o,
      {.shape = shape,
       .dtype = dtype,
       .steps = steps_of(o),
       .make = [=](RankContext& ctx) { return make_program(ctx, o, shape, dtype); },
       .need = [=](GridShape grid) { return need_of(shape, form_of(o), dtype, grid.tp); }});
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
                       "row: x comes split already (auto: on if paired)"},
                      forward_only_toggle()},
          .run = run};
}

}  // namespace shardpipe
