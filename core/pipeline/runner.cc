#include "core/pipeline/runner.h"

#include <algorithm>

namespace shardpipe {

PipelineRunner::PipelineRunner(RankContext& ctx, Program program, std::map<int, Layer*> stages,
                               const Boundary& boundary, RunnerOptions options)
    : program_(std::move(program)),
      stages_(std::move(stages)),
      forward_only_(is_forward_only(program_.schedule)),
      mailbox_(make_mailbox(ctx, program_.schedule, boundary, options.p2p, options.scatter)) {
  const Schedule& schedule = program_.schedule;
  if (schedule.num_ranks() != ctx.pp.size())
    fail(text("the schedule is for ", schedule.num_ranks(), " ranks, the pipeline has ",
              ctx.pp.size()));
  for (const int stage : stages_of_rank(schedule, ctx.pp.rank()))
    if (!stages_.contains(stage))
      fail(text("the schedule gives stage ", stage, " to pipeline rank ", ctx.pp.rank(),
                ", which has no layers for it"));
}

std::map<int, Tensor> PipelineRunner::run(RankContext& ctx) {
  in_flight_ = peak_in_flight_ = 0;
  for (const Step& step : program_.ranks[static_cast<std::size_t>(ctx.pp.rank())])
    if (step.is_compute)
      perform(step.action, ctx);
    else
      mailbox_->exchange(step.transfers, ctx);
  mailbox_->finish(ctx);
  return std::exchange(outputs_, {});
}

void PipelineRunner::perform(const Action& a, RankContext& ctx) {
  const Scope mark = ctx.scope({.stage = a.stage, .microbatch = a.microbatch});
  Layer& layer = *stages_.at(a.stage);
  switch (a.kind) {
    case ActionKind::F: return forward(a, layer, ctx);
    case ActionKind::B:
    case ActionKind::I: return backward(a, layer, ctx);
    case ActionKind::W: layer.backward_weight(a.microbatch, ctx); --in_flight_;
  }
}

void PipelineRunner::forward(const Action& a, Layer& layer, RankContext& ctx) {
  Tensor x;  // [T,D]
  if (a.stage > 0) x = mailbox_->take({Payload::activation, a.stage, a.microbatch}, ctx);
  Tensor y = layer.forward(std::move(x), a.microbatch, ctx);
  peak_in_flight_ = std::max(peak_in_flight_, ++in_flight_);
  if (a.stage == program_.schedule.stages - 1)
    outputs_[a.microbatch] = y;
  else
    mailbox_->put({Payload::activation, a.stage + 1, a.microbatch}, y, ctx);
  if (!forward_only_) return;
  layer.drop(a.microbatch);
  --in_flight_;
}

void PipelineRunner::backward(const Action& a, Layer& layer, RankContext& ctx) {
  Tensor dy;  // [T,D]
  if (a.stage < program_.schedule.stages - 1)
    dy = mailbox_->take({Payload::gradient, a.stage, a.microbatch}, ctx);
  Tensor dx = a.kind == ActionKind::B ? layer.backward(std::move(dy), a.microbatch, ctx)
                                      : layer.backward_input(std::move(dy), a.microbatch, ctx);
  if (a.kind == ActionKind::B) --in_flight_;
  if (a.stage > 0) mailbox_->put({Payload::gradient, a.stage - 1, a.microbatch}, dx, ctx);
}

}  // namespace shardpipe
