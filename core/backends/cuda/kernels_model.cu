// Attention and vocabulary.
#include "core/backends/cuda/cuda_kernels.h"
#include "core/backends/cuda/elementwise.cuh"
#include "core/backends/cuda/launch.cuh"

namespace shardpipe::cuda {

void CudaKernels::causal_softmax(const View& p, const View& scores, Index first, Stream& stream) {
  for_rows(p.shape.rows(), CausalSoftmaxRow{array(p), array(scores), p.shape.last(), first},
           stream);
}

void CudaKernels::causal_softmax_backward(const View& dscores, const View& dp, const View& p,
                                          Stream& stream) {
  for_rows(p.shape.rows(),
           CausalSoftmaxBackwardRow{array(dscores), array(dp), array(p), p.shape.last()}, stream);
}

void CudaKernels::rotary(const View& y, const View& x, float theta, bool inverse, Index first,
                         Stream& stream) {
  for_each(x.elements() / 2,
           RotaryPair{array(y), array(x), x.shape[2], x.shape[3], first, theta, inverse}, stream);
}

void CudaKernels::embedding(const View& y, const View& table, const View& tokens, Index first_row,
                            Stream& stream) {
  for_each(y.elements(),
           Embedding{.y = array(y),
                     .table = array(table),
                     .tokens = tokens.i32(),
                     .D = table.shape[1],
                     .rows = table.shape[0],
                     .first_row = first_row},
           stream);
}

void CudaKernels::embedding_backward(const View& dtable, const View& dy, const View& tokens,
                                     Index first_row, Stream& stream) {
  for_each(dtable.shape[1],
           EmbeddingBackwardColumn{.dtable = array(dtable),
                                   .dy = array(dy),
                                   .tokens = tokens.i32(),
                                   .T = tokens.elements(),
                                   .D = dtable.shape[1],
                                   .rows = dtable.shape[0],
                                   .first_row = first_row},
           stream);
}

void CudaKernels::row_max(const View& out, const View& x, Index columns, Stream& stream) {
  for_rows(out.elements(), MaxOfRow{array(out), array(x), x.shape.last(), columns}, stream);
}

void CudaKernels::row_arg_max(const View& out, const View& x, Index columns, Index first_column,
                              Stream& stream) {
  for_rows(out.shape[0], ArgMaxOfRow{array(out), array(x), x.shape.last(), columns, first_column},
           stream);
}

void CudaKernels::pick_largest(const View& tokens, const View& pairs, Stream& stream) {
  for_each(pairs.shape[1], PickLargest{tokens.i32(), array(pairs), pairs.shape[0], pairs.shape[1]},
           stream);
}

void CudaKernels::row_sum(const View& out, const View& x, Index columns, Stream& stream) {
  for_rows(out.elements(), SumOfRow{array(out), array(x), x.shape.last(), columns}, stream);
}

void CudaKernels::exp_minus(const View& p, const View& x, const View& max, Index columns,
                            Stream& stream) {
  for_each(p.elements(), ExpMinus{array(p), array(x), array(max), x.shape.last(), columns}, stream);
}

void CudaKernels::pick_target(const View& out, const View& x, const View& targets,
                              Index first_column, Stream& stream) {
  for_each(out.elements(),
           PickTarget{array(out), array(x), targets.i32(), x.shape.last(), first_column}, stream);
}

void CudaKernels::cross_entropy(const View& loss, const View& sum, const View& max,
                                const View& target, Stream& stream) {
  for_rows(1, CrossEntropyOfAll{array(loss), array(sum), array(max), array(target), sum.elements()},
           stream);
}

void CudaKernels::cross_entropy_backward(const View& dlogits, const View& p, const View& sum,
                                         const View& targets, Index first_column, float scale,
                                         Stream& stream) {
  for_each(p.elements(),
           CrossEntropyBackward{array(dlogits), array(p), array(sum), targets.i32(), p.shape.last(),
                                first_column, scale},
           stream);
}

}  // namespace shardpipe::cuda
