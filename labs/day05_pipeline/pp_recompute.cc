// pp-recompute: keep activations, or compute them again in backward: memory against time.
#include "labs/pipeline_lab.h"

namespace shardpipe {
namespace {

LabResult run(const LabOptions& o) {
  auto apply = [](const LabOptions& options, PipelineOptions& p) {
    p.recompute = options.technique == "recompute";
  };
  return run_pipeline_lab({.name = "pp-recompute", .apply = apply}, o);
}

}  // namespace

Lab pp_recompute_lab() {
  return {.name = "pp-recompute",
          .day = 5,
          .summary = "activations kept for backward, or computed again from each block's input",
          .toggles = {schedule_toggle(), p2p_toggle(), family_toggle()},
          .techniques = {"naive", "recompute"},
          .technique = "recompute",
          .grid = {.pp = 2},
          .has_pipeline = true,
          .example = "--technique naive --pp 4 --device modelled",
          .run = run};
}

}  // namespace shardpipe
