// CudaKernels: every operation of Math on the GPU. gemm is cuBLAS; the rest are plain kernels, one
// thread per element or one warp per row, not yet tuned.
#pragma once

#include "core/backends/cuda/stream.h"
#include "core/tensor/kernels.h"

namespace shardpipe::cuda {

class CudaKernels : public Kernels {
 public:
  CudaKernels() : Kernels("cuda") {}

  void upload(const View& out, const void* host, Stream& stream) override;
  void download(void* host, const View& in, Stream& stream) override;

  void gemm(const GemmCall& call, Stream& stream) override;

  void fill(const View& out, float value, Stream& stream) override;
  void copy(const View& out, const View& in, Stream& stream) override;
  void copy_columns(const View& out, Index out_first, const View& in, Index in_first, Index count,
                    Stream& stream) override;
  void concat_columns(const View& out, const View& in, Stream& stream) override;
  void split_columns(const View& out, const View& in, Stream& stream) override;
  void add(const View& out, const View& a, const View& b, Stream& stream) override;
  void reduce_local(const View& out, const View& a, const View& b, ReduceOp op,
                    Stream& stream) override;
  void scale(const View& out, const View& in, float factor, Stream& stream) override;

  void add_bias(const View& y, const View& bias, Stream& stream) override;
  void bias_backward(const View& dbias, const View& dy, Stream& stream) override;
  void gelu(const View& y, const View& x, GeluKind kind, Stream& stream) override;
  void gelu_backward(const View& dx, const View& dy, const View& x, GeluKind kind,
                     Stream& stream) override;
  void silu_gate(const View& y, const View& gate_up, Stream& stream) override;
  void silu_gate_backward(const View& dgate_up, const View& dy, const View& gate_up,
                          Stream& stream) override;

  void layer_norm(const View& y, const View& stats, const View& x, const View& gamma,
                  const View& beta, float epsilon, Stream& stream) override;
  void layer_norm_backward_input(const View& dx, const View& dy, const View& x, const View& stats,
                                 const View& gamma, Stream& stream) override;
  void layer_norm_backward_weight(const View& dgamma, const View& dbeta, const View& dy,
                                  const View& x, const View& stats, Stream& stream) override;
  void rms_norm(const View& y, const View& stats, const View& x, const View& gamma, float epsilon,
                Stream& stream) override;
  void rms_norm_backward_input(const View& dx, const View& dy, const View& x, const View& stats,
                               const View& gamma, Stream& stream) override;
  void rms_norm_backward_weight(const View& dgamma, const View& dy, const View& x,
                                const View& stats, Stream& stream) override;

  void causal_softmax(const View& p, const View& scores, Index first, Stream& stream) override;
  void causal_softmax_backward(const View& dscores, const View& dp, const View& p,
                               Stream& stream) override;
  void rotary(const View& y, const View& x, float theta, bool inverse, Index first,
              Stream& stream) override;
  void split_heads(const View& heads, const View& x, Index first_column, Stream& stream) override;
  void merge_heads(const View& x, const View& heads, Index first_column, Stream& stream) override;

  void embedding(const View& y, const View& table, const View& tokens, Index first_row,
                 Stream& stream) override;
  void embedding_backward(const View& dtable, const View& dy, const View& tokens, Index first_row,
                          Stream& stream) override;
  void row_max(const View& out, const View& x, Index columns, Stream& stream) override;
  void row_arg_max(const View& out, const View& x, Index columns, Index first_column,
                   Stream& stream) override;
  void pick_largest(const View& tokens, const View& pairs, Stream& stream) override;
  void row_sum(const View& out, const View& x, Index columns, Stream& stream) override;
  void exp_minus(const View& p, const View& x, const View& max, Index columns,
                 Stream& stream) override;
  void pick_target(const View& out, const View& x, const View& targets, Index first_column,
                   Stream& stream) override;
  void cross_entropy(const View& loss, const View& sum, const View& max, const View& target,
                     Stream& stream) override;
  void cross_entropy_backward(const View& dlogits, const View& p, const View& sum,
                              const View& targets, Index first_column, float scale,
                              Stream& stream) override;

  void adamw(const AdamWCall& c, Stream& stream) override;
  void sgd(const View& value, const View& grad, float learning_rate, Stream& stream) override;
};

}  // namespace shardpipe::cuda
