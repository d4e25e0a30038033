#include "labs/timed_stage.h"

namespace shardpipe {

TimedRun run_timed(const Program& program, const Costs& costs, RunnerOptions options) {
  const Boundary boundary = {{2, 3}, DType::f32};
  const Schedule& schedule = program.schedule;
  TimedRun out;
  out.peak_in_flight.resize(schedule.ranks.size());
  RunReport report = run_modelled(
      {.grid = {.pp = schedule.num_ranks()}}, TimedCosts(costs.C), [&](RankContext& ctx) {
        std::map<int, std::unique_ptr<TimedStage>> made;
        std::map<int, Layer*> stages;
        for (const int stage : stages_of_rank(schedule, ctx.pp.rank())) {
          made[stage] = std::make_unique<TimedStage>(costs, schedule.chunks, boundary);
          stages[stage] = made[stage].get();
        }
        PipelineRunner runner(ctx, program, stages, boundary, options);
        ctx.begin_window();
        runner.run(ctx);
        ctx.end_window();
        out.peak_in_flight[static_cast<std::size_t>(ctx.rank)] = runner.peak_in_flight();
      });
  out.makespan = static_cast<double>(report.trace.wall_ns) / kUnit_ns;
  out.trace = std::move(report.trace);
  return out;
}

double timed_run(const Schedule& schedule, const Costs& costs, P2p p2p) {
  return run_timed(insert_messages(schedule), costs, {.p2p = p2p}).makespan;
}

}  // namespace shardpipe
