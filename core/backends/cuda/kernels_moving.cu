// Operations that move elements. Blocks of columns are strided copies of the runtime.
#include "core/backends/cuda/cuda_kernels.h"
#include "core/backends/cuda/elementwise.cuh"
#include "core/backends/cuda/launch.cuh"

namespace shardpipe::cuda {
namespace {

void copy_block(const View& out, Index out_row, Index out_at, const View& in, Index in_row,
                Index in_at, Index rows, Index columns, Stream& stream) {
  if (rows == 0 || columns == 0) return;
  const Index size = size_of(in.dtype);
  check(cudaMemcpy2DAsync(out.data + out_at * size, static_cast<std::size_t>(out_row * size),
                          in.data + in_at * size, static_cast<std::size_t>(in_row * size),
                          static_cast<std::size_t>(columns * size), static_cast<std::size_t>(rows),
                          cudaMemcpyDeviceToDevice, native(stream).handle()));
}

template <class Raw>
void move_heads(const View& heads, const View& x, Index first_column, bool split, Stream& stream) {
  for_each(heads.elements(),
           MoveHeads<Raw>{.heads = reinterpret_cast<Raw*>(heads.data),
                          .x = reinterpret_cast<Raw*>(x.data),
                          .H = heads.shape[1],
                          .S = heads.shape[2],
                          .C = heads.shape[3],
                          .W = x.shape[1],
                          .first_column = first_column,
                          .split = split},
           stream);
}

void move_heads(const View& heads, const View& x, Index first_column, bool split, Stream& stream) {
  if (size_of(x.dtype) == 2)
    move_heads<std::uint16_t>(heads, x, first_column, split, stream);
  else
    move_heads<std::uint32_t>(heads, x, first_column, split, stream);
}

}  // namespace

void CudaKernels::upload(const View& out, const void* host, Stream& stream) {
  if (out.bytes() == 0) return;
  check(cudaMemcpyAsync(out.data, host, static_cast<std::size_t>(out.bytes()),
                        cudaMemcpyHostToDevice, native(stream).handle()));
}

void CudaKernels::download(void* host, const View& in, Stream& stream) {
  if (in.bytes() == 0) return;
  check(cudaMemcpyAsync(host, in.data, static_cast<std::size_t>(in.bytes()), cudaMemcpyDeviceToHost,
                        native(stream).handle()));
}

void CudaKernels::fill(const View& out, float value, Stream& stream) {
  if (out.dtype == DType::i32)
    for_each(out.elements(), FillInteger{out.i32(), static_cast<std::int32_t>(value)}, stream);
  else
    for_each(out.elements(), FillElement{array(out), value}, stream);
}

void CudaKernels::copy(const View& out, const View& in, Stream& stream) {
  if (out.dtype != in.dtype) {
    for_each(out.elements(), ScaleElement{array(out), array(in), 1}, stream);
  } else if (out.bytes() > 0) {
    check(cudaMemcpyAsync(out.data, in.data, static_cast<std::size_t>(out.bytes()),
                          cudaMemcpyDeviceToDevice, native(stream).handle()));
  }
}

void CudaKernels::copy_columns(const View& out, Index out_first, const View& in, Index in_first,
                               Index count, Stream& stream) {
  copy_block(out, out.shape.last(), out_first, in, in.shape.last(), in_first, in.shape.rows(),
             count, stream);
}

void CudaKernels::concat_columns(const View& out, const View& in, Stream& stream) {
  const Index n = in.shape[0], T = in.shape[1], F = in.shape[2];
  for (Index part = 0; part < n; ++part)
    copy_block(out, n * F, part * F, in, F, part * T * F, T, F, stream);
}

void CudaKernels::split_columns(const View& out, const View& in, Stream& stream) {
  const Index n = out.shape[0], T = out.shape[1], F = out.shape[2];
  for (Index part = 0; part < n; ++part)
    copy_block(out, F, part * T * F, in, n * F, part * F, T, F, stream);
}

void CudaKernels::split_heads(const View& heads, const View& x, Index first_column,
                              Stream& stream) {
  move_heads(heads, x, first_column, /*split=*/true, stream);
}

void CudaKernels::merge_heads(const View& x, const View& heads, Index first_column,
                              Stream& stream) {
  move_heads(heads, x, first_column, /*split=*/false, stream);
}

}  // namespace shardpipe::cuda
