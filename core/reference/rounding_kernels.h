// RoundingKernels: kernels under which a whole model has exact sums, so that TP=k must equal TP=1
// bit for bit although sums are cut at different places.
//
// A f32 sum is exact in every order if all its terms are multiples of some g (a power of two) and
// their magnitudes add up to at most 2^24 g: then every partial sum, too, is a multiple of g below
// 2^24 g, and f32 holds all of those. Three things make this so:
//   * results of functions that are not linear (gelu, silu, norms, softmax, exp, cross entropy) are
//     rounded to multiples of 1/16 and clamped to +-4, forward and backward;
//   * rotary positions turn by quarter turns, because a rounded turn would not be linear, and
//     gradients of key heads are turned on several ranks before they are summed;
//   * weights are small integers (exact_fill), most of them 0, and head dimensions are 4 (or 16),
//     so that attention's scale is a power of two.
// Every matrix product and bias gradient checks the condition on its own numbers and fails where it
// does not hold. A run with t = 1 thereby certifies also the sums that t > 1 splits among ranks.
// Norm weights' gradients of a micro-batch are summed over its tokens, in the same order on every
// rank, and rounded to multiples of 1/16: then sums over micro-batches are exact in every order
// too.
#pragma once

#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/tensor_parallel/parameter.h"

namespace shardpipe {

class RoundingKernels : public CpuKernels {
 public:
  void gemm(const GemmCall& c, Stream&) override;
  void bias_backward(const View& dbias, const View& dy, Stream&) override;

  void gelu(const View& y, const View& x, GeluKind kind, Stream&) override;
  void gelu_backward(const View& dx, const View& dy, const View& x, GeluKind kind,
                     Stream&) override;
  void silu_gate(const View& y, const View& gate_up, Stream&) override;
  void silu_gate_backward(const View& dgate_up, const View& dy, const View& gate_up,
                          Stream&) override;
  void layer_norm(const View& y, const View& stats, const View& x, const View& gamma,
                  const View& beta, float epsilon, Stream&) override;
  void layer_norm_backward_input(const View& dx, const View& dy, const View& x, const View& stats,
                                 const View& gamma, Stream&) override;
  void layer_norm_backward_weight(const View& dgamma, const View& dbeta, const View& dy,
                                  const View& x, const View& stats, Stream&) override;
  void rms_norm(const View& y, const View& stats, const View& x, const View& gamma, float epsilon,
                Stream&) override;
  void rms_norm_backward_input(const View& dx, const View& dy, const View& x, const View& stats,
                               const View& gamma, Stream&) override;
  void rms_norm_backward_weight(const View& dgamma, const View& dy, const View& x,
                                const View& stats, Stream&) override;
  void causal_softmax(const View& p, const View& scores, Index first, Stream&) override;
  void causal_softmax_backward(const View& dscores, const View& dp, const View& p,
                               Stream&) override;
  void rotary(const View& y, const View& x, float theta, bool inverse, Index first,
              Stream&) override;
  void exp_minus(const View& p, const View& x, const View& max, Index columns, Stream&) override;
  void cross_entropy_backward(const View& dlogits, const View& p, const View& sum,
                              const View& targets, Index first_column, float scale,
                              Stream&) override;
  // New weights are rounded to integers and clamped to +-2, so that the next step is exact too.
  void adamw(const AdamWCall& c, Stream&) override;
};

// Weights -1, 0, 1: one in eight is not 0 (one in four in the vocabulary's tables, one in 24 in
// queries and keys, so that softmax does not saturate). Biases: multiples of 1/4 up to 1/2. Scales
// of norms: 1/4, 1/2, 3/4.
Fill exact_fill(std::uint64_t seed);

}  // namespace shardpipe
