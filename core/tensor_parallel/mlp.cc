#include "core/tensor_parallel/mlp.h"

namespace shardpipe {
namespace {

constexpr Pairing kPairings[] = {Pairing::col_row, Pairing::col_col, Pairing::row_col,
                                 Pairing::row_row};

std::unique_ptr<Layer> column(RankContext& ctx, const std::string& name, Index D, Index F,
                              bool gather_output, const MlpOptions& o) {
  return make_column(ctx, {{.name = name, .outputs = F}}, D,
                     {.bias = o.bias,
                      .gather_output = gather_output,
                      .sum_input_gradient = o.sums,
                      .dtype = o.dtype},
                     o.twin);
}

std::unique_ptr<Layer> row(RankContext& ctx, const std::string& name, Index D, Index F,
                           bool input_is_parallel, const MlpOptions& o) {
  return make_row(ctx, name, D, F,
                  {.bias = o.bias,
                   .input_is_parallel = input_is_parallel,
                   .sum_output = o.sums,
                   .dtype = o.dtype},
                  o.twin);
}

// After a gather the columns are [gate_0 | up_0 | gate_1 | up_1 | ...]; SiluGate wants [gate | up].
class OrderGateUp : public PureLayer {
 public:
  Tensor forward(Tensor x, int, RankContext& ctx) override { return reorder(x, false, ctx); }
  Tensor backward_input(Tensor dy, int, RankContext& ctx) override {
    return reorder(dy, true, ctx);
  }
  void drop(int) override {}

 private:
  static Tensor reorder(Tensor x, bool back, RankContext& ctx) {
    const int t = ctx.tp.size();
    if (t == 1) return x;
    const Index part = x.size(1) / (2 * t), half = x.size(1) / 2;
    Tensor y(ctx.device, x.shape(), x.dtype());  // [T,2F]
    for (int r = 0; r < t; ++r)
      for (int up = 0; up < 2; ++up) {
        const Index by_rank = (2 * r + up) * part, by_kind = up * half + r * part;
        ctx.math.copy_columns(y, back ? by_rank : by_kind, x, back ? by_kind : by_rank, part,
                              ctx.compute);
      }
    return y;
  }
};

void check_twin(const MlpOptions& o) {
  if (o.pairing != Pairing::col_row && o.twin.style != TpStyle::plain)
    usage_error(text("pairing ", name_of(o.pairing), " has no style ", name_of(o.twin.style),
                     " (allowed: col-row)"));
  if (o.fused_gelu && (o.pairing != Pairing::col_row || o.twin.style != TpStyle::plain))
    usage_error("a fused GELU needs pairing col-row and style plain");
}

}  // namespace

const char* name_of(Pairing pairing) {
  switch (pairing) {
    case Pairing::col_row: return "col-row";
    case Pairing::col_col: return "col-col";
    case Pairing::row_col: return "row-col";
    case Pairing::row_row: return "row-row";
  }
  return "?";
}

Pairing parse_pairing(std::string_view name) {
  for (const Pairing p : kPairings)
    if (name == name_of(p)) return p;
  usage_error(
      text("pairing '", name, "' is unknown (allowed: col-row, col-col, row-col, row-row)"));
}

Tensor Gelu::forward(Tensor x, int microbatch, RankContext& ctx) {
  Tensor y(ctx.device, x.shape(), x.dtype());
  ctx.math.gelu(y, x, kind_, ctx.compute);
  saved_x_[microbatch] = x;
  return y;
}

Tensor Gelu::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  Tensor dx(ctx.device, dy.shape(), dy.dtype());
  ctx.math.gelu_backward(dx, dy, take(saved_x_, microbatch), kind_, ctx.compute);
  return dx;
}

Tensor SiluGate::forward(Tensor gate_up, int microbatch, RankContext& ctx) {
  Tensor y(ctx.device, {gate_up.size(0), gate_up.size(1) / 2}, gate_up.dtype());  // [T,F]
  ctx.math.silu_gate(y, gate_up, ctx.compute);
  saved_[microbatch] = gate_up;
  return y;
}

Tensor SiluGate::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  Tensor gate_up = take(saved_, microbatch);
  Tensor dgate_up(ctx.device, gate_up.shape(), gate_up.dtype());  // [T,2F]
  ctx.math.silu_gate_backward(dgate_up, dy, gate_up, ctx.compute);
  return dgate_up;
}

Mlp::Mlp(RankContext& ctx, const std::string& name, Index D, Index F, MlpOptions o) {
  check_twin(o);
  const bool paired = o.pairing == Pairing::col_row;
  const bool first_is_column = paired || o.pairing == Pairing::col_col;
  const bool second_is_row = paired || o.pairing == Pairing::row_row;
  if (o.fused_gelu) {
    const ColumnOptions up = {.bias = o.bias, .sum_input_gradient = o.sums, .dtype = o.dtype};
    add(std::make_unique<GeluColumnLinear>(
        ctx, std::vector<OutputPart>{{.name = name + ".up", .outputs = F}}, D, up, o.gelu));
  } else {
    add(first_is_column ? column(ctx, name + ".up", D, F, /*gather_output=*/!paired, o)
                        : row(ctx, name + ".up", D, F, /*input_is_parallel=*/false, o));
    add(std::make_unique<Gelu>(o.gelu));
  }
  add(second_is_row ? row(ctx, name + ".down", F, D, /*input_is_parallel=*/paired, o)
                    : column(ctx, name + ".down", F, D, /*gather_output=*/true, o));
}

GatedMlp::GatedMlp(RankContext& ctx, const std::string& name, Index D, Index F, MlpOptions o) {
  check_twin(o);
  const bool paired = o.pairing == Pairing::col_row;
  if (!paired && o.pairing != Pairing::col_col)
    usage_error(
        text("a gated MLP has no pairing ", name_of(o.pairing), " (allowed: col-row, col-col)"));
  add(make_column(
      ctx, {{.name = name + ".gate", .outputs = F}, {.name = name + ".up", .outputs = F}}, D,
      {.bias = o.bias, .gather_output = !paired, .sum_input_gradient = o.sums, .dtype = o.dtype},
      o.twin));
  if (!paired) add(std::make_unique<OrderGateUp>());
  add(std::make_unique<SiluGate>());
  add(paired ? row(ctx, name + ".down", F, D, /*input_is_parallel=*/true, o)
             : column(ctx, name + ".down", F, D, /*gather_output=*/true, o));
}

}  // namespace shardpipe
