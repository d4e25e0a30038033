// pp-latency: what the time C of a message does to each schedule. The law (asynchronous messages)
// beside the runner on a machine whose stages take F = I = W = 1 and whose messages take C: GPipe
// overtakes 1F1B, and interleaving loses on slow links.
#include <cmath>

#include "core/schedule/builders.h"
#include "labs/pipeline_lab.h"
#include "labs/timed_stage.h"

namespace shardpipe {
namespace {

std::string rounded(double x) { return text(std::round(x * 10) / 10); }

LabTable sweep(int pp, int m) {
  LabTable table = {.title = text("makespan, F = I = W = 1, p=", pp, ", m=", m,
                                  ": law | runner, prefetch | runner, one lane"),
                    .columns = {"C"}};
  std::vector<Schedule> schedules;
  for (const char* name : {"gpipe", "1f1b", "eager_1f1b", "interleaved_1f1b", "zb_h1", "zb_h2"}) {
    try {
      schedules.push_back(build_schedule(name, pp, m, default_chunks(name)));
      table.columns.push_back(name);
    } catch (const Error& error) {
      if (error.code() != ExitCode::usage) throw;  // not for these sizes
    }
  }
  for (const double C : {0.0, 0.25, 0.5, 1.0, 2.0, 4.0}) {
    std::vector<std::string> row = {text(C)};
    for (const Schedule& s : schedules) {
      const Costs costs = {1, 1, 1, C};
      row.push_back(text(rounded(simulate(s, costs).makespan), " | ",
                         rounded(timed_run(s, costs, P2p::prefetch)), " | ",
                         rounded(timed_run(s, costs, P2p::one_lane))));
    }
    table.rows.push_back(row);
  }
  return table;
}

LabResult run(const LabOptions& o) {
  const PipelineLab lab = {.name = "pp-latency", .apply = technique_is_schedule};
  LabResult result = run_pipeline_lab(lab, o);
  if (o.grid.pp > 1 && o.grid.pp <= 8)
    result.tables.push_back(sweep(o.grid.pp, pipeline_options(lab, o).microbatches));
  return result;
}

}  // namespace

Lab pp_latency_lab() {
  return {.name = "pp-latency",
          .day = 6,
          .summary = "slow links: GPipe overtakes 1F1B, and interleaving loses",
          .toggles = {chunks_toggle(), group_toggle(), p2p_toggle(), family_toggle()},
          .techniques = {"gpipe", "1f1b", "eager_1f1b", "interleaved_1f1b", "zb_h1", "zb_h2"},
          .technique = "1f1b",
          .grid = {.pp = 4},
          .has_pipeline = true,
          .example = "--technique gpipe --p2p prefetch --pp 4 --device modelled",
          .run = run};
}

}  // namespace shardpipe
