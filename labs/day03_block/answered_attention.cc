#include "labs/day03_block/answered_attention.h"

namespace shardpipe {
namespace {

AnsweredParts parts_of(const std::string& exercise) {
  if (exercise == "day03_grouped_heads") return parts_of_grouped_heads();
  if (exercise == "day03_attention_backward") return parts_of_attention_backward();
  return parts_of_attention_forward();
}

// Before anything is made.
const AttentionOptions& checked(const AttentionOptions& o, const std::string& exercise) {
  if (o.rotary_theta > 0) usage_error(text(exercise, " has no rotary embedding: --rotary off"));
  if (exercise != "day03_grouped_heads" && o.kv_heads != o.heads)
    usage_error(text(exercise, " has keys and values for every head: --kv-heads ", o.heads,
                     " (or --technique mine:day03_grouped_heads)"));
  return o;
}

}  // namespace

AnsweredAttention::AnsweredAttention(RankContext& ctx, Index D, const AttentionOptions& options,
                                     const std::string& exercise)
    : weights_(ctx, "attention", D, checked(options, exercise)),
      answer_(parts_of(exercise)),
      positions_(options.sequence),
      head_size_(D / options.heads) {
  if (!answer_.ranks_of_kv_head) return;
  const int rank = ctx.tp.rank(), t = ctx.tp.size(), K = static_cast<int>(options.kv_heads);
  // With as many heads as ranks or more there are no copies.
  copies_ =
      ctx.tp.subgroup(K < t ? answer_.ranks_of_kv_head(rank, t, K) : std::vector<int>{rank}, "kv");
}

AttentionShard AnsweredAttention::shard(Tensor Parameter::*which) {
  const std::vector<Parameter*> all = weights_.parameters();
  return {.qkv_weight = all.at(0)->*which,
          .qkv_bias = all.at(1)->*which,
          .out_weight = all.at(2)->*which,
          .out_bias = all.at(3)->*which};
}

Tensor AnsweredAttention::forward(Tensor x, int microbatch, RankContext& ctx) {
  const AttentionShard weights = shard(&Parameter::value);
  Saved& saved = saved_[microbatch];
  saved = {.x = x, .state = make_attention_state(weights, x.size(0), positions_, head_size_, ctx)};
  const Tensor y(ctx.device, x.shape(), x.dtype());  // [T,D]
  answer_.parts.project_heads(x, weights, saved.state, ctx);
  answer_.parts.attend(y, weights, saved.state, ctx);
  return y;
}

Tensor AnsweredAttention::backward_input(Tensor dy, int microbatch, RankContext& ctx) {
  const Saved saved = take(saved_, microbatch);
  const AttentionShard weights = shard(&Parameter::value);
  const Tensor dx(ctx.device, saved.x.shape(), dy.dtype());  // [T,D]
  answer_.parts.heads_backward(dy, weights, saved.state, ctx);
  answer_.parts.projection_backward(dx, shard(&Parameter::grad), saved.x, dy, weights, saved.state,
                                    ctx);
  return dx;
}

void AnsweredAttention::reduce_replicated_gradients(RankContext& ctx) {
  if (answer_.sum_copies) answer_.sum_copies(shard(&Parameter::grad), *copies_, ctx);
}

}  // namespace shardpipe
