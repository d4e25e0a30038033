// tp-overlap: the same all-reduces as in plain tensor parallelism, under products that do not need
// them.
#include "labs/day04_communication/answered_overlap.h"
#include "labs/day04_communication/block_styles.h"

namespace shardpipe {
namespace {

constexpr int kPieces[] = {1, 2, 4, 8, 16, 32};

LabTable pieces(const LabOptions& o) {
  LabTable table = {
      .title = text("row linears in n pieces, ", clock_of_sweep(o), ", tp=", o.grid.tp),
      .columns = sweep_columns("n")};
  table.rows.push_back(sweep_row("plain", run_block("tp-overlap", {}, for_sweep(o))));
  for (const int n : kPieces)
    table.rows.push_back(sweep_row(
        text(n), run_block("tp-overlap", {.twin = {.style = TpStyle::overlapped, .chunks = n}},
                           for_sweep(o))));
  return table;
}

LabResult run(const LabOptions& o) {
  BlockStyle style;
  const double chunks = positive_number(o, "chunks");
  if (chunks > 4096) usage_error(text("--chunks ", o.toggle("chunks"), ": must be at most 4096"));
  if (o.technique != "naive")
    style.twin = {.style = TpStyle::overlapped, .chunks = static_cast<int>(chunks)};
  if (!o.answer.empty())
    style.answered = [&](RankContext& ctx, const BlockOptions& options) {
      return answered_overlap_block(ctx, options, o.answer);
    };
  LabResult result = run_block("tp-overlap", style, o);
  result.tables.push_back(pieces(o));
  return result;
}

}  // namespace

Lab tp_overlap_lab() {
  return {.name = "tp-overlap",
          .day = 4,
          .summary = "all-reduces under products: forward in pieces, dx's sum under dW",
          .toggles = {{"chunks", {}, "4", "pieces of a row linear's output"},
                      family_toggle(Family::llama),
                      forward_only_toggle()},
          .techniques = {"naive", "overlapped"},
          .technique = "overlapped",
          .example = "--technique overlapped --chunks 2 --tp 8 --device modelled",
          .run = run};
}

}  // namespace shardpipe
