// Day 3: mend a fused QKV weight that is cut in the wrong place. ./lab check day03_contiguous_qkv
//
// This model worked on one GPU. Then its heads were split over t ranks, and its checkpoint is
// loaded like that of any column-parallel layer: rank i takes the i-th stretch of rows. Shapes fit,
// nothing fails, one rank gives the old outputs; with three ranks they are those of another model.
// The whole weight is [Q | K | V], and a rank multiplies x with its part and then cuts what comes
// out into queries, keys and values of its own heads:
//
//   t = 3, H = K = 3, C = 1       whole rows: 0 1 2 | 3 4 5 | 6 7 8
//                                 rank 0       rank 1       rank 2
//     rows it has loaded          0 1 2        3 4 5        6 7 8
//     which it takes for q, k, v  Q0 Q1 Q2     K0 K1 K2     V0 V1 V2
//     rows it needs               0 3 6        1 4 7        2 5 8
//
// The bias is cut like the weight. There may be fewer key/value heads than query heads, but t
// divides both: with H = 6, K = 3 and C = 1 the parts have 6, 3 and 3 rows, and rank 0 of 3 needs
// 0 1 | 6 | 9.
//
// Every rank has read the whole weight and bias: nothing is to be sent. There are several
// tensor-parallel groups; all of them load the same file.
// Allowed: no collectives, no memory but what is given.
#include "exercises/day03_block/day03_contiguous_qkv.h"

namespace shardpipe::answer {

void load_qkv(Tensor weight, Tensor bias, const Tensor& whole_weight, const Tensor& whole_bias,
              const QkvSizes& sizes, RankContext& ctx) {
  // >>> region 1: weight, bias = this rank's rows [Q_i | K_i | V_i] of the whole (about 10 lines)
  const Index rows = weight.size(0), first = ctx.tp.rank() * rows;
  ctx.math.copy(weight, whole_weight.slice(first, rows), ctx.compute);
  ctx.math.copy(bias, whole_bias.slice(first, rows), ctx.compute);
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::ContiguousQkvAnswer& answer) {
  answer = {.load_qkv = shardpipe::answer::load_qkv};
}
