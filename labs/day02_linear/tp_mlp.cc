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

LabResult run(const LabOptions& o) {
  const MlpOptions mlp{.pairing = pairing_of(o),
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
         if (o.on("gated")) return std::make_unique<GatedMlp>(ctx, "mlp", s.hidden, s.ffn, options);
         return std::make_unique<Mlp>(ctx, "mlp", s.hidden, s.ffn, options);
       },
       .part = LayerPart::mlp,
       .config =
           [&](const LabShape& s) {
             DecoderConfig config = model_of(o, s);
             config.family = o.on("gated") ? Family::llama : Family::gpt2;
             config.paired = mlp.pairing == Pairing::col_row;
             return config;
           }},
      o);
}

}  // namespace

Lab tp_mlp_lab() {
  return {.name = "tp-mlp",
          .day = 2,
          .summary = "MLP: which linear is split which way decides what must be communicated",
          .toggles = {{"pairing",
                       {"auto", "col-row", "col-col", "row-col", "row-row"},
                       "auto",
                       "split of the two linears (auto: col-row if paired, col-col if naive)"},
                      {"gated", {"off", "on"}, "off", "SiLU-gated MLP (Llama) instead of GELU"},
                      {"gelu", {"tanh", "erf"}, "tanh", "form of GELU"}},
          .run = run};
}

}  // namespace shardpipe
