// pp-memory: what each schedule asks of memory. The peak is predicted from shapes and schedule
// before anything runs, and then measured.
#include "core/plan/tensor_bytes.h"
#include "core/schedule/builders.h"
#include "labs/day06_schedules/memory_table.h"
#include "labs/pipeline_lab.h"

namespace shardpipe {
namespace {

constexpr int kMostStages = 8;  // the table runs every schedule

LabResult run(const LabOptions& o) {
  const PipelineLab lab = {.name = "pp-memory", .apply = technique_is_schedule};
  const LabShape shape = complete(o.shape, small_pipeline_shape(), real_pipeline_shape(), o);
  tensor_bytes(model_of(o, shape), shape.seq * o.grid.tp, o.grid.tp);  // refuses what it knows not
  LabResult result = run_pipeline_lab(lab, o);
  if (o.grid.pp > kMostStages) return result;
  const MemoryQuestion question = {
      .config = model_of(o, result.shape),
      .grid = o.grid,
      .order = parse_order(o.order),
      .options = pipeline_options(lab, o),
      .tokens = result.shape.tokens() / (pipeline_options(lab, o).microbatches * o.grid.dp),
      .schedules = schedule_toggle().values};
  result.tables.push_back(
      memory_table(question, [&](const RankProgram& program) { return run_on(o, program); }));
  return result;
}

}  // namespace

Lab pp_memory_lab() {
  return {.name = "pp-memory",
          .day = 6,
          .summary = "what each schedule holds in memory: predicted, then measured",
          .toggles = {p2p_toggle(), scatter_toggle(), recompute_toggle(), style_toggle(),
                      family_toggle(), dtype_toggle(), recipe_toggle()},
          .techniques = schedule_toggle().values,
          .technique = "1f1b",
          .grid = {.pp = 4},
          .has_pipeline = true,
          .example = "--technique gpipe --recompute on --pp 4 --device modelled",
          .run = run};
}

}  // namespace shardpipe
