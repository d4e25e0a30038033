// tp-collective-matmul: the gathers and reduce-scatters of sequence parallelism as rings under the
// products that need them.
#include "labs/day04_communication/answered_ring_block.h"
#include "labs/day04_communication/block_styles.h"

namespace shardpipe {
namespace {

LabTable styles(const LabOptions& o) {
  LabTable table = {.title = text("every style, ", clock_of_sweep(o), ", tp=", o.grid.tp),
                    .columns = sweep_columns("style")};
  for (const TpStyle style : all_tp_styles())
    table.rows.push_back(
        sweep_row(name_of(style),
                  run_block("tp-collective-matmul", {.twin = {.style = style}}, for_sweep(o))));
  return table;
}

LabResult run(const LabOptions& o) {
  BlockStyle style;
  style.twin.style =
      o.technique == "naive" ? TpStyle::sequence_parallel : TpStyle::collective_matmul;
  if (!o.answer.empty()) style.answered = answered_ring_block;
  LabResult result = run_block("tp-collective-matmul", style, o);
  result.tables.push_back(styles(o));
  return result;
}

}  // namespace

Lab tp_collective_matmul_lab() {
  return {.name = "tp-collective-matmul",
          .day = 4,
          .summary = "gather and reduce-scatter in rings, part by part under the products",
          .toggles = {family_toggle(Family::llama), forward_only_toggle()},
          .techniques = {"naive", "ring"},
          .technique = "ring",
          .example = "--technique ring --tp 8 --device modelled",
          .run = run};
}

}  // namespace shardpipe
