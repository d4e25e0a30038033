// tp-sequence-parallel: between the pairs of linears a rank holds its own tokens only. As many
// bytes travel; norms and what they keep shrink to 1/t.
#include "labs/day04_communication/answered_sequence_block.h"
#include "labs/day04_communication/block_styles.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

BlockStyle style_of(TpStyle style, bool recompute) {
  return {.twin = {.style = style}, .recompute_softmax = recompute};
}

TpStyle parse_technique(const std::string& technique) {
  if (technique == "naive") return TpStyle::plain;
  return technique == "overlapped" ? TpStyle::sequence_overlapped : TpStyle::sequence_parallel;
}

// With and without recomputation; forward alone, where nothing is kept, without.
LabTable memory(const LabOptions& o, const LabShape& shape) {
  LabTable table = {.title = text("what a layer costs, ", clock_of_sweep(o), ", tp=", o.grid.tp),
                    .columns = sweep_columns("block")};
  const bool keeps = !is_forward_only(o);
  if (keeps) table.columns.back() = "kept for backward";
  for (const TpStyle twin :
       {TpStyle::plain, TpStyle::sequence_parallel, TpStyle::sequence_overlapped})
    for (const bool recompute : {false, true}) {
      if (recompute && !keeps) continue;
      const BlockStyle style = style_of(twin, recompute);
      auto row = sweep_row(text(name_of(twin), recompute ? ", softmax recomputed" : ""),
                           run_block("tp-sequence-parallel", style, for_sweep(o)));
      if (keeps) row.back() = human_bytes(static_cast<double>(kept_bytes(style, shape, o)));
      table.rows.push_back(row);
    }
  return table;
}

LabResult run(const LabOptions& o) {
  BlockStyle style = style_of(parse_technique(o.technique), o.on("recompute-softmax"));
  if (!o.answer.empty()) style.answered = answered_sequence_block;
  LabResult result = run_block("tp-sequence-parallel", style, o);
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
           family_toggle(Family::llama),
           forward_only_toggle()},
      .techniques = {"naive", "sequence-parallel", "overlapped"},
      .technique = "sequence-parallel",
      .example = "--technique sequence-parallel --recompute-softmax on --tp 8 --device modelled",
      .run = run};
}

}  // namespace shardpipe
