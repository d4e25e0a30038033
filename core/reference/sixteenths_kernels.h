// SixteenthsKernels: CpuKernels whose softmax gives multiples of 1/16, so that attention on small
// integers is exact: then every order of summing gives the same bits, and a wrong answer the same
// wrong numbers. Its slope needs no rounding: products of such multiples and integers are exact.
// Scores are taken as they are given. Where they are exact, a softmax in f64 of the same scores
// rounds to the same multiples, whoever computes it; rounded from f32 it would not near halves.
#pragma once

#include "core/backends/cpu/kernels/cpu_kernels.h"

namespace shardpipe {

class SixteenthsKernels : public CpuKernels {
 public:
  void causal_softmax(const View& p, const View& scores, Index first, Stream&) override;
};

// Of a row of scores, all of which are seen.
std::vector<double> softmax_in_sixteenths(std::vector<double> scores);

}  // namespace shardpipe
