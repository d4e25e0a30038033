#include "viz/model/model_costs.h"

#include <numeric>

#include "core/base/error.h"
#include "core/cost/roofline.h"
#include "core/plan/weight_bytes.h"

namespace shardpipe::viz {
namespace {

constexpr double kBytes_per_weight = 16;  // bf16 weight and gradient; f32 copy and two moments

ModelShape llama(const char* name, int layers, Index hidden, Index ffn, Index heads,
                 Index kv_heads) {
  return {.name = name,
          .config = {.family = Family::llama,
                     .layers = layers,
                     .hidden = hidden,
                     .ffn = ffn,
                     .heads = heads,
                     .kv_heads = kv_heads,
                     .vocabulary = 128256,
                     .sequence = 4096,
                     .dtype = DType::bf16}};
}

// Times of one block on one rank, ns.
class BlockTime {
 public:
  BlockTime(const ModelShape& shape, const Hardware& hardware, int tp)
      : c_(shape.config), T_(static_cast<double>(shape.tokens)), t_(tp), model_(hardware) {
    group_ = {.id = 0, .axis = "tp", .ranks = std::vector<int>(static_cast<std::size_t>(tp))};
    std::iota(group_.ranks.begin(), group_.ranks.end(), 0);
  }

  double forward() const { return linears() + 2 * scores() + 2 * sum(); }
  double input_gradient() const { return linears() + 4 * scores() + 2 * sum(); }
  double weight_gradient() const { return linears(); }

 private:
  // qkv, projection, gate and up, down. Each of them costs the same for y, dx and dw.
  double linears() const {
    const double D = static_cast<double>(c_.hidden), F = static_cast<double>(c_.ffn);
    const double C = D / static_cast<double>(c_.heads);
    const double qkv = static_cast<double>(c_.heads + 2 * c_.kv_heads) * C / t_;
    return product(T_, qkv, D) + product(T_, D, D / t_) + product(T_, 2 * F / t_, D) +
           product(T_, D, F / t_);
  }

  // Q K', or P V: of each head [S,C] [C,S].
  double scores() const {
    const double D = static_cast<double>(c_.hidden), S = static_cast<double>(c_.sequence);
    return duration({.flops = 2 * T_ * S * D / t_});
  }

  double product(double m, double n, double k) const {
    return duration(
        {.flops = 2 * m * n * k, .bytes = static_cast<std::int64_t>(2 * (m * k + k * n + m * n))});
  }

  double sum() const {
    return duration({.kind = OpKind::all_reduce,
                     .bytes = static_cast<std::int64_t>(2 * T_) * c_.hidden,
                     .group = &group_});
  }

  double duration(OpInfo op) const {
    op.dtype = DType::bf16;
    return static_cast<double>(model_.duration_ns(op));
  }

  const DecoderConfig& c_;
  double T_, t_;
  RooflineModel model_;
  Group group_;
};

}  // namespace

const std::vector<ModelShape>& model_shapes() {
  static const std::vector<ModelShape> shapes = {llama("1B", 16, 2048, 8192, 32, 8),
                                                 llama("8B", 32, 4096, 14336, 32, 8),
                                                 llama("70B", 80, 8192, 28672, 64, 8)};
  return shapes;
}

const ModelShape& find_model(const std::string& name) {
  std::string names;
  for (const ModelShape& shape : model_shapes()) {
    if (shape.name == name) return shape;
    names += (names.empty() ? "" : ", ") + shape.name;
  }
  usage_error(text("there is no model '", name, "' (models: ", names, ")"));
}

ModelCosts model_costs(const ModelSetting& s) {
  const ModelShape& shape = find_model(s.model);
  const Hardware hardware = load_hardware(s.hardware);
  check_config(shape.config, s.tp);
  if (s.tp > hardware.ranks_per_node)
    usage_error(text("tp ", s.tp, ": a node of ", hardware.name, " has ", hardware.ranks_per_node,
                     " ranks"));
  const BlockTime block(shape, hardware, s.tp);
  const double blocks = static_cast<double>(shape.config.layers) / s.stages, ms = 1e-6;
  const TensorBytes bytes = tensor_bytes(shape.config, shape.tokens, s.tp);
  const double message_bytes = static_cast<double>(bytes.x);
  return {.costs_ms = {.F = blocks * block.forward() * ms,
                       .I = blocks * block.input_gradient() * ms,
                       .W = blocks * block.weight_gradient() * ms,
                       .C = s.latency_us * 1e-3 + message_bytes / (s.gigabytes_per_s * 1e6)},
          .weight_bytes = blocks * kBytes_per_weight *
                          static_cast<double>(weights_of_block(shape.config, s.tp)),
          .kept_bytes = blocks * static_cast<double>(kept_by_block(bytes)),
          .capacity_bytes = hardware.memory_bytes};
}

}  // namespace shardpipe::viz
