#include "labs/pipeline_lab.h"

#include <algorithm>
#include <cmath>

#include "core/model/clip.h"
#include "core/schedule/builders.h"
#include "labs/day06_schedules/answered_schedule.h"
#include "labs/training_files.h"

namespace shardpipe {
namespace {

constexpr double kLearningRate = 1e-3;

int whole_number(const LabOptions& o, const std::string& toggle) {
  const double number = positive_number(o, toggle);
  if (number != std::floor(number) || number > 1e9)
    usage_error(text("--", toggle, " ", o.toggle(toggle), ": must be a whole number"));
  return static_cast<int>(number);
}

// A step's batch cut into micro-batches of whole sequences.
std::vector<Batch> cut(const Batch& batch, int pieces) {
  const std::size_t size = batch.tokens.size() / static_cast<std::size_t>(pieces);
  std::vector<Batch> all;
  for (std::size_t at = 0; at < batch.tokens.size(); at += size) {
    const auto from = static_cast<std::ptrdiff_t>(at), to = static_cast<std::ptrdiff_t>(at + size);
    all.push_back({{batch.tokens.begin() + from, batch.tokens.begin() + to},
                   {batch.targets.begin() + from, batch.targets.begin() + to}});
  }
  return all;
}

struct State {
  State(RankContext& ctx, const DecoderConfig& config, Index tokens, const PipelineOptions& options,
        AdamWOptions adamw, int warmup)
      : model(ctx, config, tokens, options), optimizer(ctx, model.parameters(), adamw, warmup) {}
  PipelineDecoder model;
  AdamW optimizer;
  std::vector<Tensor> losses;  // [1] each, the mean of a step; read after the window
};

struct Plan {
  DecoderConfig config = {};
  PipelineOptions options = {};
  LabShape shape = {};
  int pieces = 1;  // micro-batches of a step, all data-parallel ranks together
  float clip = 0;  // 0: none
};

// Alone, a rank takes all micro-batches in a row.
PipelineOptions in_a_row(PipelineOptions options, int pieces) {
  options.schedule = "naive";
  options.own_schedule = {};
  options.chunks = 1;
  options.group = 0;
  options.microbatches = pieces;
  return options;
}

int stages_of(const PipelineOptions& options, int ranks) {
  if (options.own_schedule) return options.own_schedule(ranks, options.microbatches).stages;
  return ranks * options.chunks;
}

PipelineOptions options_on(RankContext& ctx, const Plan& plan) {
  return ctx.world.size() == 1 ? in_a_row(plan.options, plan.pieces) : plan.options;
}

// is_compared: as the one rank of a trial, which keeps its activations.
LabNeed need_of(const Plan& plan, const TrainingFiles& files, GridShape grid, bool is_compared) {
  PipelineOptions options = grid.ranks() == 1 ? in_a_row(plan.options, plan.pieces) : plan.options;
  if (is_compared) options.recompute = false;
  const int lanes = options.p2p == P2p::prefetch ? 8 : 0;  // of both directions, two neighbours
  const RunBound run =
      training_bound(plan.config, grid, options, plan.shape.tokens() / plan.pieces);
  return {
      .run = run,
      .numbers = numbers_of_trial(run, grid),
      .batches = kBytesOfToken * static_cast<double>(plan.shape.tokens()) + files.bytes_of_rank(),
      .streams = 2 + lanes,
      .tensor_flags = "--batch, --seq, --hidden, --layers or --microbatches"};
}

LabProgram make_program(RankContext& ctx, const LabOptions& o, const Plan& plan,
                        const TextBatches& batches, TrainingFiles& files) {
  auto state =
      std::make_shared<State>(ctx, plan.config, plan.shape.tokens() / plan.pieces,
                              options_on(ctx, plan), adamw_of(o, kLearningRate), warmup_of(o));
  state->optimizer.decay_over(decay_steps_of(o));
  if (!files.load(ctx, state->model.parameters(), state->optimizer)) {
    state->model.fill(ctx, gpt2_init(o.seed, plan.config.layers));
    state->optimizer.copy_masters(ctx);
  }
  auto read_losses = [=, &ctx] {
    std::vector<double> losses;
    for (const Tensor& loss : state->losses)
      losses.push_back(ctx.math.to_host(loss, ctx.compute).at(0));
    return losses;
  };
  auto train = [=, &ctx, &batches](int step) {
    const auto losses =
        state->model.forward_backward(cut(batches.at(std::max(step, 0)), plan.pieces), ctx);
    state->losses.push_back(state->model.mean_loss(losses, ctx));
    if (plan.clip > 0) clip_by_global_norm(ctx, state->model.parameters(), plan.clip);
    state->optimizer.step(ctx);
  };
  return {.step = train,
          .losses = read_losses,
          .peak_in_flight = [=] { return state->model.peak_in_flight(); },
          .save = [=, &ctx,
                   &files] { return files.save(ctx, state->model.parameters(), state->optimizer); },
          .parameters = [=] { return state->model.parameters(); },
          .parameters_changed = [=, &ctx] { state->optimizer.copy_masters(ctx); }};
}

// Every gradient of one batch, clipped if the run clips: a wrong norm is in all of them.
LabProgram make_trial(RankContext& ctx, const LabOptions& o, Plan plan, const Batch& batch) {
  if (ctx.world.size() == 1) {
    plan.config = plain_way(plan.config);
    plan.options.recompute = false;
  }
  auto model = std::make_shared<PipelineDecoder>(
      ctx, plan.config, plan.shape.tokens() / plan.pieces, options_on(ctx, plan));
  model->fill(ctx, random_fill(o.seed, plan.config.hidden));
  auto step = [=, &ctx](int) {
    model->forward_backward(cut(batch, plan.pieces), ctx);
    if (plan.clip > 0) clip_by_global_norm(ctx, model->parameters(), plan.clip);
  };
  return {.step = step,
          .numbers = [=, &ctx] { return parts_of_gradients(ctx, model->parameters()); },
          .parameters = [=] { return model->parameters(); }};
}

}  // namespace

void technique_is_schedule(const LabOptions& options, PipelineOptions& pipeline) {
  pipeline.schedule = options.technique;
  if (!options.answer.empty())
    pipeline.own_schedule = [answer = options.answer](int ranks, int microbatches) {
      return answered_schedule(answer, ranks, microbatches);
    };
}

Toggle p2p_toggle() {
  return {"p2p", {"blocking", "one-lane", "prefetch"}, "one-lane", "how stages send"};
}
Toggle chunks_toggle() {
  return {"chunks", {}, "", "stages a rank's share is cut into (default: the schedule's)"};
}
Toggle group_toggle() {
  return {
      "microbatch-group", {}, "", "interleaved_1f1b: micro-batches before the next chunk's turn"};
}
Toggle scatter_toggle() {
  return {"scatter", {"on", "off"}, "off", "stage boundaries over the tensor-parallel ranks"};
}
Toggle recompute_toggle() {
  return {"recompute", {"on", "off"}, "off", "activations again in backward instead of kept"};
}
Toggle gradient_sync_toggle() {
  return {"gradient-sync", {"plain", "bucketed", "overlapped"}, "bucketed", "sums over --dp"};
}
Toggle clip_toggle() {
  return {"clip", {}, "off", "gradients' global norm is at most this number"};
}
Toggle schedule_toggle() {
  std::vector<std::string> names;
  for (const std::string& name : schedule_names())
    if (name != "forward_only") names.push_back(name);
  return {"schedule", names, "1f1b", "pipeline schedule (docs/schedules.md)"};
}

PipelineOptions pipeline_options(const PipelineLab& lab, const LabOptions& o) {
  PipelineOptions options = {
      .schedule = value_of(o, schedule_toggle()),
      .microbatches = o.shape.microbatches.value_or(lab.microbatches),
      .p2p = parse_p2p(value_of(o, p2p_toggle())),
      .scatter = value_of(o, scatter_toggle()) == "on",
      .recompute = value_of(o, recompute_toggle()) == "on",
      .gradient_sync = parse_gradient_sync(value_of(o, gradient_sync_toggle()))};
  lab.apply(o, options);
  if (options.own_schedule) {
    options.own_schedule(o.grid.pp, options.microbatches);  // refuses
    return options;
  }
  options.chunks = default_chunks(options.schedule);
  if (!value_of(o, chunks_toggle()).empty()) options.chunks = whole_number(o, "chunks");
  if (!value_of(o, group_toggle()).empty()) options.group = whole_number(o, "microbatch-group");
  build_schedule(options.schedule, o.grid.pp, options.microbatches, options.chunks,
                 options.group);  // refuses
  return options;
}

LabResult run_pipeline_lab(const PipelineLab& lab, const LabOptions& o) {
  Plan plan = {.options = pipeline_options(lab, o),
               .shape = complete(o.shape, small_pipeline_shape(), real_pipeline_shape(), o)};
  plan.config = model_of(o, plan.shape);
  adamw_of(o, kLearningRate);  // refuses, as the next two
  warmup_of(o);
  decay_steps_of(o);
  plan.pieces = plan.options.microbatches * o.grid.dp;
  if (value_of(o, clip_toggle()) != "off")
    plan.clip = static_cast<float>(positive_number(o, "clip"));
  if (plan.shape.vocab < 256)
    usage_error(text("--vocab ", plan.shape.vocab, ": bytes need at least 256"));
  if (plan.shape.batch % plan.pieces != 0)
    usage_error(text("--batch ", plan.shape.batch, " must be a multiple of --microbatches ",
                     plan.options.microbatches, " times --dp ", o.grid.dp));
  check_tokens(plan.config, plan.shape.tokens() / plan.pieces, o.grid.tp);
  TextBatches batches(text_of(o), plan.shape.batch, plan.shape.seq, o.seed);
  TrainingFiles files(o, plan.config, batches);
  const int steps = o.steps.value_or(computes_here(o.device) ? lab.steps : 1);
  const int warmup = computes_here(o.device) ? lab.warmup : 0;
  LabResult result = run_lab(
      lab.name, o,
      {.shape = plan.shape,
       .dtype = plan.config.dtype,
       .warmup = warmup,
       .steps = steps,
       .make = [&](RankContext& ctx) { return make_program(ctx, o, plan, batches, files); },
       .trial = [&](RankContext& ctx) { return make_trial(ctx, o, plan, batches.at(0)); },
       .longest_sum = longest_sum(plan.config, plan.shape.tokens()),
       .make_once =
           [&](RankContext& ctx) {
             Plan once = plan;
             once.options.recompute = false;
             return make_program(ctx, o, once, batches, files);
           },
       .need =
           [&](GridShape grid) {
             return need_of(plan, files, grid, /*is_compared=*/grid.ranks() < o.grid.ranks());
           }});
  files.add_notes(result.report);
  result.microbatches = plan.options.microbatches;
  result.stage_layers = layers_of_stages(plan.config, stages_of(plan.options, o.grid.pp));
  return result;
}

LabShape small_pipeline_shape() {
  return {.layers = 8,
          .hidden = 128,
          .ffn = 512,
          .heads = 4,
          .kv_heads = 4,
          .vocab = 256,
          .seq = 64,
          .batch = 8};
}

LabShape real_pipeline_shape() {
  return {.layers = 22,
          .hidden = 4096,
          .ffn = 14336,
          .heads = 32,
          .kv_heads = 8,
          .vocab = 128256,
          .seq = 2048,
          .batch = 8};
}

}  // namespace shardpipe
