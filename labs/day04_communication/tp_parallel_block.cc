// tp-parallel-block: attention and MLP side by side on one norm: half the all-reduces. Another
// function than the usual block, so its result is compared with its own on one rank.
#include "labs/day04_communication/block_styles.h"

namespace shardpipe {
namespace {

LabResult run(const LabOptions& o) {
  return run_block("tp-parallel-block", {.parallel = o.technique == "parallel"}, o);
}

}  // namespace

Lab tp_parallel_block_lab() {
  return {.name = "tp-parallel-block",
          .day = 4,
          .summary = "attention and MLP side by side: one all-reduce a block instead of two",
          .toggles = {family_toggle(Family::llama), forward_only_toggle()},
          .techniques = {"naive", "parallel"},
          .technique = "parallel",
          .example = "--technique parallel --tp 8 --device modelled",
          .run = run};
}

}  // namespace shardpipe
