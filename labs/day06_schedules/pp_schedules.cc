// pp-schedules: the same training step under any schedule of the literature.
#include <cmath>
#include <functional>

#include "core/schedule/builders.h"
#include "labs/pipeline_lab.h"
#include "labs/report.h"
#include "labs/stage_costs.h"

namespace shardpipe {
namespace {

constexpr int kMostStages = 16;  // of the table

// + 0.0: no "-0".
std::string rounded(double x, const char* unit = "") {
  return text(std::round(x * 10) / 10 + 0.0, unit);
}

// "-13.5 %"
std::string change(double from, double to) {
  const double percent = std::round((to / from - 1) * 1000) / 10;
  return percent == 0 ? "0 %" : text(percent > 0 ? "+" : "", percent, " %");
}

std::string peaks_of(const Timing& t) {
  std::string peaks;
  for (const int peak : t.peak_in_flight) peaks += (peaks.empty() ? "" : " ") + text(peak);
  return peaks;
}

// Of every schedule, at these costs: what `cells` makes of it, or that there is none of these
// sizes.
using Cells = std::function<std::vector<std::string>(const std::string& name, const Timing&)>;
void add_rows(LabTable& table, int pp, int m, const Costs& costs, const Cells& cells) {
  for (const std::string& name : schedule_toggle().values) {
    try {
      table.rows.push_back(
          cells(name, simulate(build_schedule(name, pp, m, default_chunks(name)), costs)));
    } catch (const Error& error) {
      if (error.code() != ExitCode::usage) throw;
      table.rows.emplace_back(table.columns.size());
      table.rows.back()[0] = name;
      table.rows.back()[1] = "not for these sizes";
    }
  }
}

LabTable at_unit_costs(int pp, int m, const std::string& present) {
  LabTable table = {
      .title = text("simulated, F = I = W = 1, C = 0, p=", pp, ", m=", m, " (*: this run's)"),
      .columns = {"schedule", "makespan", "bubble/ideal", "efficiency", "peak in flight (chunks)"}};
  add_rows(table, pp, m, {}, [&](const std::string& name, const Timing& t) {
    return std::vector<std::string>{name + (name == present ? " *" : ""), rounded(t.makespan),
                                    rounded(t.bubble_over_ideal * 100, " %"),
                                    rounded(t.efficiency * 100, " %"), peaks_of(t)};
  });
  return table;
}

// Without what follows the schedule: sums of gradients, clipping, the optimizer.
LabTable at_own_costs(int pp, int m, const std::string& present, const Costs& own) {
  LabTable table = {.title = text("simulated at this run's costs of a micro-batch, F = ",
                                  human_time(own.F), ", I = ", human_time(own.I),
                                  ", W = ", human_time(own.W), ", C = ", human_time(own.C)),
                    .columns = {"schedule", "makespan", "bubble/ideal", "efficiency",
                                "against 1f1b", "at F = I = W, C = 0"}};
  const auto against_1f1b = [&](const std::string& name, const Costs& costs) {
    const auto makespan = [&](const std::string& of) {
      return simulate(build_schedule(of, pp, m, default_chunks(of)), costs).makespan;
    };
    return change(makespan("1f1b"), makespan(name));
  };
  add_rows(table, pp, m, own, [&](const std::string& name, const Timing& t) {
    return std::vector<std::string>{name + (name == present ? " *" : ""),
                                    human_time(t.makespan),
                                    rounded(t.bubble_over_ideal * 100, " %"),
                                    rounded(t.efficiency * 100, " %"),
                                    against_1f1b(name, own),
                                    against_1f1b(name, {})};
  });
  return table;
}

LabResult run(const LabOptions& o) {
  const PipelineLab lab = {.name = "pp-schedules", .apply = technique_is_schedule};
  LabResult result = run_pipeline_lab(lab, o);
  if (o.grid.pp > kMostStages) return result;
  const PipelineOptions options = pipeline_options(lab, o);
  const int m = options.microbatches;
  result.tables.push_back(at_unit_costs(o.grid.pp, m, o.technique));
  if (o.device != "modelled") return result;
  const Index tokens = result.shape.tokens() / (m * o.grid.dp);
  result.tables.push_back(at_own_costs(o.grid.pp, m, o.technique,
                                       stage_costs(o, model_of(o, result.shape), options, tokens)));
  return result;
}

}  // namespace

Lab pp_schedules_lab() {
  return {.name = "pp-schedules",
          .day = 6,
          .summary = "one training step under any schedule, from naive to zero bubble",
          .toggles = {chunks_toggle(), p2p_toggle(), recompute_toggle(), family_toggle()},
          .techniques = schedule_toggle().values,
          .technique = "1f1b",
          .grid = {.pp = 4},
          .has_pipeline = true,
          .example = "--technique zb_h1 --pp 4 --device modelled",
          .run = run};
}

}  // namespace shardpipe
