// All-reduce from two halves: what there is to write, and what it is given.
#pragma once

#include "core/collectives/collective.h"
#include "exercises/not_written.h"

namespace shardpipe {

// The rings of the two exercises before this one, as functions.
struct RingHalves {
  // out = part `rank` of the sum over ranks of `in`. Nothing else is written; out may be in[rank].
  void (*reduce_scatter)(Tensor out, const Parts& in, const CollectiveContext& on) = nullptr;
  // Part r of rank r becomes part r of every rank; in place.
  void (*all_gather)(const Parts& parts, const CollectiveContext& on) = nullptr;
};

// n >= 2 ranks. x is flat and has as many elements on every rank. Both functions may use:
//
//   on.rank(), on.size()
//   halves.reduce_scatter(...), halves.all_gather(...)
//   const Parts parts(x, n)   x cut into n parts, which may differ by one element
//   parts[i]                  part i, a Tensor that shares x's memory; parts[i].elements()
//   on.math.copy(out, in, on.stream)
//   on.math.scale(out, in, factor, on.stream)      out = factor in; out may be in
//   Tensor(on.device, {count}, x.dtype())          scratch memory
struct AllReduceAnswer {
  // Region 1. x of every rank = the sum over ranks of x.
  void (*sum)(const Tensor& x, const RingHalves& halves, const CollectiveContext& on) = nullptr;
  // Region 2. x of every rank = factor times that sum.
  void (*scaled_sum)(const Tensor& x, float factor, const RingHalves& halves,
                     const CollectiveContext& on) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::AllReduceAnswer& answer);
