// hybrid-grid: which axis of tp x pp x dp gets which links. The first axis of --order is innermost;
// on a machine of several nodes the last one crosses them.
#include "labs/pipeline_lab.h"

namespace shardpipe {
namespace {

std::string list_of(const std::vector<int>& ranks) {
  std::string all;
  for (const int rank : ranks) all += (all.empty() ? "" : ",") + text(rank);
  return "[" + all + "]";
}

LabTable groups(const ProcessGrid& grid) {
  const int last = grid.shape().ranks() - 1;
  LabTable table = {.title = "groups, in order " + to_string(grid.order()),
                    .columns = {"axis", "of rank 0", text("of rank ", last)}};
  for (const Axis axis : {Axis::tp, Axis::pp, Axis::dp})
    table.rows.push_back(
        {name_of(axis), list_of(grid.group_of(0, axis)), list_of(grid.group_of(last, axis))});
  return table;
}

LabResult run(const LabOptions& o) {
  auto apply = [](const LabOptions& options, PipelineOptions& p) {
    p.scatter = options.technique == "scatter";
  };
  LabResult result =
      run_pipeline_lab({.name = "hybrid-grid", .apply = apply, .microbatches = 4}, o);
  result.tables.push_back(groups(ProcessGrid(o.grid, parse_order(o.order))));
  return result;
}

}  // namespace

Lab hybrid_grid_lab() {
  return {.name = "hybrid-grid",
          .day = 7,
          .summary = "tp x pp x dp: order of the axes, scattered stage boundaries",
          .toggles = {schedule_toggle(), p2p_toggle(), gradient_sync_toggle(), family_toggle()},
          .techniques = {"naive", "scatter"},
          .technique = "scatter",
          .grid = {.tp = 2, .pp = 2, .dp = 2},
          .has_pipeline = true,
          .example = "--order tp-pp-dp --device modelled --hardware 2x8xH100 --tp 4 --pp 2 --dp 2",
          .run = run};
}

}  // namespace shardpipe
