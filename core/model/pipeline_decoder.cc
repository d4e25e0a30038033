#include "core/model/pipeline_decoder.h"

#include <algorithm>

#include "core/model/stage_split.h"
#include "core/schedule/builders.h"

namespace shardpipe {
namespace {

// How many micro-batches of a stage a rank computes.
int count_forwards(const Schedule& schedule, int rank, int stage) {
  int count = 0;
  for (const Action& a : schedule.ranks[static_cast<std::size_t>(rank)])
    count += a.kind == ActionKind::F && a.stage == stage;
  return count;
}

}  // namespace

PipelineDecoder::PipelineDecoder(RankContext& ctx, const DecoderConfig& config, Index tokens,
                                 const PipelineOptions& options)
    : options_(options), share_(1.0f / static_cast<float>(options.microbatches * ctx.dp.size())) {
  check_tokens(config, tokens, ctx.tp.size());
  const bool split = splits_tokens(config.twin.style);
  if (split && options.scatter)
    usage_error(text("--style ", name_of(config.twin.style),
                     ": a rank sends its own tokens already (allowed: --scatter off)"));
  const Schedule schedule =
      options.own_schedule ? options.own_schedule(ctx.pp.size(), options.microbatches)
                           : build_schedule(options.schedule, ctx.pp.size(), options.microbatches,
                                            options.chunks, options.group);
  const std::vector<StageRange> ranges = split_into_stages(config, schedule.stages);
  std::map<int, Layer*> layers;
  for (const int stage : stages_of_rank(schedule, ctx.pp.rank())) {
    auto part = std::make_unique<DecoderStage>(ctx, config, ranges[static_cast<std::size_t>(stage)],
                                               options.recompute);
    part->set_loss_scale(options.loss_scale /
                         static_cast<float>(options.microbatches * ctx.dp.size()));
    layers[stage] = part.get();
    stages_[stage] = std::move(part);
  }
  make_groups(ctx, schedule);
  Program program = insert_messages(schedule);
  if (options.group_messages) program = group_messages(program);
  runner_ = std::make_unique<PipelineRunner>(
      ctx, std::move(program), layers,
      Boundary{{split ? tokens / ctx.tp.size() : tokens, config.hidden}, config.dtype},
      RunnerOptions{.p2p = options.p2p, .scatter = options.scatter});
  gradient_sync_ = std::make_unique<GradientSync>(ctx, parameters(), options.gradient_sync,
                                                  options.bucket_bytes);
  listen(ctx, schedule);
}

void PipelineDecoder::make_groups(RankContext& ctx, const Schedule& schedule) {
  const int p = ctx.pp.size(), rank = ctx.pp.rank();
  std::vector<int> ends;
  for (int r = 0; r < p; ++r) {
    const std::vector<int> held = stages_of_rank(schedule, r);
    if (held.front() == 0 || held.back() == schedule.stages - 1) ends.push_back(r);
  }
  const bool is_end = std::find(ends.begin(), ends.end(), rank) != ends.end();
  bool tied = false;
  for (auto& [stage, part] : stages_) tied = tied || part->shared_table() != nullptr;
  if (is_end && tied) tied_group_ = ctx.pp.subgroup(ends, "embedding");

  const int other = p - 1 - rank;
  if (stages_of_rank(schedule, rank) != stages_of_rank(schedule, other) || other == rank) return;
  copy_group_ = ctx.pp.subgroup({std::min(rank, other), std::max(rank, other)}, "copies");
  if (rank > other)
    for (Parameter* p_copy : parameters()) p_copy->copy = true;
}

void PipelineDecoder::listen(RankContext& ctx, const Schedule& schedule) {
  for (auto& [stage, part] : stages_) {
    const int expected = count_forwards(schedule, ctx.pp.rank(), stage);
    auto seen = std::make_shared<std::map<Parameter*, int>>();
    part->on_gradients([=, &ctx, this](const std::vector<Parameter*>& parameters) {
      for (Parameter* p : parameters)
        if (++(*seen)[p] % expected == 0) gradient_sync_->ready(p, ctx);
    });
  }
}

void PipelineDecoder::fill(RankContext& ctx, const Fill& fill) {
  for (auto& [stage, part] : stages_) part->fill(ctx, fill);
}

std::map<int, Tensor> PipelineDecoder::forward_backward(const std::vector<Batch>& microbatches,
                                                        RankContext& ctx) {
  const std::size_t m = static_cast<std::size_t>(options_.microbatches);
  if (microbatches.size() != m * static_cast<std::size_t>(ctx.dp.size()))
    fail(text("a step has ", microbatches.size(), " micro-batches, the grid wants ",
              m * static_cast<std::size_t>(ctx.dp.size())));
  const Index vocabulary = stages_.begin()->second->config().vocabulary;
  for (std::size_t k = 0; k < m; ++k) {
    const Batch& batch = microbatches[static_cast<std::size_t>(ctx.dp.rank()) * m + k];
    const Tensor tokens = upload_tokens(ctx, batch.tokens, vocabulary);
    const Tensor targets = upload_tokens(ctx, batch.targets, vocabulary);
    for (auto& [stage, part] : stages_) part->set_batch(static_cast<int>(k), tokens, targets);
  }
  std::map<int, Tensor> losses = runner_->run(ctx);
  const Scope mark = ctx.scope({.phase = Phase::backward});
  gradient_sync_->finish(ctx);
  sum_copies(ctx);
  sum_tied_tables(ctx);
  for (auto& [stage, part] : stages_) part->reduce_replicated_gradients(ctx);
  return losses;
}

void PipelineDecoder::sum_copies(RankContext& ctx) {
  if (!copy_group_) return;
  for (auto& [stage, part] : stages_)
    for (Parameter* p : part->parameters())
      if (p != part->shared_table()) copy_group_->all_reduce(p->grad, ctx.compute);
}

// A rank may hold both tables, as two stages; then they are summed here first.
void PipelineDecoder::sum_tied_tables(RankContext& ctx) {
  if (!tied_group_) return;
  std::vector<Parameter*> tables;
  for (auto& [stage, part] : stages_)
    if (Parameter* table = part->shared_table()) tables.push_back(table);
  const Tensor sum = tables.front()->grad;
  for (std::size_t i = 1; i < tables.size(); ++i)
    ctx.math.add(sum, sum, tables[i]->grad, ctx.compute);
  tied_group_->all_reduce(sum, ctx.compute);
  for (std::size_t i = 1; i < tables.size(); ++i) ctx.math.copy(tables[i]->grad, sum, ctx.compute);
}

Tensor PipelineDecoder::mean_loss(const std::map<int, Tensor>& losses, RankContext& ctx) {
  Tensor mean(ctx.device, {1});
  ctx.math.fill(mean, 0, ctx.compute);
  for (const auto& [microbatch, loss] : losses) ctx.math.add(mean, mean, loss, ctx.compute);
  ctx.math.scale(mean, mean, share_, ctx.compute);
  ctx.pp.all_reduce(mean, ctx.compute);
  ctx.dp.all_reduce(mean, ctx.compute);
  return mean;
}

std::vector<Parameter*> PipelineDecoder::parameters() {
  std::vector<Parameter*> all;
  for (auto& [stage, part] : stages_)
    for (Parameter* p : part->parameters()) all.push_back(p);
  return all;
}

}  // namespace shardpipe
