// Kernels: how one backend computes each operation of Math. Called inside the body of an operation,
// with shapes already checked (math.h states them). A backend overrides what it has; the rest
// raises "the <backend> backend has no <op> yet", exit code 6.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/tensor/tensor.h"

namespace shardpipe {

enum class Transpose : bool { no, yes };
enum class GeluKind : bool { tanh, erf };
enum class ReduceOp : std::uint8_t { sum, max };

// out[b] = alpha op(a[b]) op(b[b]) + beta out[b], row-major, b = 0..batch-1.
struct GemmCall {
  View out, a, b;
  Transpose op_a = Transpose::no, op_b = Transpose::no;
  Index batch = 1, m = 0, n = 0, k = 0;
  Index stride_b = 0;  // elements from one b[b] to the next: k n, or more (GemmOptions::b_rows)
  float alpha = 1, beta = 0;
};

// h = sum of the n parts + bias + x, then y = norm(h). T rows of D columns.
struct AddNormCall {
  View h, y, stats;     // [T,D] [T,D] [T,2] (RMS norm [T,1])
  View parts, bias, x;  // [n,T,D] [D] [T,D]; bias {}: none
  View gamma, beta;     // [D]; beta {}: RMS norm
  float epsilon = 1e-5f;

  bool is_rms() const { return beta.is_none(); }
};

// dh = norm's backward of dy at h, + dsum: what else h was used for.
struct AddNormBackwardCall {
  View dh, dy, dsum, h;  // [T,D]
  View stats, gamma;
  bool is_rms = false;
};

struct AdamWOptions {
  float learning_rate = 1e-3f, beta1 = 0.9f, beta2 = 0.95f, epsilon = 1e-8f, weight_decay = 0.0f;
  int step = 1;  // counts from 1
};

// In the factor of clip, as in PyTorch's clip_grad_norm_: a gradient of zeros stays one.
inline constexpr float kClipEpsilon = 1e-6f;

// What changes is the master, where there is one; value is then the master, rounded.
struct AdamWCall {
  View value, master;  // value f32 or bf16; master f32, or {}
  View grad, m, v;     // grad f32, or of the type of value; m, v f32
  AdamWOptions options = {};
};

class Kernels {
 public:
  explicit Kernels(std::string backend) : backend_(std::move(backend)) {}
  virtual ~Kernels() = default;

  // Host transfers. `host` holds elements of the view's dtype.
  virtual void upload(const View& out, const void* host, Stream&) { absent("upload", out, host); }
  virtual void download(void* host, const View& in, Stream&) { absent("download", in, host); }

  virtual void gemm(const GemmCall& c, Stream&) { absent("gemm", c); }

  virtual void fill(const View& out, float value, Stream&) { absent("fill", out, value); }
  virtual void copy(const View& out, const View& in, Stream&) { absent("copy", out, in); }
  virtual void copy_columns(const View& out, Index out_first, const View& in, Index in_first,
                            Index count, Stream&) {
    absent("copy_columns", out, out_first, in, in_first, count);
  }
  virtual void concat_columns(const View& out, const View& in, Stream&) {
    absent("concat_columns", out, in);
  }
  virtual void split_columns(const View& out, const View& in, Stream&) {
    absent("split_columns", out, in);
  }
  virtual void add(const View& out, const View& a, const View& b, Stream&) {
    absent("add", out, a, b);
  }
  virtual void reduce_local(const View& out, const View& a, const View& b, ReduceOp op, Stream&) {
    absent("reduce_local", out, a, b, op);
  }
  virtual void scale(const View& out, const View& in, float factor, Stream&) {
    absent("scale", out, in, factor);
  }

  virtual void add_bias(const View& y, const View& bias, Stream&) { absent("add_bias", y, bias); }
  virtual void bias_backward(const View& dbias, const View& dy, Stream&) {
    absent("bias_backward", dbias, dy);
  }
  virtual void gelu(const View& y, const View& x, GeluKind kind, Stream&) {
    absent("gelu", y, x, kind);
  }
  virtual void gelu_backward(const View& dx, const View& dy, const View& x, GeluKind kind,
                             Stream&) {
    absent("gelu_backward", dx, dy, x, kind);
  }
  virtual void silu_gate(const View& y, const View& gate_up, Stream&) {
    absent("silu_gate", y, gate_up);
  }
  virtual void silu_gate_backward(const View& dgate_up, const View& dy, const View& gate_up,
                                  Stream&) {
    absent("silu_gate_backward", dgate_up, dy, gate_up);
  }

  virtual void layer_norm(const View& y, const View& stats, const View& x, const View& gamma,
                          const View& beta, float epsilon, Stream&) {
    absent("layer_norm", y, stats, x, gamma, beta, epsilon);
  }
  virtual void layer_norm_backward_input(const View& dx, const View& dy, const View& x,
                                         const View& stats, const View& gamma, Stream&) {
    absent("layer_norm_backward_input", dx, dy, x, stats, gamma);
  }
  virtual void layer_norm_backward_weight(const View& dgamma, const View& dbeta, const View& dy,
                                          const View& x, const View& stats, Stream&) {
    absent("layer_norm_backward_weight", dgamma, dbeta, dy, x, stats);
  }
  virtual void rms_norm(const View& y, const View& stats, const View& x, const View& gamma,
                        float epsilon, Stream&) {
    absent("rms_norm", y, stats, x, gamma, epsilon);
  }
  virtual void rms_norm_backward_input(const View& dx, const View& dy, const View& x,
                                       const View& stats, const View& gamma, Stream&) {
    absent("rms_norm_backward_input", dx, dy, x, stats, gamma);
  }
  virtual void rms_norm_backward_weight(const View& dgamma, const View& dy, const View& x,
                                        const View& stats, Stream&) {
    absent("rms_norm_backward_weight", dgamma, dy, x, stats);
  }

  // ---- several operations in one. Here: one after the other, as many passes over memory; a
  // backend that can keep numbers on the chip in between overrides (kernels.cc).
  virtual void gemm_bias_gelu(const View& y, const GemmCall& c, const View& bias, GeluKind kind,
                              Stream&);
  virtual void add_parts(const View& h, const View& parts, const View& bias, const View& x,
                         Stream&);
  virtual void add_norm(const AddNormCall& c, Stream&);
  virtual void add_norm_backward_input(const AddNormBackwardCall& c, Stream&);

  virtual void causal_softmax(const View& p, const View& scores, Index first, Stream&) {
    absent("causal_softmax", p, scores, first);
  }
  virtual void causal_softmax_backward(const View& dscores, const View& dp, const View& p,
                                       Stream&) {
    absent("causal_softmax_backward", dscores, dp, p);
  }
  virtual void rotary(const View& y, const View& x, float theta, bool inverse, Index first,
                      Stream&) {
    absent("rotary", y, x, theta, inverse, first);
  }
  virtual void split_heads(const View& heads, const View& x, Index first_column, Stream&) {
    absent("split_heads", heads, x, first_column);
  }
  virtual void merge_heads(const View& x, const View& heads, Index first_column, Stream&) {
    absent("merge_heads", x, heads, first_column);
  }

  virtual void embedding(const View& y, const View& table, const View& tokens, Index first_row,
                         Stream&) {
    absent("embedding", y, table, tokens, first_row);
  }
  virtual void embedding_backward(const View& dtable, const View& dy, const View& tokens,
                                  Index first_row, Stream&) {
    absent("embedding_backward", dtable, dy, tokens, first_row);
  }
  virtual void row_max(const View& out, const View& x, Index columns, Stream&) {
    absent("row_max", out, x, columns);
  }
  virtual void row_arg_max(const View& out, const View& x, Index columns, Index first_column,
                           Stream&) {
    absent("row_arg_max", out, x, columns, first_column);
  }
  virtual void pick_largest(const View& tokens, const View& pairs, Stream&) {
    absent("pick_largest", tokens, pairs);
  }
  virtual void row_sum(const View& out, const View& x, Index columns, Stream&) {
    absent("row_sum", out, x, columns);
  }
  virtual void exp_minus(const View& p, const View& x, const View& max, Index columns, Stream&) {
    absent("exp_minus", p, x, max, columns);
  }
  virtual void pick_target(const View& out, const View& x, const View& targets, Index first_column,
                           Stream&) {
    absent("pick_target", out, x, targets, first_column);
  }
  virtual void cross_entropy(const View& loss, const View& sum, const View& max, const View& target,
                             Stream&) {
    absent("cross_entropy", loss, sum, max, target);
  }
  virtual void cross_entropy_backward(const View& dlogits, const View& p, const View& sum,
                                      const View& targets, Index first_column, float scale,
                                      Stream&) {
    absent("cross_entropy_backward", dlogits, p, sum, targets, first_column, scale);
  }

  virtual void adamw(const AdamWCall& c, Stream&) { absent("adamw", c); }
  virtual void sgd(const View& value, const View& grad, float learning_rate, Stream&) {
    absent("sgd", value, grad, learning_rate);
  }
  virtual void add_squares(const View& sum, const View& x, Stream&) {
    absent("add_squares", sum, x);
  }
  virtual void clip(const View& x, const View& sum, float max_norm, Stream&) {
    absent("clip", x, sum, max_norm);
  }

  const std::string& backend() const { return backend_; }

 protected:
  // Rows [first, first+count) of add_parts and of add_norm.
  void add_rows_of_parts(const View& h, const View& parts, const View& bias, const View& x,
                         Index first, Index count, Stream& stream);
  void add_norm_rows(const AddNormCall& c, Index first, Index count, Stream& stream);

 private:
  template <class... Unused>
  [[noreturn]] void absent(const char* op, const Unused&...) const {
    fail(ExitCode::absent, text("the ", backend_, " backend has no ", op, " yet"));
  }

  std::string backend_;
};

}  // namespace shardpipe
