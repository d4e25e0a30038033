// Gradients of weights whose input is gathered ahead, in two buffers: what there is to mend, and
// what it is given. Letters: T tokens, D inputs, F outputs, t tensor-parallel ranks. Weights are
// [outputs, inputs].
#pragma once

#include <vector>

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

// What a rank keeps of one column-parallel linear for the gradient of its weight.
struct KeptLayer {
  Tensor x = {};            // [T/t,D]  this rank's tokens of the input
  Tensor dy = {};           // [T,F/t]  the gradient of its outputs, of all tokens
  Tensor weight_grad = {};  // [F/t,D]  to which dy^T x is added, x of all tokens
};

struct MissingWaitAnswer {
  // Of each layer: weight_grad += dy^T (x of all ranks).
  //   ctx.tp.all_gather(all, x, ctx.comm)      all [T,D] = x of every rank, in order of the ranks
  //   ctx.compute, ctx.comm                    two streams, ordered by events alone
  //   const Event done = ctx.compute.record()  when all that compute was given so far has run
  //   ctx.comm.wait(done)                      what comm is given from now on runs after that;
  //                                            an Event that was never recorded is long past
  //   Tensor(ctx.device, {rows, columns})      memory
  void (*weight_gradients)(const std::vector<KeptLayer>& layers, RankContext& ctx) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::MissingWaitAnswer& answer);
