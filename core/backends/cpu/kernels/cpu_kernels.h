// CpuKernels: the operations of Math on plain memory, one thread a call, arithmetic in f32.
// The same inputs give the same bits, whatever thread runs them: every sum has a fixed order.
// bf16 is storage here (widened.h): what an operation gives is rounded once. Without state, so one
// object may serve every rank of a process.
#pragma once

#include "core/tensor/kernels.h"

namespace shardpipe {

class CpuKernels : public Kernels {
 public:
  CpuKernels() : Kernels("cpu") {}

  void gemm(const GemmCall& c, Stream&) override;

  // moving.cc
  void upload(const View& out, const void* host, Stream&) override;
  void download(void* host, const View& in, Stream&) override;
  void fill(const View& out, float value, Stream&) override;
  void copy(const View& out, const View& in, Stream&) override;
  void copy_columns(const View& out, Index out_first, const View& in, Index in_first, Index count,
                    Stream&) override;
  void concat_columns(const View& out, const View& in, Stream&) override;
  void split_columns(const View& out, const View& in, Stream&) override;
  void split_heads(const View& heads, const View& x, Index first_column, Stream&) override;
  void merge_heads(const View& x, const View& heads, Index first_column, Stream&) override;

  // elementwise.cc
  void add(const View& out, const View& a, const View& b, Stream&) override;
  void reduce_local(const View& out, const View& a, const View& b, ReduceOp op, Stream&) override;
  void scale(const View& out, const View& in, float factor, Stream&) override;
  void add_bias(const View& y, const View& bias, Stream&) override;
  void bias_backward(const View& dbias, const View& dy, Stream&) override;

  // activation.cc
  void gelu(const View& y, const View& x, GeluKind kind, Stream&) override;
  void gelu_backward(const View& dx, const View& dy, const View& x, GeluKind kind,
                     Stream&) override;
  void silu_gate(const View& y, const View& gate_up, Stream&) override;
  void silu_gate_backward(const View& dgate_up, const View& dy, const View& gate_up,
                          Stream&) override;

  // layer_norm.cc, rms_norm.cc
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

  // fused.cc
  void gemm_bias_gelu(const View& y, const GemmCall& c, const View& bias, GeluKind kind,
                      Stream&) override;
  void add_parts(const View& h, const View& parts, const View& bias, const View& x,
                 Stream&) override;
  void add_norm(const AddNormCall& c, Stream&) override;
  void add_norm_backward_input(const AddNormBackwardCall& c, Stream&) override;

  // attention.cc
  void causal_softmax(const View& p, const View& scores, Index first, Stream&) override;
  void causal_softmax_backward(const View& dscores, const View& dp, const View& p,
                               Stream&) override;
  void rotary(const View& y, const View& x, float theta, bool inverse, Index first,
              Stream&) override;

  // vocabulary.cc
  void embedding(const View& y, const View& table, const View& tokens, Index first_row,
                 Stream&) override;
  void embedding_backward(const View& dtable, const View& dy, const View& tokens, Index first_row,
                          Stream&) override;
  void row_max(const View& out, const View& x, Index columns, Stream&) override;
  void row_arg_max(const View& out, const View& x, Index columns, Index first_column,
                   Stream&) override;
  void pick_largest(const View& tokens, const View& pairs, Stream&) override;
  void row_sum(const View& out, const View& x, Index columns, Stream&) override;
  void exp_minus(const View& p, const View& x, const View& max, Index columns, Stream&) override;
  void pick_target(const View& out, const View& x, const View& targets, Index first_column,
                   Stream&) override;
  void cross_entropy(const View& loss, const View& sum, const View& max, const View& target,
                     Stream&) override;
  void cross_entropy_backward(const View& dlogits, const View& p, const View& sum,
                              const View& targets, Index first_column, float scale,
                              Stream&) override;

  // optimizer.cc
  void adamw(const AdamWCall& c, Stream&) override;
  void sgd(const View& value, const View& grad, float learning_rate, Stream&) override;
  void add_squares(const View& sum, const View& x, Stream&) override;
  void clip(const View& x, const View& sum, float max_norm, Stream&) override;
};

}  // namespace shardpipe
