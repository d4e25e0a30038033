#include "labs/day06_schedules/memory_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/model/optimizer.h"
#include "core/schedule/builders.h"

namespace shardpipe {
namespace {

constexpr double kMiB = 1 << 20, kGiB = 1 << 30;

std::string fixed(double value, const char* pattern = "%.2f") {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, pattern, value);
  return buffer;
}

// A step of micro-batches that are all zeros: bytes do not depend on numbers.
RankProgram one_step(const MemoryQuestion& q, const PipelineOptions& options) {
  return [=](RankContext& ctx) {
    PipelineDecoder model(ctx, q.config, q.tokens, options);
    model.fill(ctx, gpt2_init(1, q.config.layers));
    AdamW optimizer(ctx, model.parameters(), {});
    const std::vector<std::int32_t> zeros(static_cast<std::size_t>(q.tokens));
    const std::vector<Batch> batches(static_cast<std::size_t>(options.microbatches * ctx.dp.size()),
                                     Batch{zeros, zeros});
    ctx.begin_window();
    model.forward_backward(batches, ctx);
    optimizer.step(ctx);
    ctx.end_window();
  };
}

// Predicted and measured, of one schedule.
struct Answer {
  std::string schedule = {};
  std::vector<MemoryEstimate> estimates = {};  // by pipeline rank
  std::size_t worst = 0;                       // the one that needs most
  std::int64_t measured = 0;                   // on it
  double difference = 0;                       // the largest on any rank, of what was measured
};

Answer answer(const MemoryQuestion& q, const PipelineOptions& options, const Runner& run) {
  Answer a{
      .schedule = options.schedule,
      .estimates = training_memory(q.config, q.grid, options, q.tokens, OptimizerStates::adamw)};
  const RunReport report = run(one_step(q, options));
  const ProcessGrid grid(q.grid, q.order);
  for (std::size_t i = 0; i < a.estimates.size(); ++i)
    if (a.estimates[i].total() > a.estimates[a.worst].total()) a.worst = i;
  for (int rank = 0; rank < q.grid.ranks(); ++rank) {
    const std::size_t stage = static_cast<std::size_t>(grid.coord_of(rank).pp);
    const std::int64_t peak = report.ranks[static_cast<std::size_t>(rank)].peak_bytes;
    const double off = static_cast<double>(a.estimates[stage].total() - peak);
    a.difference = std::max(a.difference, std::abs(off) / static_cast<double>(peak));
    if (stage == a.worst) a.measured = std::max(a.measured, peak);
  }
  return a;
}

std::vector<std::string> row_of(const Answer& a, double unit) {
  const auto amount = [&](std::int64_t bytes) { return fixed(static_cast<double>(bytes) / unit); };
  std::string in_flight;
  for (const MemoryEstimate& e : a.estimates)
    in_flight += (in_flight.empty() ? "" : " ") + text(e.step.peak_in_flight);
  const MemoryEstimate& e = a.estimates[a.worst];
  const std::int64_t stash = e.step.worst[Use::stash];
  return {a.schedule,
          in_flight,
          amount(e.weights),
          amount(e.gradients),
          amount(e.optimizer),
          amount(stash),
          amount(e.step.worst.total() - stash),
          amount(e.total()),
          amount(a.measured),
          fixed(100 * a.difference, "%.3g %%")};
}

}  // namespace

LabTable memory_table(const MemoryQuestion& q, const Runner& run) {
  std::vector<Answer> answers;
  std::int64_t most = 0;
  for (const std::string& schedule : q.schedules) {
    PipelineOptions options = q.options;
    options.schedule = schedule;
    options.chunks = default_chunks(schedule);
    try {
      answers.push_back(answer(q, options, run));
    } catch (const Error& error) {
      if (error.code() != ExitCode::usage) throw;  // not for these sizes
      continue;
    }
    most = std::max(most, answers.back().measured);
  }
  const bool large = static_cast<double>(most) >= kGiB;
  LabTable table = {
      .title = text("peak of the worst rank in ", large ? "GiB" : "MiB", ", p=", q.grid.pp,
                    ", m=", q.options.microbatches, q.options.recompute ? ", recomputed" : ""),
      .columns = {"schedule", "in flight", "weights", "grads", "adam", "stash", "other", "peak",
                  "measured", "off"}};
  for (const Answer& a : answers) table.rows.push_back(row_of(a, large ? kGiB : kMiB));
  return table;
}

}  // namespace shardpipe
