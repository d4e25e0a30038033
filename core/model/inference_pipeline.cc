#include "core/model/inference_pipeline.h"

#include "core/model/stage_split.h"

namespace shardpipe {
namespace {

StageRange range_of(RankContext& ctx, const DecoderConfig& config) {
  return split_into_stages(config, ctx.pp.size())[static_cast<std::size_t>(ctx.pp.rank())];
}

InferenceOptions checked(const InferenceOptions& o) {
  if (o.groups < 1 || o.sequences < 1)
    usage_error(text("inference with ", o.groups, " groups of ", o.sequences,
                     " sequences: each must be at least 1"));
  return o;
}

}  // namespace

InferencePipeline::InferencePipeline(RankContext& ctx, const DecoderConfig& config,
                                     const InferenceOptions& options)
    : config_(config),
      options_(checked(options)),
      first_(ctx.pp.rank() == 0),
      last_(ctx.pp.rank() == ctx.pp.size() - 1),
      stage_(ctx, config, range_of(ctx, config), options.groups, options.sequences) {}

std::vector<Tensor> InferencePipeline::generate(
    const std::vector<std::vector<std::int32_t>>& prompts, int tokens, RankContext& ctx) {
  const DecodeRing ring(ctx.pp.size(), options_.groups, tokens, options_.hide_messages ? 2 : 1);
  start(prompts, tokens, ctx);
  for (int tick = 0; tick < ring.ticks(); ++tick) {
    Tensor made;
    if (const auto item = ring.item(ctx.pp.rank(), tick)) made = work(*item, ctx);
    exchange(ring, tick, made, ctx);
  }
  for (int group = 0; first_ && group < options_.groups; ++group)
    take_chosen({tokens - 1, group}, ctx);
  std::vector<Tensor> sequences;
  for (Group& group : groups_) sequences.push_back(std::move(group.sequences));
  return sequences;
}

void InferencePipeline::start(const std::vector<std::vector<std::int32_t>>& prompts, int tokens,
                              RankContext& ctx) {
  const Index B = options_.sequences;
  if (static_cast<int>(prompts.size()) != options_.groups)
    usage_error(text(prompts.size(), " groups of prompts for ", options_.groups, " groups"));
  groups_.clear();
  for (const auto& prompt : prompts) {
    const Index size = static_cast<Index>(prompt.size()), length = size / B;
    if (size == 0 || size % B != 0)
      usage_error(text("a group's prompts have ", size, " tokens, which are not ", B,
                       " sequences of one length"));
    if (length + tokens - 1 > config_.sequence)
      usage_error(text("a prompt of ", length, " and ", tokens, " new tokens need ",
                       length + tokens - 1, " positions, --seq is ", config_.sequence));
    stage_.restart(static_cast<int>(groups_.size()));
    Group& group = groups_.emplace_back(Group{.prompt = length});
    if (!first_ && !last_) continue;
    const Tensor given = upload_tokens(ctx, prompt, config_.vocabulary).reshape({B, length});
    group.sequences = Tensor(ctx.device, {B, length + tokens}, DType::i32);
    ctx.math.copy_columns(group.sequences, 0, given, 0, length, ctx.compute);
  }
}

Tensor InferencePipeline::work(const RingItem& item, RankContext& ctx) {
  const Scope mark = ctx.scope({.step = item.round, .stage = ctx.pp.rank()});
  const Tensor x = input(item, ctx);
  if (!options_.cache) stage_.restart(item.group);
  const Tensor y = stage_.forward(x, item.group, ctx);
  if (last_) append(item, y, ctx);
  if (first_ && last_) inbox_[{item.round, item.group}] = {.data = y};  // to oneself
  return y;
}

// What the item needs: of the stage before, the same item; in the first stage, the tokens that the
// round before has chosen.
Tensor InferencePipeline::input(const RingItem& item, RankContext& ctx) {
  if (!first_) return take(item, ctx);
  if (item.round > 0) {
    const Tensor chosen = take_chosen({item.round - 1, item.group}, ctx);
    if (options_.cache) return chosen;
  }
  return positions_so_far(item, ctx);
}

// What another stage, or this one, made of the item.
Tensor InferencePipeline::take(const RingItem& item, RankContext& ctx) {
  const auto found = inbox_.find({item.round, item.group});
  if (found == inbox_.end())
    fail(ExitCode::fault, text("round ", item.round, " of group ", item.group, " did not come"));
  const Mail mail = std::move(found->second);
  inbox_.erase(found);
  ctx.compute.wait(mail.ready);
  return mail.data;
}

Tensor InferencePipeline::take_chosen(const RingItem& item, RankContext& ctx) {
  const Tensor chosen = take(item, ctx);
  if (!last_) append(item, chosen, ctx);
  return chosen;
}

// The first columns of the group's sequences: i32 [B S].
Tensor InferencePipeline::positions_so_far(const RingItem& item, RankContext& ctx) const {
  const Group& group = groups_[static_cast<std::size_t>(item.group)];
  const Index S = group.prompt + item.round;
  Tensor tokens(ctx.device, {options_.sequences, S}, DType::i32);
  ctx.math.copy_columns(tokens, 0, group.sequences, 0, S, ctx.compute);
  return tokens.reshape({tokens.elements()});
}

// The tokens that a round has chosen follow the prompt and those of the rounds before.
void InferencePipeline::append(const RingItem& item, Tensor chosen, RankContext& ctx) {
  const Group& group = groups_[static_cast<std::size_t>(item.group)];
  ctx.math.copy_columns(group.sequences, group.prompt + item.round,
                        chosen.reshape({options_.sequences, 1}), 0, 1, ctx.compute);
}

// The messages of a tick: what this rank made goes to the next one of the ring, what the rank
// before made comes. Compute goes on; who needs what came waits for `ready`.
void InferencePipeline::exchange(const DecodeRing& ring, int tick, Tensor made, RankContext& ctx) {
  const int p = ctx.pp.size(), me = ctx.pp.rank(), before = (me + p - 1) % p;
  const auto mine = ring.item(me, tick), coming = ring.item(before, tick);
  if (p == 1 || (!mine && !coming)) return;
  std::vector<Message> messages;
  if (mine) {
    ctx.comm.wait(ctx.compute.record());  // made is ready
    messages.push_back({Direction::send, (me + 1) % p, made});
  }
  Mail mail;
  if (coming) {
    const Index B = options_.sequences;
    mail.data = first_ ? Tensor(ctx.device, {B}, DType::i32)
                       : Tensor(ctx.device, {rows(*coming), config_.hidden}, config_.dtype);
    messages.push_back({Direction::recv, before, mail.data});
  }
  const RingItem& named = mine ? *mine : *coming;
  const Scope mark = ctx.scope({.step = named.round, .stage = me, .microbatch = named.group});
  ctx.pp.exchange(messages, ctx.comm);
  mail.ready = ctx.comm.record();
  if (coming) inbox_[{coming->round, coming->group}] = mail;
}

// B S of an item.
Index InferencePipeline::rows(const RingItem& item) const {
  const Index prompt = groups_[static_cast<std::size_t>(item.group)].prompt;
  if (item.round == 0) return options_.sequences * prompt;
  return options_.sequences * (options_.cache ? 1 : prompt + item.round);
}

}  // namespace shardpipe
