// tp-attention: heads split over ranks, grouped-query heads, key/value heads held by several ranks.
#include "core/tensor_parallel/attention.h"
#include "labs/day03_block/answered_attention.h"
#include "labs/layer_lab.h"
#include "labs/model_flags.h"

namespace shardpipe {
namespace {

// At real size it is that of a Llama block; answers are for GPT-2's.
bool is_llama(const LabOptions& o) { return family_of(o) == Family::llama && o.answer.empty(); }

bool is_rotary(const LabOptions& o) {
  return o.toggle("rotary") == "auto" ? is_llama(o) : o.on("rotary");
}

LabResult run(const LabOptions& o) {
  return run_layer_lab(
      {.name = "tp-attention",
       .make = [&](RankContext& ctx, const LabShape& s, DType dtype) -> std::unique_ptr<Layer> {
         const AttentionOptions options{.heads = s.heads,
                                        .kv_heads = s.kv_heads,
                                        .sequence = s.seq,
                                        .bias = !is_llama(o),
                                        .rotary_theta = is_rotary(o) ? 10000.0f : 0.0f,
                                        .paired = o.paired() || !o.answer.empty(),
                                        .dtype = dtype};
         // On one rank, which the others are compared with, it is the kit's.
         if (!o.answer.empty() && ctx.tp.size() > 1)
           return std::make_unique<AnsweredAttention>(ctx, s.hidden, options, o.answer);
         return std::make_unique<Attention>(ctx, "attention", s.hidden, options);
       },
       .part = LayerPart::attention,
       .config =
           [&](const LabShape& s) {
             DecoderConfig config = layer_model_of(o, s);
             config.paired = o.paired() || !o.answer.empty();
             return config;
           },
       .groups_heads = o.answer.empty() || o.answer == "day03_grouped_heads"},
      o);
}

}  // namespace

Lab tp_attention_lab() {
  return {.name = "tp-attention",
          .day = 3,
          .summary = "causal self-attention with its heads split over the ranks",
          .toggles = {{"rotary",
                       {"auto", "off", "on"},
                       "auto",
                       "rotary position embedding (auto: at real size, as in Llama)"},
                      forward_only_toggle()},
          .run = run};
}

}  // namespace shardpipe
