// tp-train: a byte-level language model trained on text; the losses are those of one rank.
#include "core/model/decoder.h"
#include "labs/day03_block/answered_parts.h"
#include "labs/harness.h"
#include "labs/model_flags.h"
#include "labs/training_files.h"

namespace shardpipe {
namespace {

struct TrainState {
  TrainState(RankContext& ctx, const DecoderConfig& config, const DecoderParts& parts,
             AdamWOptions adamw, int warmup)
      : model(ctx, config, parts), optimizer(ctx, model.parameters(), adamw, warmup) {}
  Decoder model;
  AdamW optimizer;
  std::vector<Tensor> losses;  // [1] each; read after the window
};

// What the learner has written, in the kit's place. On one rank, which the others are compared
// with, it is the kit's.
DecoderParts parts_of(RankContext& ctx, const std::string& answer, const DecoderConfig& config) {
  DecoderParts parts;
  if (ctx.tp.size() == 1) return parts;
  const Index V = config.vocabulary;
  if (answer == "day03_embedding")
    parts.embedding = [=](Parameter& table) { return answered_embedding(table, V); };
  if (answer == "day03_cross_entropy") parts.loss = [=] { return answered_loss(V); };
  if (answer == "day03_block")
    parts.block = [=](RankContext& rank, int layer) {
      return answered_block(rank, layer, block_options(config));
    };
  return parts;
}

Tensor forward_backward(RankContext& ctx, Decoder& model, const Batch& batch) {
  const Index vocabulary = model.config().vocabulary;
  const Tensor tokens = upload_tokens(ctx, batch.tokens, vocabulary);
  const Tensor targets = upload_tokens(ctx, batch.targets, vocabulary);
  const Tensor loss = model.forward(tokens, targets, 0, ctx);
  model.backward(1, 0, ctx);
  model.reduce_replicated_gradients(ctx);
  return loss;
}

void train_step(RankContext& ctx, TrainState& state, const Batch& batch) {
  state.losses.push_back(forward_backward(ctx, state.model, batch));
  state.optimizer.step(ctx);
}

LabProgram make_program(RankContext& ctx, const LabOptions& o, const DecoderConfig& config,
                        const TextBatches& batches, TrainingFiles& files) {
  const AdamWOptions adamw = adamw_of(o, positive_number(o, "learning-rate"));
  auto state = std::make_shared<TrainState>(ctx, config, parts_of(ctx, o.answer, config), adamw,
                                            warmup_of(o));
  state->optimizer.decay_over(decay_steps_of(o));
  if (!files.load(ctx, state->model.parameters(), state->optimizer)) {
    state->model.fill(ctx, gpt2_init(o.seed, config.layers));
    state->optimizer.copy_masters(ctx);
  }
  auto read_losses = [=, &ctx] {
    std::vector<double> losses;
    for (const Tensor& loss : state->losses)
      losses.push_back(ctx.math.to_host(loss, ctx.compute).at(0));
    return losses;
  };
  return {.step = [=, &ctx, &batches](int step) { train_step(ctx, *state, batches.at(step)); },
          .losses = read_losses,
          .save = [=, &ctx,
                   &files] { return files.save(ctx, state->model.parameters(), state->optimizer); },
          .parameters = [=] { return state->model.parameters(); },
          .parameters_changed = [=, &ctx] { state->optimizer.copy_masters(ctx); }};
}

// Every gradient of one batch.
LabProgram make_trial(RankContext& ctx, const LabOptions& o, const DecoderConfig& config,
                      const Batch& batch) {
  const bool alone = ctx.world.size() == 1;
  auto model = std::make_shared<Decoder>(ctx, alone ? plain_way(config) : config,
                                         parts_of(ctx, o.answer, config));
  model->fill(ctx, random_fill(o.seed, config.hidden));
  return {.step = [=, &ctx](int) { forward_backward(ctx, *model, batch); },
          .numbers = [=, &ctx] { return parts_of_gradients(ctx, model->parameters()); },
          .parameters = [=] { return model->parameters(); }};
}

// As a pipeline of one stage and one micro-batch.
LabNeed need_of(const TrainingFiles& files, const DecoderConfig& config, const LabShape& s,
                int tp) {
  const RunBound run = training_bound(config, {.tp = tp}, {.schedule = "naive"}, s.tokens());
  return {.run = run,
          .numbers = numbers_of_trial(run, {.tp = tp}),
          .batches = kBytesOfToken * static_cast<double>(s.tokens()) + files.bytes_of_rank()};
}

LabResult run(const LabOptions& o) {
  LabShape small{.layers = 2,
                 .hidden = 128,
                 .ffn = 512,
                 .heads = 4,
                 .kv_heads = 4,
                 .vocab = 256,
                 .seq = 64,
                 .batch = 4};
  LabShape real{.layers = 4,
                .hidden = 8192,
                .ffn = 28672,
                .heads = 64,
                .kv_heads = 8,
                .vocab = 128256,
                .seq = 4096,
                .batch = 1};
  const LabShape shape = complete(o.shape, small, real, o);
  if (shape.vocab < 256) usage_error(text("--vocab ", shape.vocab, ": bytes need at least 256"));
  DecoderConfig config = model_of(o, shape);
  config.paired = o.paired() || !o.answer.empty();
  if (!o.answer.empty() && (config.fused || config.twin.style != TpStyle::plain))
    usage_error("an answer runs with --style plain and --fused off");
  check_config(config, o.grid.tp);  // complete() does not know what naive means here
  check_tokens(config, shape.tokens(), o.grid.tp);
  const double rate = positive_number(o, "learning-rate");
  adamw_of(o, rate);  // refuses, as the next two
  warmup_of(o);
  decay_steps_of(o);
  TextBatches batches(text_of(o), shape.batch, shape.seq, o.seed);
  TrainingFiles files(o, config, batches);
  const int steps = o.steps.value_or(computes_here(o.device) ? 20 : 1);
  LabResult result = run_lab(
      "tp-train", o,
      {.shape = shape,
       .dtype = config.dtype,
       .warmup = 0,
       .steps = steps,
       .make = [&](RankContext& ctx) { return make_program(ctx, o, config, batches, files); },
       .trial = [&](RankContext& ctx) { return make_trial(ctx, o, config, batches.at(0)); },
       .longest_sum = longest_sum(config, shape.tokens()),
       .need = [&](GridShape grid) { return need_of(files, config, shape, grid.tp); }});
  files.add_notes(result.report);
  return result;
}

}  // namespace

Lab tp_train_lab() {
  return {.name = "tp-train",
          .day = 3,
          .summary = "a byte-level language model on real text, trained with tensor parallelism",
          .toggles = {family_toggle(),
                      tied_toggle(),
                      style_toggle(),
                      fused_toggle(),
                      text_toggle(),
                      dtype_toggle(),
                      recipe_toggle(),
                      {"learning-rate", {}, "0.001", "of AdamW"},
                      warmup_toggle(),
                      decay_steps_toggle(),
                      weight_decay_toggle(),
                      load_toggle()},
          .has_weights = true,
          .run = run};
}

}  // namespace shardpipe
