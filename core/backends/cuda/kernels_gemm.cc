// Matrix products by cuBLAS. It thinks in columns: a row-major matrix is its transpose, so a
// row-major out = op(a) op(b) is the column-major out^T = op(b)^T op(a)^T.
// f32 is computed in f32, not TF32. Products of bf16 are summed in f32, also where cuBLAS splits k
// (stream.cc sets its mode); out may be f32 then: a gradient that others are added to.
#include <algorithm>

#include "core/backends/cuda/cuda_kernels.h"

namespace shardpipe::cuda {
namespace {

cublasOperation_t op_of(Transpose t) { return t == Transpose::yes ? CUBLAS_OP_T : CUBLAS_OP_N; }
cudaDataType_t type_of(DType dtype) { return dtype == DType::bf16 ? CUDA_R_16BF : CUDA_R_32F; }

}  // namespace

void CudaKernels::gemm(const GemmCall& c, Stream& stream) {
  if (c.batch == 0 || c.m == 0 || c.n == 0) return;
  const Index row_a = c.op_a == Transpose::no ? c.k : c.m;  // elements of a stored row
  const Index row_b = c.op_b == Transpose::no ? c.n : c.k;
  check(cublasGemmStridedBatchedEx_64(
      native(stream).blas(), op_of(c.op_b), op_of(c.op_a), c.n, c.m, c.k, &c.alpha, c.b.data,
      type_of(c.b.dtype), std::max<Index>(row_b, 1), c.stride_b, c.a.data, type_of(c.a.dtype),
      std::max<Index>(row_a, 1), c.m * c.k, &c.beta, c.out.data, type_of(c.out.dtype), c.n,
      c.m * c.n, c.batch, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT));
}

}  // namespace shardpipe::cuda
