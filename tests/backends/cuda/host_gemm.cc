// cublasGemmStridedBatchedEx of the GPU made of host memory (host_gpu.h), by three loops.
#include "core/backends/cuda/array.cuh"
#include "tests/backends/cuda/host_gpu.h"

namespace shardpipe::host_gpu {
namespace {

using cuda::Array;

struct Matrix {  // column-major
  Array all;
  std::int64_t first, leading;
  bool transposed;
  std::int64_t at(std::int64_t row, std::int64_t column) const {
    return first + (transposed ? row * leading + column : column * leading + row);
  }
};

Array array(const void* data, cudaDataType_t type) {
  return {const_cast<void*>(data), type == CUDA_R_16BF};
}

}  // namespace

extern "C" cublasStatus_t cublasGemmStridedBatchedEx_64(
    cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, std::int64_t m,
    std::int64_t n, std::int64_t k, const void* alpha, const void* a, cudaDataType_t a_type,
    std::int64_t a_leading, long long a_stride, const void* b, cudaDataType_t b_type,
    std::int64_t b_leading, long long b_stride, const void* beta, void* c, cudaDataType_t c_type,
    std::int64_t c_leading, long long c_stride, std::int64_t batch, cublasComputeType_t compute,
    cublasGemmAlgo_t) {
  const Blas& blas = *reinterpret_cast<Blas*>(handle);
  // What this one does, cuBLAS promises only so: sums in f32, whatever is stored.
  const bool sums_in_f32 = (blas.mode & CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION) != 0;
  if (compute != CUBLAS_COMPUTE_32F || a_type != b_type || !sums_in_f32)
    return CUBLAS_STATUS_NOT_SUPPORTED;
  const float by = *static_cast<const float*>(alpha), keep = *static_cast<const float*>(beta);
  enqueue(blas.stream, [=] {
    for (std::int64_t z = 0; z < batch; ++z) {
      const Matrix x{array(a, a_type), z * a_stride, a_leading, op_a == CUBLAS_OP_T};
      const Matrix y{array(b, b_type), z * b_stride, b_leading, op_b == CUBLAS_OP_T};
      const Matrix out{array(c, c_type), z * c_stride, c_leading, false};
      for (std::int64_t i = 0; i < m; ++i)
        for (std::int64_t j = 0; j < n; ++j) {
          float sum = 0;
          for (std::int64_t p = 0; p < k; ++p)
            sum += x.all.load(x.at(i, p)) * y.all.load(y.at(p, j));
          const float old = keep == 0 ? 0 : keep * out.all.load(out.at(i, j));
          out.all.store(out.at(i, j), by * sum + old);
        }
    }
  });
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace shardpipe::host_gpu
