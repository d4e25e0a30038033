// tp-attention: heads split over ranks, grouped-query heads, key/value heads held by several ranks.
#include "core/tensor_parallel/attention.h"
#include "labs/day03_block/answered_attention.h"
#include "labs/layer_lab.h"
#include "labs/model_flags.h"

namespace shardpipe {
namespace {

LabResult run(const LabOptions& o) {
  return run_layer_lab(
      {.name = "tp-attention",
       .make = [&](RankContext& ctx, const LabShape& s, DType dtype) -> std::unique_ptr<Layer> {
         const AttentionOptions options{.heads = s.heads,
                                        .kv_heads = s.kv_heads,
                                        .sequence = s.seq,
                                        .rotary_theta = o.on("rotary") ? 10000.0f : 0.0f,
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
             DecoderConfig config = model_of(o, s);
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
          .toggles = {{"rotary", {"off", "on"}, "off", "rotary position embedding"}},
          .run = run};
}

}  // namespace shardpipe
