#include "core/plan/run_bound.h"

#include <algorithm>

#include "core/model/stage_split.h"
#include "core/plan/layer_memory.h"
#include "core/plan/rank_memory.h"
#include "core/plan/weight_bytes.h"
#include "core/schedule/builders.h"

namespace shardpipe {
namespace {

constexpr double kReplayedActions = 1e6;  // of layers and micro-batches, about a second
constexpr int kLayersOfStage = 2;         // that are replayed where there are too many

// Operations of one block: both passes of a micro-batch; the optimizer and what sums gradients.
constexpr double kPasses = 72, kForward = 25, kUpdates = 45;
constexpr double kAhead = 1024 / 60.0;  // blocks whose passes fit into a stream's queue
constexpr double kSmall = 20e3;         // bytes of a rank's losses, tokens, scalars

double as_double(std::int64_t n) { return static_cast<double>(n); }

// Blocks hold no more than this. A naive one gathers: its tensors are whole on every rank.
TensorBytes bounding_bytes(DecoderConfig c, Index tokens, int tp) {
  if (!c.paired) tp = 1;
  c.twin.style = splits_tokens(c.twin.style) ? TpStyle::sequence_parallel : TpStyle::plain;
  c.paired = true;
  c.fused = false;
  return tensor_bytes(c, tokens, tp);
}

// What both passes of one block make.
Ledger passes_of_block(const TensorBytes& n) {
  Ledger ledger;
  ledger.make(Use::stash, n.x);
  block_forward(ledger, n, Use::stash);
  ledger.make(Use::working, n.x);
  block_backward(ledger, n, Use::stash);
  return ledger;
}

// x, dy, y, dx, and what a part makes in between. Blocks that fuse, or whose branches are side by
// side, hold some x more; one that adds up partial sums itself, one of each rank.
double activations_of(LayerPart part, const TensorBytes& n, bool gathers_sums, int tp) {
  const std::int64_t qkv = n.q + 2 * n.kv;
  if (part == LayerPart::attention) return as_double(4 * n.x + 6 * n.q + 2 * qkv + 2 * n.p);
  if (part == LayerPart::mlp) return as_double(4 * n.x + 2 * n.up + 2 * n.act);
  return as_double(passes_of_block(n).worst().total() + (gathers_sums ? 8 + tp : 6) * n.x);
}

// Naive linears gather part by part, rings multiply part by part, overlapped ones by chunks.
double operations_of_passes(const DecoderConfig& c, int tp) {
  if (!c.paired || c.twin.style == TpStyle::collective_matmul) return kPasses + 24.0 * tp;
  return c.twin.style == TpStyle::overlapped ? kPasses + 6.0 * c.twin.chunks : kPasses;
}

// Of a stage. A naive one has whole tables at the ends.
double weights_held(const DecoderConfig& c, const StageRange& range, int tp) {
  const double split = as_double(weights_of_stage(c, range, tp));
  if (c.paired) return split;
  StageRange ends = range;
  ends.layers = 0;
  return split + as_double(weights_of_stage(c, ends, 1) - weights_of_stage(c, ends, tp));
}

double elements_of(LayerPart part, const DecoderConfig& c, int tp) {
  const double whole = as_double(weights_of_block(c, tp));
  const double mlp =
      as_double((c.family == Family::gpt2 ? 2 : 3) * c.ffn / tp * (c.hidden + 1) + c.hidden);
  const double norms = as_double((c.family == Family::gpt2 ? 4 : 2) * c.hidden);
  return part == LayerPart::block ? whole : part == LayerPart::mlp ? mlp : whole - mlp - norms;
}

// Copies of a stage: two under dualpipe.
double copies_of(const Schedule& schedule) {
  double held = 0;
  for (int rank = 0; rank < schedule.num_ranks(); ++rank)
    held += as_double(static_cast<std::int64_t>(stages_of_rank(schedule, rank).size()));
  return held / schedule.stages;
}

double actions_of(const Schedule& schedule) {
  double actions = 0;
  for (const auto& order : schedule.ranks)
    actions += as_double(static_cast<std::int64_t>(order.size()));
  return actions;
}

double largest_of(const DecoderConfig& c) {
  return 4 * as_double(c.hidden) * as_double(std::max({c.vocabulary, c.ffn, c.hidden, c.sequence}));
}

// Of one rank: the largest operation has three operands, each no larger than the largest tensor.
double widened_by_operation(const DecoderConfig& c, const TensorBytes& n) {
  if (c.dtype != DType::bf16) return 0;
  const std::int64_t largest = std::max({n.x, n.whole, n.q + 2 * n.kv, n.p, n.up, n.logits});
  return 3 * std::max(2 * as_double(largest), largest_of(c));
}

// Layers that are replayed one by one; the rest is added.
int few_layers(const DecoderConfig& c, const Schedule& schedule) {
  const double each = actions_of(schedule) / schedule.stages;
  if (each * c.layers <= kReplayedActions) return c.layers;
  return std::min(c.layers, kLayersOfStage * schedule.stages);
}

}  // namespace

RunBound layer_bound(LayerPart part, const DecoderConfig& c, Index tokens, int tp) {
  check_config(c, tp);
  const TensorBytes n = bounding_bytes(c, tokens, tp);
  const double share = elements_of(part, c, tp);
  const WeightBytes each = bytes_of_weight(c);
  return {.weights = tp * as_double(each.value + each.gradient) * share,
          .activations = tp * (activations_of(part, n, c.fused, tp) + kSmall),
          .queued = tp * kAhead * as_double(passes_of_block(n).made()),
          .whole_weights = 4 * elements_of(part, c, 1),
          .largest_weight = 4 * as_double(c.hidden) * as_double(std::max(c.ffn, c.hidden)),
          .layers = 1.0 * tp,
          .operations = tp * operations_of_passes(c, tp)};
}

RunBound training_bound(const DecoderConfig& config, GridShape grid, const PipelineOptions& options,
                        Index tokens) {
  check_config(config, grid.tp);
  const TensorBytes n = bounding_bytes(config, tokens, grid.tp);
  const Schedule schedule = options.own_schedule
                                ? options.own_schedule(grid.pp, options.microbatches)
                                : build_schedule(options.schedule, grid.pp, options.microbatches,
                                                 options.chunks, options.group);
  DecoderConfig few = config;
  few.layers = few_layers(config, schedule);
  const std::vector<StageRange> ranges = split_into_stages(few, schedule.stages);
  const Program program = insert_messages(schedule);
  const double more = config.layers - few.layers;
  double weights = copies_of(schedule) * more * as_double(weights_of_block(config, grid.tp));
  double activations = 0;
  int most_in_flight = 0;
  for (int rank = 0; rank < grid.pp; ++rank) {
    for (const int stage : stages_of_rank(schedule, rank))
      weights += weights_held(config, ranges[static_cast<std::size_t>(stage)], grid.tp);
    const StepMemory step = RankMemory(program, rank, ranges, n, grid.tp, options).run();
    activations += as_double(step.worst.total());
    most_in_flight = std::max(most_in_flight, step.peak_in_flight);
  }
  activations += more * most_in_flight / schedule.chunks *
                 as_double(std::max(kept_by_block(n), kept_for_weights(n)));
  const double alike = grid.tp * grid.dp, layers = copies_of(schedule) * config.layers;
  const double passes = operations_of_passes(config, grid.tp) + (options.recompute ? kForward : 0);
  const double whole_logits = config.paired ? 0 : 1.5 * as_double(n.logits);  // and parts of them
  const double blocks = 1.0 * options.microbatches * config.layers;           // passes of a step
  return {
      .weights = alike * weights * as_double(bytes_of_weight(config).all()),
      .activations =
          alike * (activations * (config.fused ? 1.1 : 1.02) + whole_logits + grid.pp * kSmall),
      .queued = alike * std::min(grid.pp * kAhead, blocks) * as_double(passes_of_block(n).made()),
      .widened = alike * grid.pp * widened_by_operation(config, n),
      .whole_weights = 4 * as_double(count_parameters(config)),
      .largest_weight = largest_of(config),
      .layers = alike * layers,
      .operations =
          alike * (passes * blocks + kUpdates * layers + kForward * actions_of(schedule))};
}

RunBound inference_bound(const DecoderConfig& config, GridShape grid,
                         const InferenceOptions& options, Index prompt, int tokens) {
  check_config(config, grid.tp);
  const Index positions = prompt + tokens, at_once = options.cache ? prompt : positions;
  DecoderConfig few = config;
  few.layers = std::min(config.layers, kLayersOfStage * grid.pp);
  double weights = as_double(weights_of_block(config, grid.tp)) * (config.layers - few.layers);
  for (const StageRange& range : split_into_stages(few, grid.pp))
    weights += as_double(weights_of_stage(config, range, grid.tp));
  few.sequence = at_once;
  const TensorBytes n = tensor_bytes(few, options.sequences * at_once, grid.tp);
  Ledger block;
  block.make(Use::stash, n.x);
  block_forward(block, n, Use::working);
  const double groups = options.groups, B = as_double(options.sequences);
  const double e = as_double(size_of(config.dtype));
  const double cache = groups * B * as_double(config.sequence) *
                       as_double(kv_cache_bytes_per_token(config, 1, grid.tp)) * config.layers;
  const double ends = 2 * groups * B * as_double(positions) * 4;  // tokens, on first and last stage
  const double logits = 2 * B * as_double(config.vocabulary) * e;
  const double of_a_rank = as_double(block.worst().total()) + 2 * groups * as_double(n.x);
  return {
      .weights = grid.tp * e * weights,
      .activations = grid.tp * (cache + ends + logits + grid.pp * of_a_rank),
      .whole_weights = 4 * as_double(count_parameters(config)),
      .largest_weight = largest_of(config),
      .layers = grid.tp * as_double(config.layers),
      .operations = grid.tp * groups * tokens * (kForward * config.layers + kForward * grid.pp)};
}

}  // namespace shardpipe
