// tp-block: a whole pre-norm transformer block; paired it needs 2 all-reduces forward, 2 backward.
#include "core/model/error_bound.h"
#include "labs/day03_block/answered_parts.h"
#include "labs/layer_lab.h"
#include "labs/model_flags.h"

namespace shardpipe {
namespace {

DecoderConfig config_of(const LabOptions& o, const LabShape& s) {
  DecoderConfig config = layer_model_of(o, s);
  config.paired = o.paired() || !o.answer.empty();
  return config;
}

LabResult run(const LabOptions& o) {
  return run_layer_lab(
      {.name = "tp-block",
       .make = [&](RankContext& ctx, const LabShape& s, DType) -> std::unique_ptr<Layer> {
         // On one rank, which the others are compared with, it is the kit's.
         if (!o.answer.empty() && ctx.tp.size() > 1)
           return answered_block(ctx, 0, block_options(config_of(o, s)));
         return std::make_unique<TransformerBlock>(ctx, 0, block_options(config_of(o, s)));
       },
       .config = [&](const LabShape& s) { return config_of(o, s); }},
      o);
}

}  // namespace

Lab tp_block_lab() {
  return {.name = "tp-block",
          .day = 3,
          .summary = "a transformer block: 2 all-reduces forward and 2 backward, whatever tp is",
          .toggles = {family_toggle(), forward_only_toggle()},
          .run = run};
}

}  // namespace shardpipe
