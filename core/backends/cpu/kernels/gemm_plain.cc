// The matrix product without a library, for machines that have none. As in Goto and van de Geijn,
// "Anatomy of High-Performance Matrix Multiplication" (2008): panels of a and b are packed so that
// the inner loop reads both in order, and a kTileRows x kTileColumns tile of c stays in registers.
#include <algorithm>
#include <vector>

#include <string>

#include "core/backends/cpu/kernels/blas.h"
#include "core/launch/machine.h"

namespace shardpipe {
namespace {

constexpr Index kTileRows = 4, kTileColumns = 16;
constexpr Index kDepth = 256;    // a packed column panel, 16 KiB, stays in the first-level cache
constexpr Index kColumns = 512;  // packed b: 512 KiB, second-level cache

using Tile = float[kTileRows][kTileColumns];

Index tiles(Index n, Index tile) { return (n + tile - 1) / tile; }

float a_at(const MatrixProduct& p, Index i, Index l) {
  return p.op_a == Transpose::yes ? p.a[l * p.m + i] : p.a[i * p.k + l];
}
float b_at(const MatrixProduct& p, Index l, Index j) {
  return p.op_b == Transpose::yes ? p.b[j * p.k + l] : p.b[l * p.n + j];
}

// packed[l][r] = op(a)[first + r, l0 + l], zero beyond the last row.
void pack_a(float* packed, const MatrixProduct& p, Index first, Index l0, Index depth) {
  for (Index l = 0; l < depth; ++l)
    for (Index r = 0; r < kTileRows; ++r)
      packed[l * kTileRows + r] = first + r < p.m ? a_at(p, first + r, l0 + l) : 0.0f;
}

// packed[l][c] = op(b)[l0 + l, first + c], zero beyond the last column.
void pack_b(float* packed, const MatrixProduct& p, Index l0, Index first, Index depth) {
  for (Index l = 0; l < depth; ++l)
    for (Index c = 0; c < kTileColumns; ++c)
      packed[l * kTileColumns + c] = first + c < p.n ? b_at(p, l0 + l, first + c) : 0.0f;
}

void multiply_tile(Tile& sum, const float* a, const float* b, Index depth) {
  Tile local = {};
  for (Index l = 0; l < depth; ++l)
    for (Index r = 0; r < kTileRows; ++r)
#pragma omp simd  // else g++ unrolls this loop into single multiplications, 8 times slower
      for (Index c = 0; c < kTileColumns; ++c)
        local[r][c] += a[l * kTileRows + r] * b[l * kTileColumns + c];
  std::copy(&local[0][0], &local[0][0] + kTileRows * kTileColumns, &sum[0][0]);
}

// Adds a tile of the product into c; the first slice of k also applies beta.
void store_tile(const MatrixProduct& p, const Tile& sum, Index i0, Index j0, bool first_slice) {
  const Index rows = std::min(kTileRows, p.m - i0), columns = std::min(kTileColumns, p.n - j0);
  for (Index r = 0; r < rows; ++r) {
    float* c = p.c + (i0 + r) * p.n + j0;
    for (Index j = 0; j < columns; ++j) {
      const float old = !first_slice ? c[j] : p.beta == 0 ? 0.0f : p.beta * c[j];
      c[j] = old + p.alpha * sum[r][j];
    }
  }
}

}  // namespace

void multiply(const MatrixProduct& p) {
  std::vector<float> a(kTileRows * kDepth), b(kColumns * kDepth);
  // At least one slice, so that beta is applied for k = 0 too.
  const Index slices = std::max<Index>(1, tiles(p.k, kDepth));
  for (Index j0 = 0; j0 < p.n; j0 += kColumns) {
    const Index columns = std::min(kColumns, p.n - j0);
    for (Index s = 0; s < slices; ++s) {
      const Index l0 = s * kDepth, depth = std::min(kDepth, p.k - l0);
      for (Index t = 0; t < tiles(columns, kTileColumns); ++t)
        pack_b(b.data() + t * kTileColumns * kDepth, p, l0, j0 + t * kTileColumns, depth);
      for (Index i0 = 0; i0 < p.m; i0 += kTileRows) {
        pack_a(a.data(), p, i0, l0, depth);
        for (Index t = 0; t < tiles(columns, kTileColumns); ++t) {
          Tile sum;
          multiply_tile(sum, a.data(), b.data() + t * kTileColumns * kDepth, depth);
          store_tile(p, sum, i0, j0 + t * kTileColumns, s == 0);
        }
      }
    }
  }
}

void use_one_blas_thread() {}  // it never uses more

std::string blas_description() { return "none: the plain product of gemm_plain.cc"; }

}  // namespace shardpipe
