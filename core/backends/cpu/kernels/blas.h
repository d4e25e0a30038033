// The one matrix product the cpu backend needs, from OpenBLAS (gemm_openblas.cc) or, where CMake
// found none, from a plain blocked product of ours (gemm_plain.cc).
#pragma once

#include "core/tensor/kernels.h"

namespace shardpipe {

// c[m,n] = alpha op(a) op(b) + beta c, row-major and contiguous. With beta = 0 c is not read, so it
// may be uninitialised. Any of m, n, k may be 0.
struct MatrixProduct {
  float* c = nullptr;
  const float *a = nullptr, *b = nullptr;
  Transpose op_a = Transpose::no, op_b = Transpose::no;
  Index m = 0, n = 0, k = 0;
  float alpha = 1, beta = 0;
};

void multiply(const MatrixProduct& p);

// Called once by each thread that will multiply: a rank is one thread, and a product that spreads
// over all cores would compete with the other ranks.
void use_one_blas_thread();

}  // namespace shardpipe
