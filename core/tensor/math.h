// Math: the operations on tensors. Shapes are checked, flops and bytes stated and the operation
// submitted here, once for all backends; Kernels compute.
//
// Letters: T rows (tokens), D, F, V columns, B sequences, H heads, S positions, C head dimension.
// Cost, where not said: flops as given, bytes = every operand read or written once.
// "+=" adds to what is there (gradients accumulate), "=" overwrites. Outputs may not alias inputs
// unless "in place" says so. Operands are all f32 or all bf16, but for what is said to be f32;
// gradients of weights, and what gemm gives, may be f32 where the rest is bf16. Errors: shapes that
// do not fit throw Error with the numbers.
#pragma once

#include <vector>

#include "core/tensor/kernels.h"

namespace shardpipe {

struct GemmOptions {
  float alpha = 1, beta = 0;
  const char* name = "gemm";  // of static storage, for the trace
  // > 0: b has more rows than are used, the first b_rows of each batch entry: what a key/value
  // cache holds so far. Traffic: those rows.
  Index b_rows = 0;
};

// h = sum over n of parts + bias + x, y = norm(h): what stands between a row-parallel linear and
// the next column-parallel one, in one pass over memory. bias empty: none. beta empty: RMS norm.
struct AddNorm {
  Tensor h = {}, y = {}, stats = {};     // [T,D] [T,D] [T,2] f32 (RMS norm: [T,1])
  Tensor parts = {}, bias = {}, x = {};  // [n,T,D] [D] [T,D]
  Tensor gamma = {}, beta = {};          // [D]
  float epsilon = 1e-5f;
};

// dh = norm's backward of dy + dsum, the gradient of what else h was used for. Which norm: by
// stats.
struct AddNormBackward {
  Tensor dh = {}, dy = {}, dsum = {};  // [T,D]
  Tensor h = {}, stats = {}, gamma = {};
};

class Math {
 public:
  explicit Math(Kernels& kernels) : kernels_(kernels) {}

  // out[..,m,n] = alpha op(a) op(b) + beta out; a [..,m,k] ([..,k,m] if transposed), b [..,k,n]
  // ([..,n,k]). Leading dimensions are a batch, the same in all three. flops 2 m n k a batch entry.
  void gemm(Tensor out, Tensor a, Transpose op_a, Tensor b, Transpose op_b, GemmOptions options,
            OnStream on);

  // y = gelu(pre), pre[m,n] = a[m,k] b[n,k]^T + bias[n]; a bias that is empty is none. pre is kept
  // for backward. One operation: as cuBLASLt's epilogue GELU_AUX_BIAS.
  void gemm_bias_gelu(Tensor y, Tensor pre, Tensor a, Tensor b, Tensor bias, GeluKind kind,
                      OnStream on);

  // ---- moving
  void fill(Tensor out, float value, OnStream on);  // f32, bf16: value; i32: its integer part
  void copy(Tensor out, Tensor in, OnStream on);    // same elements; f32 <-> bf16 converts
  // out[T, out_first..] = in[T, in_first..], `count` columns. A slice or a concatenation by
  // columns.
  void copy_columns(Tensor out, Index out_first, Tensor in, Index in_first, Index count,
                    OnStream on);
  // out[T,n*F] = the n parts in[n,T,F] side by side: what an all_gather of columns needs.
  void concat_columns(Tensor out, Tensor in, OnStream on);
  // The inverse: out[n,T,F] = the n column blocks of in[T,n*F].
  void split_columns(Tensor out, Tensor in, OnStream on);
  // Numbers from the host, copied at the call. values.size() = elements.
  void upload(Tensor out, const std::vector<float>& values, OnStream on);
  void upload(Tensor out, const std::vector<std::int32_t>& values, OnStream on);
  // Numbers to the host, f32 or bf16; waits for the stream. Throws on a device without numbers.
  std::vector<float> to_host(Tensor in, OnStream on);
  std::vector<std::int32_t> to_host_integers(Tensor in, OnStream on);  // i32

  // ---- element-wise
  void add(Tensor out, Tensor a, Tensor b, OnStream on);  // out = a + b; in place allowed
  // out = a op b, in place allowed: one step of a reduction between ranks (MPI_Reduce_local). f32,
  // i32 and, on every backend, bf16: formed in float, rounded once. max(a, b) is a unless a < b, so
  // zeros of both signs and NaN do not commute; sums do.
  void reduce_local(Tensor out, Tensor a, Tensor b, ReduceOp op, OnStream on);
  void scale(Tensor out, Tensor in, float factor, OnStream on);  // in place allowed
  void add_bias(Tensor y, Tensor bias, OnStream on);             // y[T,F] += bias[F]
  void bias_backward(Tensor dbias, Tensor dy, OnStream on);      // dbias[F] += sum_T dy[T,F]
  void gelu(Tensor y, Tensor x, GeluKind kind, OnStream on);
  void gelu_backward(Tensor dx, Tensor dy, Tensor x, GeluKind kind, OnStream on);
  // gate_up [T,2F] = [gate | up];  y[T,F] = silu(gate) * up,  silu(g) = g / (1 + exp(-g)).
  void silu_gate(Tensor y, Tensor gate_up, OnStream on);
  void silu_gate_backward(Tensor dgate_up, Tensor dy, Tensor gate_up, OnStream on);

  // ---- norms over the last dimension. stats are kept for backward.
  // y = gamma (x - mean) / sqrt(var + epsilon) + beta; stats [T,2] f32 = mean, 1/sqrt(var +
  // epsilon).
  void layer_norm(Tensor y, Tensor stats, Tensor x, Tensor gamma, Tensor beta, float epsilon,
                  OnStream on);
  void layer_norm_backward_input(Tensor dx, Tensor dy, Tensor x, Tensor stats, Tensor gamma,
                                 OnStream on);
  void layer_norm_backward_weight(Tensor dgamma, Tensor dbeta, Tensor dy, Tensor x, Tensor stats,
                                  OnStream on);  // +=
  // y = gamma x / sqrt(mean(x^2) + epsilon); stats [T,1] f32 = 1/sqrt(mean(x^2) + epsilon).
  void rms_norm(Tensor y, Tensor stats, Tensor x, Tensor gamma, float epsilon, OnStream on);
  void rms_norm_backward_input(Tensor dx, Tensor dy, Tensor x, Tensor stats, Tensor gamma,
                               OnStream on);
  void rms_norm_backward_weight(Tensor dgamma, Tensor dy, Tensor x, Tensor stats,
                                OnStream on);  // +=

  // ---- with the additions around them, in one pass (AddNorm). On a backend without a kernel of
  // its own: the operations one after the other.
  void add_parts(Tensor h, Tensor parts, Tensor bias, Tensor x, OnStream on);  // AddNorm's h
  void add_norm(const AddNorm& a, OnStream on);
  void add_norm_backward_input(const AddNormBackward& a, OnStream on);

  // ---- attention
  // scores [N,R,S] of n = S - first queries, R a multiple of n: row r is position first + r % n and
  // sees columns 0..first + r % n; p gets softmax of those, 0 beyond. In place allowed. first > 0:
  // the keys before it came in earlier calls (a key/value cache).
  void causal_softmax(Tensor p, Tensor scores, Index first, OnStream on);
  void causal_softmax(Tensor p, Tensor scores, OnStream on) { causal_softmax(p, scores, 0, on); }
  void causal_softmax_backward(Tensor dscores, Tensor dp, Tensor p, OnStream on);  // in place ok
  // x [B,H,S,C], C even, of positions s = first, first + 1, ...: pairs (i, i + C/2) turn by
  // s / theta^(2i/C) (the "half" form of Llama). inverse turns back: the backward. In place
  // allowed.
  void rotary(Tensor y, Tensor x, float theta, bool inverse, Index first, OnStream on);
  void rotary(Tensor y, Tensor x, float theta, bool inverse, OnStream on) {
    rotary(y, x, theta, inverse, 0, on);
  }
  // heads [B,H,S,C] = columns first_column .. + H*C of x [B*S,W].
  void split_heads(Tensor heads, Tensor x, Index first_column, OnStream on);
  // The inverse: writes those columns of x, leaves the others.
  void merge_heads(Tensor x, Tensor heads, Index first_column, OnStream on);

  // ---- vocabulary. Tokens and targets are i32 [T]; a rank holds rows (columns) first .. first+v-1
  // of the vocabulary; a token outside contributes zero.
  void embedding(Tensor y, Tensor table, Tensor tokens, Index first_row, OnStream on);
  void embedding_backward(Tensor dtable, Tensor dy, Tensor tokens, Index first_row,
                          OnStream on);  // +=
  // Over the first `columns` columns of x [T,V] (the rest is padding); out [T] f32. With columns =
  // 0 row_max gives -infinity.
  void row_max(Tensor out, Tensor x, Index columns, OnStream on);
  void row_sum(Tensor out, Tensor x, Index columns, OnStream on);
  // out [T,2] f32 = (largest number, first_column + its column) over the first `columns` columns of
  // x [T,V]; the lowest column wins ties. With columns = 0: (-infinity, first_column). f32 counts
  // exactly to 2^24; a column beyond is an error. So is NaN, which is not less than anything: an
  // error of usage on a backend that can raise one there, (NaN, -1) on others.
  void row_arg_max(Tensor out, Tensor x, Index columns, Index first_column, OnStream on);
  // tokens i32 [T] = the second number of the pair with the largest first one, over pairs [n,T,2]
  // f32; the lowest token wins ties, and -1 everything.
  void pick_largest(Tensor tokens, Tensor pairs, OnStream on);
  // p[T,V] = exp(x - max[T]) in the first `columns` columns, 0 in the rest. In place allowed.
  void exp_minus(Tensor p, Tensor x, Tensor max, Index columns, OnStream on);
  void pick_target(Tensor out, Tensor x, Tensor targets, Index first_column, OnStream on);
  // loss [1] f32 = mean_T (log(sum) + max - target).
  void cross_entropy(Tensor loss, Tensor sum, Tensor max, Tensor target, OnStream on);
  // dlogits[T,V] = scale (p / sum - [column is the target]). In place allowed (dlogits = p).
  void cross_entropy_backward(Tensor dlogits, Tensor p, Tensor sum, Tensor targets,
                              Index first_column, float scale, OnStream on);

  // ---- optimizers. m, v f32. Decoupled weight decay: Loshchilov and Hutter, arXiv:1711.05101.
  // With a master, f32, that one is updated, and value is overwritten with it, rounded.
  void adamw(Tensor value, Tensor master, Tensor grad, Tensor m, Tensor v, AdamWOptions options,
             OnStream on);
  void adamw(Tensor value, Tensor grad, Tensor m, Tensor v, AdamWOptions options, OnStream on) {
    adamw(value, {}, grad, m, v, options, on);
  }
  void sgd(Tensor value, Tensor grad, float learning_rate, OnStream on);
  // Clipping by norm, without asking the host: sum [1] f32 += sum of x^2; then
  // x *= min(1, max_norm / (sqrt(sum) + 1e-6)), NaN where the sum is NaN.
  void add_squares(Tensor sum, Tensor x, OnStream on);
  void clip(Tensor x, Tensor sum, float max_norm, OnStream on);

  const Kernels& kernels() const { return kernels_; }

 private:
  Kernels& kernels_;
};

}  // namespace shardpipe
