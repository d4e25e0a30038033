// Day 3: grouped-query heads, and copies of key/value heads.    ./lab check day03_grouped_heads
//
// With grouped-query attention H query heads share K key/value heads: H/K neighbouring ones use the
// same keys and values. A rank that has h query heads and k key/value heads does not repeat these:
// q [B,h,S,C] has the rows of a group one below the other already, so seen as [B k,(h/k)S,C] one
// product per key/value head gives the scores of all its queries. Backward the same product sums
// what they give of dK and dV. The rest is as in one head: scores = q k^T / sqrt(C), and that
// factor is in dK, too.
//
// With fewer key/value heads than ranks, t/K neighbouring ranks hold the same one. Each of them
// has seen its own query heads only: its dK and dV, and so its gradients of the rows of W_K and
// W_V, are a term of a sum. dx needs nothing new: it is summed over all ranks anyway. But the
// copies of the weights must get the whole gradient, or they drift apart. That is one sum for each
// step, not for each micro-batch.
//
//   t = 4, H = 4, K = 2        rank 0       rank 1       rank 2       rank 3
//     query head, its keys     0, 0         1, 0         2, 1         3, 1
//     gradient of its W_K      5            -2           1            4
//     after the sum            3            3            5            5
//
// Region 1 says for each rank which ranks these are: 0 1 for rank 0, 2 3 for rank 3. The kit makes
// a communicator of them, which region 4 is given. A rank whose heads no other rank holds gets one
// of itself alone, in which an all-reduce does nothing.
// The gradient of the fused weight has rows [Q_i | K_i | V_i]: query heads belong to one rank.
//
// Everything else of the layer is given, forward and backward. What there is to call stands in
// exercises/day03_block/attention.h.
// Allowed: in the communicator of copies the rows of K_i and V_i, of the gradients of weight and
// bias, each number once; memory beside what is given: forward one [B,h,S,C], backward none.
#include "exercises/day03_block/day03_grouped_heads.h"

namespace shardpipe::answer {

std::vector<int> ranks_of_kv_head(int rank, int ranks, int kv_heads) {
  // >>> region 1: all ranks that hold the key/value head of this one, in order (about 5 lines)
  const int copies = ranks / kv_heads;
  std::vector<int> all;
  for (int i = 0; i < copies; ++i) all.push_back(rank / copies * copies + i);
  return all;
  // <<< region 1
}

void grouped_context(const AttentionState& state, RankContext& ctx) {
  // >>> region 2: state.p and state.context, h/k query heads to a key/value head (about 12 lines)
  const Index B = state.q.size(0), h = state.q.size(1), S = state.q.size(2), C = state.q.size(3);
  const Index k = state.k.size(1);
  const Shape groups = {B * k, h / k * S, C}, keys = {B * k, S, C};
  const Tensor out(ctx.device, groups, state.q.dtype());
  ctx.math.gemm(state.p, state.q.reshape(groups), Transpose::no, state.k.reshape(keys),
                Transpose::yes, {.alpha = 1 / std::sqrt(static_cast<float>(C))}, ctx.compute);
  ctx.math.causal_softmax(state.p, state.p, ctx.compute);
  ctx.math.gemm(out, state.p, Transpose::no, state.v.reshape(keys), Transpose::no, {}, ctx.compute);
  ctx.math.merge_heads(state.context, out.reshape({B, h, S, C}), 0, ctx.compute);
  // <<< region 2
}

void kv_gradients(Tensor dk, Tensor dv, const Tensor& dscores, const Tensor& dout,
                  const AttentionState& state, RankContext& ctx) {
  // >>> region 3: dk and dv, summed over the query heads of their group (about 8 lines)
  const Index B = state.q.size(0), h = state.q.size(1), S = state.q.size(2), C = state.q.size(3);
  const Index k = state.k.size(1);
  const Shape groups = {B * k, h / k * S, C}, keys = {B * k, S, C};
  ctx.math.gemm(dk.reshape(keys), dscores, Transpose::yes, state.q.reshape(groups), Transpose::no,
                {.alpha = 1 / std::sqrt(static_cast<float>(C))}, ctx.compute);
  ctx.math.gemm(dv.reshape(keys), state.p, Transpose::yes, dout.reshape(groups), Transpose::no, {},
                ctx.compute);
  // <<< region 3
}

void sum_copies(const AttentionShard& gradients, Communicator& copies, RankContext& ctx) {
  // >>> region 4: copies of a gradient hold the sum over the ranks that have one (about 5 lines)
  const Index queries = gradients.out_weight.size(1);  // h C rows of Q_i
  const Index rest = gradients.qkv_bias.size(0) - queries;
  copies.all_reduce(gradients.qkv_weight.slice(queries, rest), ctx.compute);
  copies.all_reduce(gradients.qkv_bias.slice(queries, rest), ctx.compute);
  // <<< region 4
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::GroupedHeadsAnswer& answer) {
  answer = {.ranks_of_kv_head = shardpipe::answer::ranks_of_kv_head,
            .grouped_context = shardpipe::answer::grouped_context,
            .kv_gradients = shardpipe::answer::kv_gradients,
            .sum_copies = shardpipe::answer::sum_copies};
}
