// tp-sequence-parallel: between the pairs of linears a rank holds its own tokens only. As many
// bytes travel; norms and what they keep shrink to 1/t.
#include "labs/day04_communication/block_styles.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

BlockStyle style_of(bool sequence, bool recompute) {
  return {.twin = {.style = sequence ? TpStyle::sequence_parallel : TpStyle::plain},
          .recompute_softmax = recompute};
}

LabTable memory(const LabOptions& o, const LabShape& shape) {
  LabTable table = {.title = text("what a layer costs, ", clock_of_sweep(o), ", tp=", o.grid.tp),
                    .columns = sweep_columns("block")};
  table.columns.back() = "kept for backward";
  for (const bool sequence : {false, true})
    for (const bool recompute : {false, true}) {
      const BlockStyle style = style_of(sequence, recompute);
      auto row = sweep_row(
          text(sequence ? "sequence parallel" : "plain", recompute ? ", softmax recomputed" : ""),
          run_block("tp-sequence-parallel", style, for_sweep(o)));
      row.back() = human_bytes(static_cast<double>(kept_bytes(style, shape, o)));
      table.rows.push_back(row);
    }
  return table;
}

LabResult run(const LabOptions& o) {
  LabResult result =
      run_block("tp-sequence-parallel",
                style_of(o.technique == "sequence-parallel", o.on("recompute-softmax")), o);
  result.tables.push_back(memory(o, result.shape));
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
