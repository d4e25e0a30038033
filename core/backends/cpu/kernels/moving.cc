// CpuKernels: moving elements of any dtype. Letters as in math.h.
#include <algorithm>
#include <cstring>

#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/tensor/bf16.h"

namespace shardpipe {
namespace {

// memcpy may not be given a null pointer even for nothing; empty tensors may have one.
void copy_bytes(void* to, const void* from, Index bytes) {
  if (bytes > 0) std::memcpy(to, from, static_cast<std::size_t>(bytes));
}

// A block of rows inside a wider array.
struct Columns {
  std::byte* data = nullptr;  // of its first row
  Index row_bytes = 0;        // from one row to the next
};

Columns columns_of(const View& view, Index row_elements, Index first_element) {
  const Index size = size_of(view.dtype);
  return {view.data + first_element * size, row_elements * size};
}

void copy_block(Columns to, Columns from, Index rows, Index bytes) {
  for (Index t = 0; t < rows; ++t)
    copy_bytes(to.data + t * to.row_bytes, from.data + t * from.row_bytes, bytes);
}

// Moves head (b, h), rows [S,C], between heads [B,H,S,C] and its columns of x [B*S,W].
enum class Direction : bool { split, merge };

void move_heads(const View& heads, const View& x, Index first_column, Direction direction) {
  if (heads.elements() == 0) return;
  const Index B = heads.shape[0], H = heads.shape[1], S = heads.shape[2], C = heads.shape[3];
  const Index W = x.shape[1];
  for (Index b = 0; b < B; ++b)
    for (Index h = 0; h < H; ++h) {
      const Columns head = columns_of(heads, C, (b * H + h) * S * C);
      const Columns column = columns_of(x, W, b * S * W + first_column + h * C);
      if (direction == Direction::split)
        copy_block(head, column, S, C * size_of(x.dtype));
      else
        copy_block(column, head, S, C * size_of(x.dtype));
    }
}

}  // namespace

void CpuKernels::upload(const View& out, const void* host, Stream&) {
  copy_bytes(out.data, host, out.bytes());
}

void CpuKernels::download(void* host, const View& in, Stream&) {
  copy_bytes(host, in.data, in.bytes());
}

void CpuKernels::fill(const View& out, float value, Stream&) {
  const Index n = out.elements();
  if (out.dtype == DType::f32)
    std::fill_n(out.f32(), n, value);
  else if (out.dtype == DType::bf16)
    std::fill_n(out.bf16(), n, to_bf16(value));
  else
    std::fill_n(out.i32(), n, static_cast<std::int32_t>(value));
}

void CpuKernels::copy(const View& out, const View& in, Stream&) {
  const Index n = in.elements();
  if (out.dtype == in.dtype)
    copy_bytes(out.data, in.data, in.bytes());
  else if (out.dtype == DType::bf16)
    std::transform(in.f32(), in.f32() + n, out.bf16(), [](float v) { return to_bf16(v); });
  else
    std::transform(in.bf16(), in.bf16() + n, out.f32(),
                   [](std::uint16_t v) { return from_bf16(v); });
}

void CpuKernels::copy_columns(const View& out, Index out_first, const View& in, Index in_first,
                              Index count, Stream&) {
  copy_block(columns_of(out, out.shape.last(), out_first),
             columns_of(in, in.shape.last(), in_first), in.shape.rows(), count * size_of(in.dtype));
}

void CpuKernels::concat_columns(const View& out, const View& in, Stream&) {
  const Index n = in.shape[0], T = in.shape[1], F = in.shape[2];
  for (Index i = 0; i < n; ++i)
    copy_block(columns_of(out, n * F, i * F), columns_of(in, F, i * T * F), T,
               F * size_of(in.dtype));
}

void CpuKernels::split_columns(const View& out, const View& in, Stream&) {
  const Index n = out.shape[0], T = out.shape[1], F = out.shape[2];
  for (Index i = 0; i < n; ++i)
    copy_block(columns_of(out, F, i * T * F), columns_of(in, n * F, i * F), T,
               F * size_of(in.dtype));
}

void CpuKernels::split_heads(const View& heads, const View& x, Index first_column, Stream&) {
  move_heads(heads, x, first_column, Direction::split);
}

void CpuKernels::merge_heads(const View& x, const View& heads, Index first_column, Stream&) {
  move_heads(heads, x, first_column, Direction::merge);
}

}  // namespace shardpipe
