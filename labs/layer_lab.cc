#include "labs/layer_lab.h"

#include <algorithm>
#include <cmath>

#include "core/tensor_parallel/regions.h"
#include "labs/model_flags.h"

namespace shardpipe {
namespace {

// This rank's T/t rows of x [T,D], in memory of their own.
Tensor own_tokens(Tensor x, RankContext& ctx) {
  const Index rows = share_of(x.size(0), "tokens", ctx);
  Tensor part(ctx.device, {rows, x.size(1)}, x.dtype());
  ctx.math.copy(part, x.slice(ctx.tp.rank() * rows, rows), ctx.compute);
  return part;
}

LabProgram make_program(RankContext& ctx, const LayerLab& lab, const LabOptions& o,
                        const LabShape& s, DType dtype) {
  std::shared_ptr<Layer> layer = lab.make(ctx, s, dtype);
  // Uniform weights of variance 1/D keep activations of order one.
  const Fill fill = uniform_fill(o.seed, std::sqrt(3.0 / static_cast<double>(s.hidden)));
  for (Parameter* p : layer->parameters()) fill_parameter(ctx, *p, fill);
  const Fill data = uniform_fill(o.seed, 1);
  const Shape whole = {s.tokens(), s.hidden};
  const auto input = [&](const char* name) {
    Tensor x_whole = make_input(ctx, name, whole[0], whole[1], dtype, data);  // [T,D]
    return lab.splits_tokens ? own_tokens(x_whole, ctx) : x_whole;
  };
  const Tensor x = input("x"), dy = input("dy");
  const bool split = lab.splits_tokens, forward_only = is_forward_only(o);
  auto last = std::make_shared<std::pair<Tensor, Tensor>>();  // y, dx of the last step
  return {.step =
              [=, &ctx](int) {
                *last = {};
                if (!forward_only)
                  for (Parameter* p : layer->parameters()) ctx.math.fill(p->grad, 0, ctx.compute);
                {
                  const Scope mark = ctx.scope({.phase = Phase::forward});
                  last->first = layer->forward(x, 0, ctx);
                }
                if (forward_only) return layer->drop(0);
                const Scope mark = ctx.scope({.phase = Phase::backward});
                last->second = layer->backward(dy, 0, ctx);
                layer->reduce_replicated_gradients(ctx);
              },
          .numbers =
              [=, &ctx] {
                std::vector<RankPart> all;
                if (!forward_only) all = parts_of_gradients(ctx, layer->parameters());
                const auto add = [&](const char* name, Tensor t) {
                  all.push_back(whole_part(name, split ? gather_rows(t, ctx) : t, ctx));
                };
                add("y", last->first);
                if (!forward_only) add("dx", last->second);
                return all;
              },
          .parameters = [=] { return layer->parameters(); }};
}

// Every rank makes whole inputs, and gives y, dx and all gradients whole.
LabNeed need_of(const LayerLab& lab, const LabShape& s, int tp) {
  const double x = 4.0 * static_cast<double>(s.tokens() * s.hidden);
  LabNeed need{.run = layer_bound(lab.part, lab.config(s), s.tokens(), tp),
               .batches = 4 * x,
               .weight_flags = "--hidden or --ffn",
               .tensor_flags = "--batch, --seq, --hidden or --ffn"};
  need.numbers = need.run.whole_weights + 2 * x;
  return need;
}

}  // namespace

Toggle forward_only_toggle() {
  return {"forward-only", {"on", "off"}, "off", "forward alone, as in inference: y is compared"};
}

bool is_forward_only(const LabOptions& o) { return value_of(o, forward_only_toggle()) == "on"; }

LabResult run_layer_lab(const LayerLab& lab, const LabOptions& o) {
  const LabShape shape = complete(
      o.shape, {.hidden = 256, .ffn = 1024, .heads = 8, .kv_heads = 8, .seq = 128, .batch = 2},
      {.hidden = 8192,
       .ffn = 28672,
       .heads = 64,
       .kv_heads = lab.groups_heads ? 8 : 64,
       .seq = 4096,
       .batch = 1},
      o, lab.part != LayerPart::mlp);
  const DType dtype = dtype_on(o.device);
  LayerLab once = lab;
  if (lab.make_once) once.make = lab.make_once;
  return run_lab(
      lab.name, o,
      {.shape = shape,
       .dtype = dtype,
       .steps = steps_of(o),
       .make = [=](RankContext& ctx) { return make_program(ctx, lab, o, shape, dtype); },
       .longest_sum = std::max({shape.hidden, shape.ffn, shape.tokens()}),
       .make_once = [=](RankContext& ctx) { return make_program(ctx, once, o, shape, dtype); },
       .need = [=](GridShape grid) { return need_of(lab, shape, grid.tp); }});
}

}  // namespace shardpipe
