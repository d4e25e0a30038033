// pp-microbatch: one micro-batch after another (naive), or all forwards and then all backwards
// (gpipe): what micro-batches are for.
#include <cmath>

#include "core/schedule/builders.h"
#include "labs/pipeline_lab.h"
#include "labs/report.h"
#include "labs/stage_costs.h"

namespace shardpipe {
namespace {

constexpr int kPieces[] = {1, 2, 4, 8, 16, 32};

std::string rounded(double x, double digits) { return text(std::round(x * digits) / digits); }

double makespan(const char* schedule, int pp, int m, const Costs& costs) {
  return simulate(build_schedule(schedule, pp, m, 1), costs).makespan;
}

// What the simulator says as the same batch is cut into more and more micro-batches.
LabTable at_unit_costs(int pp) {
  LabTable table = {
      .title = text("simulated: one batch (F = I = W = 1 a stage) in m pieces, ", pp, " stages"),
      .columns = {"m", "naive", "gpipe", "bubble (p-1)/m", "efficiency"}};
  for (const int m : kPieces) {
    const Costs costs = {1.0 / m, 1.0 / m, 1.0 / m, 0};
    const Timing gpipe = simulate(build_schedule("gpipe", pp, m, 1), costs);
    table.rows.push_back({text(m), rounded(makespan("naive", pp, m, costs), 100),
                          rounded(gpipe.makespan, 100), rounded(gpipe.bubble_over_ideal, 1000),
                          rounded(gpipe.efficiency * 100, 10) + " %"});
  }
  return table;
}

// The same at what the stages of the run cost, which are whole sequences: smaller pieces lose a
// little of the machine, and messages take time.
LabTable at_own_costs(const LabOptions& o, const LabShape& shape, const PipelineOptions& options) {
  LabTable table = {.title = text("simulated: the run's batch in m pieces, at what they cost on ",
                                  o.hardware, ", ", o.grid.pp, " stages"),
                    .columns = {"m", "F", "B", "C", "naive", "gpipe", "efficiency"}};
  for (const int m : kPieces) {
    if (shape.batch % (m * o.grid.dp) != 0) break;
    const Costs costs =
        stage_costs(o, model_of(o, shape), options, shape.tokens() / (m * o.grid.dp));
    const Timing gpipe = simulate(build_schedule("gpipe", o.grid.pp, m, 1), costs);
    table.rows.push_back({text(m), human_time(costs.F), human_time(costs.I + costs.W),
                          human_time(costs.C), human_time(makespan("naive", o.grid.pp, m, costs)),
                          human_time(gpipe.makespan), rounded(gpipe.efficiency * 100, 10) + " %"});
  }
  return table;
}

LabResult run(const LabOptions& o) {
  const PipelineLab lab = {.name = "pp-microbatch", .apply = technique_is_schedule};
  LabResult result = run_pipeline_lab(lab, o);
  result.tables.push_back(at_unit_costs(o.grid.pp));
  if (o.device == "modelled")
    result.tables.push_back(at_own_costs(o, result.shape, pipeline_options(lab, o)));
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
