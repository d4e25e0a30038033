// A fused QKV weight that is cut in the wrong place: what there is to mend.
#pragma once

#include "exercises/day03_block/qkv.h"

namespace shardpipe {

struct ContiguousQkvAnswer {
  // weight, bias: this rank's part, from the whole ones, which every rank has read from a file. t
  // divides K.
  //   tensor.slice(first, count)          rows first..first+count-1 of a tensor, no copy
  //   ctx.math.copy(out, in, ctx.compute)
  //   ctx.tp.rank(), ctx.tp.size()        this rank's place in its tensor-parallel group
  void (*load_qkv)(Tensor weight, Tensor bias, const Tensor& whole_weight, const Tensor& whole_bias,
                   const QkvSizes& sizes, RankContext& ctx) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::ContiguousQkvAnswer& answer);
