// hybrid-grid: which axis of tp x pp x dp gets which links. The first axis of --order is innermost;
// on a machine of several nodes the last one crosses them.
#include <set>

#include "core/cost/hardware.h"
#include "labs/pipeline_lab.h"
#include "labs/report.h"

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

bool crosses_nodes(const ProcessGrid& grid, Axis axis, int ranks_per_node) {
  for (int rank = 0; rank < grid.shape().ranks(); ++rank)
    if (place(grid.group_of(rank, axis), ranks_per_node).nodes > 1) return true;
  return false;
}

// "pp dp": the axes of which a group has ranks on several nodes.
std::string crossing(const ProcessGrid& grid, int ranks_per_node) {
  std::string all;
  for (const Axis axis : {Axis::tp, Axis::pp, Axis::dp})
    if (crosses_nodes(grid, axis, ranks_per_node))
      all += text(all.empty() ? "" : " ", name_of(axis));
  return all.empty() ? "none" : all;
}

LabResult run_order(const LabOptions& o) {
  auto apply = [](const LabOptions& options, PipelineOptions& p) {
    p.scatter = options.technique == "scatter";
  };
  return run_pipeline_lab({.name = "hybrid-grid", .apply = apply, .microbatches = 4}, o);
}

// The same step in every order that places the groups otherwise; `result` is the run's own.
LabTable orders(const LabResult& result) {
  const LabOptions& o = result.options;
  const Hardware machine = load_hardware(o.hardware);
  LabTable table = {.title = text("a step by the order of the axes, modelled on ", o.hardware,
                                  " (*: this run's)"),
                    .columns = {"order", "crosses nodes", "step"}};
  std::set<std::vector<std::vector<int>>> seen;
  for (const char* order :
       {"tp-dp-pp", "tp-pp-dp", "dp-tp-pp", "dp-pp-tp", "pp-tp-dp", "pp-dp-tp"}) {
    const ProcessGrid grid(o.grid, parse_order(order));
    std::vector<std::vector<int>> placed;
    for (const Axis axis : {Axis::tp, Axis::pp, Axis::dp})
      for (int rank = 0; rank < o.grid.ranks(); ++rank) placed.push_back(grid.group_of(rank, axis));
    const bool own = o.order == order;
    if (!seen.insert(placed).second && !own) continue;
    LabOptions other = o;
    other.order = order;
    other.trace.reset();
    const LabResult& r = own ? result : run_order(other);
    table.rows.push_back(
        {text(order, own ? " *" : ""), crossing(grid, machine.ranks_per_node),
         human_time(static_cast<double>(r.report.trace.wall_ns) * 1e-9 / r.steps)});
  }
  return table;
}

LabResult run(const LabOptions& o) {
  LabResult result = run_order(o);
  result.tables.push_back(groups(ProcessGrid(o.grid, parse_order(o.order))));
  if (o.device == "modelled" && load_hardware(o.hardware).nodes > 1)
    result.tables.push_back(orders(result));
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
