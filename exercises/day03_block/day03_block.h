// A transformer block whose sub-layers are given: what there is to write. Letters: T tokens, D
// features, t tensor-parallel ranks.
#pragma once

#include "core/tensor_parallel/layer.h"
#include "exercises/not_written.h"

namespace shardpipe {

// Each is called so, with [T,D] in and out, in memory of its own:
//   Tensor y = part.forward(x, microbatch, ctx);
//   Tensor dx = part.backward_input(dy, microbatch, ctx);
// A part keeps a handle of x and of dy, for its weights' gradients: they must stay as they are.
struct BlockParts {
  // Every rank has all of it: of all of x it gives all of y, of all of dy all of dx.
  Layer &norm1, &norm2;
  // Work on this rank's heads, or hidden features. Of all of x they give a term of y: y is the sum
  // over ranks. Of all of dy they give a term of dx.
  Layer &attention, &mlp;
};

// z = x + attention(norm1(x)), y = z + mlp(norm2(z)). x, y, dy, dx [T,D] are the same on every
// rank, and what is given stays as it is.
struct BlockAnswer {
  Tensor (*block_forward)(const Tensor& x, const BlockParts& parts, int microbatch,
                          RankContext& ctx) = nullptr;  // -> y
  Tensor (*block_backward_input)(const Tensor& dy, const BlockParts& parts, int microbatch,
                                 RankContext& ctx) = nullptr;  // -> dx
  // Everything runs on a stream: s = ctx.compute.
  //   ctx.math.add(out, a, b, s)      out = a + b; out may be a or b
  //   ctx.tp.all_reduce(y, s)         y = sum over the tensor-parallel group of y
  //   Tensor(ctx.device, x.shape(), x.dtype())   scratch memory, of numbers like those of x
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::BlockAnswer& answer);
