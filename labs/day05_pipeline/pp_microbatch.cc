// pp-microbatch: one micro-batch after another (naive), or all forwards and then all backwards
// (gpipe): what micro-batches are for.
#include <cmath>

#include "core/schedule/builders.h"
#include "core/schedule/simulator.h"
#include "labs/pipeline_lab.h"

namespace shardpipe {
namespace {

// What the simulator says as the same batch is cut into more and more micro-batches.
LabTable sweep(int pp) {
  LabTable table = {
      .title = text("simulated: one batch (F = I = W = 1 a stage) in m pieces, ", pp, " stages"),
      .columns = {"m", "naive", "gpipe", "bubble (p-1)/m", "efficiency"}};
  auto rounded = [](double x, double digits) { return text(std::round(x * digits) / digits); };
  for (const int m : {1, 2, 4, 8, 16, 32}) {
    const Costs costs = {1.0 / m, 1.0 / m, 1.0 / m, 0};
    const Timing gpipe = simulate(build_schedule("gpipe", pp, m, 1), costs);
    table.rows.push_back({text(m),
                          rounded(simulate(build_schedule("naive", pp, m, 1), costs).makespan, 100),
                          rounded(gpipe.makespan, 100), rounded(gpipe.bubble_over_ideal, 1000),
                          rounded(gpipe.efficiency * 100, 10) + " %"});
  }
  return table;
}

LabResult run(const LabOptions& o) {
  LabResult result = run_pipeline_lab({.name = "pp-microbatch", .apply = technique_is_schedule}, o);
  result.tables.push_back(sweep(o.grid.pp));
  return result;
}

}  // namespace

Lab pp_microbatch_lab() {
  return {.name = "pp-microbatch",
          .day = 5,
          .summary = "a pipeline of stages; micro-batches keep all of them busy",
          .toggles = {p2p_toggle(), family_toggle()},
          .techniques = {"naive", "gpipe"},
          .technique = "gpipe",
          .grid = {.pp = 4},
          .has_pipeline = true,
          .example = "--technique naive --pp 4 --device modelled",
          .run = run};
}

}  // namespace shardpipe
