// Day 4: many sums in a bucket.                                    ./lab check day04_bucketing
//
// A step ends with many tensors that are to be summed over ranks, each by itself: gradients. Every
// all-reduce pays its start, and for small tensors that is nearly all it costs. So copy the small
// ones side by side into one tensor, the bucket, sum that, and copy the parts back: one start for
// all of them. The copies cost time, too, and for a large tensor more than the start they save.
//
//   break-even     own sum     start + bytes over the links
//                  in a bucket          bytes over the links + copy in + copy back
//   A copy takes its start, and reads and writes every byte. Which size makes both the same?
//
//   largest = 30 bytes        a [3]    b [2,2]    c [25]    d [1]
//     bytes                   12       16         100       4
//     bucket [8]              a a a    b b b b              d
//     all-reduces             bucket, c                                          2 instead of 4
//
// Fewer than two small ones need no bucket: there is nothing to share a start with.
//
// Allowed: one all-reduce for the bucket and one for each tensor that is not in it; memory for the
// bucket, and no more.
#include "exercises/day04_communication/day04_bucketing.h"

namespace shardpipe::answer {

double break_even(const SumCosts& costs) {
  // >>> region 1: bytes whose two copies take as long as the start of a sum (about 3 lines)
  // A copy reads and writes, and there are two: 4 times the bytes go through memory.
  const double left_s = costs.start_s - 2 * costs.copy_start_s;
  return left_s * costs.memory_bytes_per_s / 4;
  // <<< region 1
}

void sum_small_ones_together(const std::vector<Tensor>& tensors, double largest,
                             const CollectiveContext& on) {
  // >>> region 2: every tensor summed over ranks, small ones in one sum (about 20 lines)
  std::vector<Tensor> small;
  Index elements = 0;
  for (const Tensor& x : tensors) {
    if (static_cast<double>(x.bytes()) > largest) {
      on.comm.all_reduce(x, on.stream);
      continue;
    }
    small.push_back(x);
    elements += x.elements();
  }
  if (small.empty()) return;
  if (small.size() == 1) {
    on.comm.all_reduce(small[0], on.stream);
    return;
  }
  const Tensor bucket(on.device, {elements});
  Index first = 0;
  for (const Tensor& x : small) {
    on.math.copy(bucket.slice(first, x.elements()), x, on.stream);
    first += x.elements();
  }
  on.comm.all_reduce(bucket, on.stream);
  first = 0;
  for (const Tensor& x : small) {
    on.math.copy(x, bucket.slice(first, x.elements()), on.stream);
    first += x.elements();
  }
  // <<< region 2
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::BucketingAnswer& answer) {
  answer = {.break_even_bytes = shardpipe::answer::break_even,
            .sum_all = shardpipe::answer::sum_small_ones_together};
}
