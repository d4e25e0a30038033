// tp-sequence-parallel: between the pairs of linears a rank holds its own tokens only. As many
// bytes travel; norms and what they keep shrink to 1/t.
#include "labs/day04_communication/block_styles.h"

namespace shardpipe {
namespace {

BlockStyle style_of(bool sequence, bool recompute) {
  return {.twin = {.style = sequence ? TpStyle::sequence_parallel : TpStyle::plain},
          .recompute_softmax = recompute};
}

LabTable memory(const LabOptions& o) {
  LabTable table = {
      .title = text("what a rank holds at most, ", clock_of_sweep(o), ", tp=", o.grid.tp),
      .columns = sweep_columns("block")};
  for (const bool sequence : {false, true})
    for (const bool recompute : {false, true})
      table.rows.push_back(sweep_row(
          text(sequence ? "sequence parallel" : "plain", recompute ? ", softmax recomputed" : ""),
          run_block("tp-sequence-parallel", style_of(sequence, recompute), for_sweep(o))));
  return table;
}

LabResult run(const LabOptions& o) {
  LabResult result =
      run_block("tp-sequence-parallel",
                style_of(o.technique == "sequence-parallel", o.on("recompute-softmax")), o);
  result.tables.push_back(memory(o));
  return result;
}

}  // namespace

Lab tp_sequence_parallel_lab() {
  return {
      .name = "tp-sequence-parallel",
      .day = 4,
      .summary = "norms and residuals on T/t tokens; selective recomputation",
      .toggles =
          {{"recompute-softmax", {"on", "off"}, "off", "softmax again in backward instead of kept"},
           block_family_toggle()},
      .techniques = {"naive", "sequence-parallel"},
      .technique = "sequence-parallel",
      .example = "--technique sequence-parallel --recompute-softmax on --tp 8 --device modelled",
      .run = run};
}

}  // namespace shardpipe
