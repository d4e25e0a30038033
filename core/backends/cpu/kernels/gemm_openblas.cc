// The matrix product by OpenBLAS.
#include <cblas.h>

#include <algorithm>
#include <limits>

#include <string>

#include "core/backends/cpu/kernels/blas.h"
#include "core/launch/machine.h"

namespace shardpipe {
namespace {

blasint blas_size(Index n) {
  if (n > std::numeric_limits<blasint>::max())
    fail(text("gemm: a dimension of ", n, " is more than this OpenBLAS can count"));
  return static_cast<blasint>(n);
}

// Row length in memory; BLAS wants at least 1 even for nothing.
blasint row_length(Transpose op, Index rows, Index columns) {
  return blas_size(std::max<Index>(1, op == Transpose::yes ? rows : columns));
}

CBLAS_TRANSPOSE blas_op(Transpose op) { return op == Transpose::yes ? CblasTrans : CblasNoTrans; }

}  // namespace

void multiply(const MatrixProduct& p) {
  if (p.m == 0 || p.n == 0) return;
  cblas_sgemm(CblasRowMajor, blas_op(p.op_a), blas_op(p.op_b), blas_size(p.m), blas_size(p.n),
              blas_size(p.k), p.alpha, p.a, row_length(p.op_a, p.m, p.k), p.b,
              row_length(p.op_b, p.k, p.n), p.beta, p.c, row_length(Transpose::no, p.m, p.n));
}

// The pthread build has one count for the process, so the first call settles it. The openmp build
// (openblas_get_parallel() == 2) keeps OpenMP's count, one for each thread: every thread must call.
void use_one_blas_thread() { openblas_set_num_threads(1); }

std::string blas_description() {
  const int kind = openblas_get_parallel();
  const char* threads = kind == 0 ? "none" : kind == 1 ? "pthread" : "openmp";
  return text(openblas_get_config(), " (threads: ", threads, ")");
}

}  // namespace shardpipe
