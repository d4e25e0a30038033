// What one rank does in a collective. Letters: n ranks, count elements of the reduced tensor.
#include <algorithm>
#include <cstring>

#include "core/backends/cpu/transport.h"
#include "core/tensor/bf16.h"

namespace shardpipe::cpu {
namespace {

constexpr Index kBlock = 8192;  // elements: 32 KB of float, so a block stays in the first cache

// bf16 sums are formed in float and rounded once (to nearest even).
float widen(std::uint16_t x) { return from_bf16(x); }
float widen(float x) { return x; }
std::int64_t widen(std::int32_t x) { return x; }

void narrow(float value, std::uint16_t& out) { out = to_bf16(value); }
void narrow(float value, float& out) { out = value; }
void narrow(std::int64_t value, std::int32_t& out) { out = static_cast<std::int32_t>(value); }

// The usual case, written so that it vectorises: two float tensors, each the sum of both.
void sum_two(float* __restrict a, float* __restrict b, Index count) {
  for (Index i = 0; i < count; ++i) a[i] = b[i] = a[i] + b[i];
}
void sum_four(float* __restrict a, float* __restrict b, float* __restrict c, float* __restrict d,
              Index count) {
  for (Index i = 0; i < count; ++i) a[i] = b[i] = c[i] = d[i] = ((a[i] + b[i]) + c[i]) + d[i];
}

template <class T, class Combine>
void reduce_block(const std::vector<const T*>& in, Index first, Index count, T* out,
                  Combine combine) {
  for (Index i = 0; i < count; ++i) {
    auto value = widen(in[0][first + i]);
    for (std::size_t r = 1; r < in.size(); ++r) value = combine(value, widen(in[r][first + i]));
    narrow(value, out[i]);
  }
}

template <class T>
void reduce_block(const std::vector<const T*>& in, Index first, Index count, T* out, ReduceOp op) {
  if (op == ReduceOp::sum)
    reduce_block(in, first, count, out, [](auto a, auto b) { return a + b; });
  else
    reduce_block(in, first, count, out, [](auto a, auto b) { return std::max(a, b); });
}

// Share `rank` of `count` elements, in whole cache lines of 16 elements as far as they go.
struct Range {
  Index first, last;
};
Range share_of(Index count, int rank, int n) {
  const Index chunk = ((count + n - 1) / n + 15) / 16 * 16;
  return {std::min(count, chunk * rank), std::min(count, chunk * (rank + 1))};
}

template <class T>
void all_reduce(const std::vector<const CommCall*>& calls, int rank) {
  std::vector<T*> out;
  std::vector<const T*> in;
  for (const CommCall* c : calls) {
    out.push_back(reinterpret_cast<T*>(c->out.data));
    in.push_back(out.back());
  }
  const ReduceOp op = calls[0]->reduce;
  const auto [first, last] =
      share_of(calls[0]->out.elements(), rank, static_cast<int>(calls.size()));
  T sum[kBlock];
  for (Index b = first; b < last; b += kBlock) {
    const Index count = std::min(kBlock, last - b);
    reduce_block(in, b, count, sum, op);
    for (T* o : out) std::memcpy(o + b, sum, static_cast<std::size_t>(count) * sizeof(T));
  }
}

bool all_reduce_fast(const std::vector<const CommCall*>& calls, int rank) {
  const CommCall& c = *calls[0];
  const int n = static_cast<int>(calls.size());
  if (c.out.dtype != DType::f32 || c.reduce != ReduceOp::sum || (n != 2 && n != 4)) return false;
  const auto [first, last] = share_of(c.out.elements(), rank, n);
  auto at = [&, begin = first](int r) {
    return calls[static_cast<std::size_t>(r)]->out.f32() + begin;
  };
  if (n == 2)
    sum_two(at(0), at(1), last - first);
  else
    sum_four(at(0), at(1), at(2), at(3), last - first);
  return true;
}

template <class T>
void reduce_scatter(const std::vector<const CommCall*>& calls, int rank) {
  std::vector<const T*> in;
  for (const CommCall* c : calls) in.push_back(reinterpret_cast<const T*>(c->in.data));
  const View& out = calls[static_cast<std::size_t>(rank)]->out;
  reduce_block(in, out.elements() * rank, out.elements(), reinterpret_cast<T*>(out.data),
               ReduceOp::sum);
}

void all_gather(const std::vector<const CommCall*>& calls, int rank) {
  const View& in = calls[static_cast<std::size_t>(rank)]->in;
  const auto bytes = static_cast<std::size_t>(in.bytes());
  for (const CommCall* c : calls) {
    std::byte* place = c->out.data + static_cast<std::size_t>(rank) * bytes;
    if (place != in.data && bytes > 0) std::memcpy(place, in.data, bytes);
  }
}

void broadcast(const std::vector<const CommCall*>& calls, int rank) {
  const CommCall& mine = *calls[static_cast<std::size_t>(rank)];
  const View& root = calls[static_cast<std::size_t>(mine.root)]->out;
  if (rank != mine.root && root.bytes() > 0)
    std::memcpy(mine.out.data, root.data, static_cast<std::size_t>(root.bytes()));
}

}  // namespace

void run_share(const std::vector<const CommCall*>& calls, int rank) {
  const CommCall& mine = *calls[static_cast<std::size_t>(rank)];
  const DType dtype = mine.out.dtype;
  switch (mine.kind) {
    case OpKind::all_reduce:
      if (all_reduce_fast(calls, rank)) break;
      if (dtype == DType::f32) all_reduce<float>(calls, rank);
      if (dtype == DType::bf16) all_reduce<std::uint16_t>(calls, rank);
      if (dtype == DType::i32) all_reduce<std::int32_t>(calls, rank);
      break;
    case OpKind::reduce_scatter:
      if (dtype == DType::f32) reduce_scatter<float>(calls, rank);
      if (dtype == DType::bf16) reduce_scatter<std::uint16_t>(calls, rank);
      if (dtype == DType::i32) reduce_scatter<std::int32_t>(calls, rank);
      break;
    case OpKind::all_gather: all_gather(calls, rank); break;
    case OpKind::broadcast: broadcast(calls, rank); break;
    default: break;  // barrier: meeting was all
  }
}

}  // namespace shardpipe::cpu
