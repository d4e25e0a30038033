// Sums of many tensors, small ones in a bucket: what there is to write, and what it is given.
#pragma once

#include <vector>

#include "core/collectives/collective.h"
#include "exercises/not_written.h"

namespace shardpipe {

// What a machine takes for what a bucket saves, and for what it costs.
struct SumCosts {
  double start_s = 0;             // of an all-reduce, however small it is
  double copy_start_s = 0;        // of a copy, however small it is
  double memory_bytes_per_s = 1;  // bytes read plus bytes written
};

struct BucketingAnswer {
  // The size of a tensor in bytes at which copying it into a bucket and back takes as long as the
  // start of an all-reduce of its own. Less than 0: the copies are never worth it.
  double (*break_even_bytes)(const SumCosts& costs) = nullptr;
  // Each tensor = its sum over ranks; all ranks bring tensors of the same shapes, in one order.
  // Those of at most `largest` bytes go through one bucket, if there are two or more of them.
  //   x.bytes(), x.elements()                how large a Tensor is; it may have any shape
  //   Tensor(on.device, {count})             memory for `count` numbers; all are float32
  //   bucket.slice(first, count)             a part of a flat Tensor
  //   on.math.copy(out, in, on.stream)       as many elements, whatever their shapes
  //   on.comm.all_reduce(x, on.stream)       x = sum over ranks of x
  void (*sum_all)(const std::vector<Tensor>& tensors, double largest,
                  const CollectiveContext& on) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::BucketingAnswer& answer);
