// tp-block: a whole pre-norm transformer block; paired it needs 2 all-reduces forward, 2 backward.
#include "core/model/error_bound.h"
#include "labs/layer_lab.h"

namespace shardpipe {
namespace {

DecoderConfig config_of(const LabOptions& o, const LabShape& s, DType dtype) {
  return {.family = parse_family(o.toggle("family")),
          .hidden = s.hidden,
          .ffn = s.ffn,
          .heads = s.heads,
          .kv_heads = s.kv_heads,
          .sequence = s.seq,
          .paired = o.paired(),
          .dtype = dtype};
}

LabResult run(const LabOptions& o) {
  return run_layer_lab(
      {.name = "tp-block",
       .make = [&](RankContext& ctx, const LabShape& s, DType dtype) -> std::unique_ptr<Layer> {
         return std::make_unique<TransformerBlock>(ctx, 0, block_options(config_of(o, s, dtype)));
       },
       .roundings =
           [&](const LabShape& s) { return block_roundings(config_of(o, s, DType::f32)); }},
      o);
}

}  // namespace

Lab tp_block_lab() {
  return {.name = "tp-block",
          .day = 3,
          .summary = "a transformer block: 2 all-reduces forward and 2 backward, whatever tp is",
          .toggles = {{"family", {"gpt2", "llama"}, "gpt2", "model family"}},
          .run = run};
}

}  // namespace shardpipe
