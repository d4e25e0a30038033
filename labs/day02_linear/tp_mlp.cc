// tp-mlp: two linears with an activation between them, in all four pairings.
#include "core/tensor_parallel/mlp.h"
#include "labs/answers.h"
#include "labs/day02_linear/answered_mlp.h"
#include "labs/layer_lab.h"
#include "labs/model_flags.h"

namespace shardpipe {
namespace {

Pairing pairing_of(const LabOptions& o) {
  const std::string& value = o.toggle("pairing");
  if (value != "auto") return parse_pairing(value);
  return o.paired() || !o.answer.empty() ? Pairing::col_row : Pairing::col_col;
}

// At real size it is the MLP of the block of days 3 and 4, in the pairings that one has. An answer
// is for the other.
bool is_gated(const LabOptions& o) {
  if (o.toggle("gated") != "auto") return o.on("gated");
  const Pairing pairing = pairing_of(o);
  return family_of(o) == Family::llama && o.answer.empty() &&
         (pairing == Pairing::col_row || pairing == Pairing::col_col);
}

LabResult run(const LabOptions& o) {
  const bool gated = is_gated(o);
  const MlpOptions mlp{.pairing = pairing_of(o),
                       .bias = !gated,
                       .gelu = o.toggle("gelu") == "erf" ? GeluKind::erf : GeluKind::tanh};
  return run_layer_lab(
      {.name = "tp-mlp",
       .make = [&](RankContext& ctx, const LabShape& s, DType dtype) -> std::unique_ptr<Layer> {
         // On one rank, which the others are compared with, it is the kit's.
         if (!o.answer.empty() && ctx.tp.size() > 1)
           return std::make_unique<AnsweredMlp>(ctx, s.hidden, s.ffn, dtype,
                                                load_answer<MlpAnswer>(o.answer));
         MlpOptions options = mlp;
         options.dtype = dtype;
         if (gated) return std::make_unique<GatedMlp>(ctx, "mlp", s.hidden, s.ffn, options);
         return std::make_unique<Mlp>(ctx, "mlp", s.hidden, s.ffn, options);
       },
       .part = LayerPart::mlp,
       .config =
           [&](const LabShape& s) {
             DecoderConfig config = layer_model_of(o, s);
             config.family = gated ? Family::llama : Family::gpt2;
             config.paired = mlp.pairing == Pairing::col_row;
             config.heads = config.kv_heads = o.grid.tp;  // it has none: any that fit
             return config;
           }},
      o);
}

}  // namespace

Lab tp_mlp_lab() {
  return {
      .name = "tp-mlp",
      .day = 2,
      .summary = "MLP: which linear is split which way decides what must be communicated",
      .toggles = {{"pairing",
                   {"auto", "col-row", "col-col", "row-col", "row-row"},
                   "auto",
                   "split of the two linears (auto: col-row if paired, col-col if naive)"},
                  {"gated",
                   {"auto", "off", "on"},
                   "auto",
                   "SiLU-gated MLP without biases (Llama) instead of GELU (auto: at real size)"},
                  {"gelu", {"tanh", "erf"}, "tanh", "form of GELU"},
                  forward_only_toggle()},
      .run = run};
}

}  // namespace shardpipe
