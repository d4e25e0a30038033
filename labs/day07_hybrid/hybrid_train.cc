// hybrid-train: a language model trained on text on tp x pp x dp ranks; the losses are those of one
// rank.
#include "labs/pipeline_lab.h"
#include "labs/training_files.h"

namespace shardpipe {
namespace {

LabResult run(const LabOptions& o) {
  return run_pipeline_lab({.name = "hybrid-train",
                           .apply = technique_is_schedule,
                           .microbatches = 4,
                           .warmup = 0,
                           .steps = 20},
                          o);
}

}  // namespace

Lab hybrid_train_lab() {
  return {.name = "hybrid-train",
          .day = 7,
          .summary = "a language model on real text, trained on a grid of tp x pp x dp ranks",
          .toggles = {chunks_toggle(), group_toggle(), p2p_toggle(), scatter_toggle(),
                      recompute_toggle(), gradient_sync_toggle(), clip_toggle(), style_toggle(),
                      fused_toggle(), family_toggle(), tied_toggle(), text_toggle(), dtype_toggle(),
                      recipe_toggle(), warmup_toggle(), decay_steps_toggle(), weight_decay_toggle(),
                      load_toggle()},
          .techniques = schedule_toggle().values,
          .technique = "1f1b",
          .grid = {.tp = 2, .pp = 2},
          .has_pipeline = true,
          .has_weights = true,
          .example = "--technique zb_h1 --tp 2 --pp 2 --dp 2 --steps 10",
          .run = run};
}

}  // namespace shardpipe
