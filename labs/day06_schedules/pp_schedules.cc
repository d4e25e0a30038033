// pp-schedules: the same training step under any schedule of the literature.
#include <cmath>

#include "core/schedule/builders.h"
#include "core/schedule/simulator.h"
#include "labs/pipeline_lab.h"

namespace shardpipe {
namespace {

std::string rounded(double x, const char* unit = "") { return text(std::round(x * 10) / 10, unit); }

// All schedules that exist for these sizes, simulated.
LabTable all_schedules(int pp, const PipelineOptions& o, const std::string& present) {
  const int m = o.microbatches;
  LabTable table = {
      .title = text("simulated, F = I = W = 1, C = 0, p=", pp, ", m=", m, " (*: this run's)"),
      .columns = {"schedule", "makespan", "bubble/ideal", "efficiency", "peak in flight (chunks)"}};
  for (const std::string& name : schedule_toggle().values) {
    try {
      const bool is_present = name == present;
      const int chunks = is_present ? o.chunks : default_chunks(name);
      const Timing t = simulate(build_schedule(name, pp, m, chunks, is_present ? o.group : 0), {});
      std::string peaks;
      for (const int peak : t.peak_in_flight) peaks += (peaks.empty() ? "" : " ") + text(peak);
      table.rows.push_back({name + (is_present ? " *" : ""), rounded(t.makespan),
                            rounded(t.bubble_over_ideal * 100, " %"),
                            rounded(t.efficiency * 100, " %"), peaks});
    } catch (const Error& error) {
      if (error.code() != ExitCode::usage) throw;
      table.rows.push_back({name, "not for these sizes", "", "", ""});
    }
  }
  return table;
}

LabResult run(const LabOptions& o) {
  const PipelineLab lab = {.name = "pp-schedules", .apply = technique_is_schedule};
  LabResult result = run_pipeline_lab(lab, o);
  if (o.grid.pp <= 16)
    result.tables.push_back(all_schedules(o.grid.pp, pipeline_options(lab, o), o.technique));
  return result;
}

}  // namespace

Lab pp_schedules_lab() {
  return {.name = "pp-schedules",
          .day = 6,
          .summary = "one training step under any schedule, from naive to zero bubble",
          .toggles = {chunks_toggle(), group_toggle(), p2p_toggle(), recompute_toggle(),
                      family_toggle()},
          .techniques = schedule_toggle().values,
          .technique = "1f1b",
          .grid = {.pp = 4},
          .has_pipeline = true,
          .example = "--technique zb_h1 --pp 4 --device modelled",
          .run = run};
}

}  // namespace shardpipe
