// The sums of several layers, with a bug: what there is to mend, and what it is given. Letters: T
// tokens of a micro-batch, D features, L layers, M micro-batches.
#pragma once

#include <functional>
#include <vector>

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

// A layer that ends in a row-parallel linear: writes this rank's term [T,D] of its output, which is
// the sum over the tensor-parallel group. x [T,D]: all of its input. On ctx.compute.
using LayerTerm = std::function<void(const Tensor& term, const Tensor& x)>;

struct DependentLayersAnswer {
  // outputs[l][m] [T,D], which is there to be written = output of layer l for micro-batch m, on
  // every rank. Layer 0 is given inputs[m], layer l the output of layer l - 1. inputs are left as
  // they are.
  void (*forward_layers)(const std::vector<std::vector<Tensor>>& outputs,
                         const std::vector<Tensor>& inputs, const std::vector<LayerTerm>& layers,
                         RankContext& ctx) = nullptr;
  //   layers[l](term, x)                           writes term
  //   ctx.tp.all_reduce(x, ctx.compute)            x = sum over the group of x
  //   ctx.tp.all_reduce_coalesced(all, ctx.compute)
  //                              the same of every tensor of a std::vector<Tensor>, in one launch
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::DependentLayersAnswer& answer);
