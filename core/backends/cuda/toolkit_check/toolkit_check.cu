// What the cuda backend takes from the toolkit, each thing once. Compiled and linked, never run.
#include <cublas_v2.h>
#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <concepts>

template <std::integral Index>
__global__ void sum_of_warp(Index n, __nv_bfloat16* x) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) x[i] = __float2bfloat16(__shfl_xor_sync(0xffffffffu, __bfloat162float(x[i]), 16));
}

int main() {
  cublasHandle_t handle = nullptr;
  const bool has_blas = cublasCreate(&handle) == CUBLAS_STATUS_SUCCESS;
  sum_of_warp<<<1, 32>>>(0LL, nullptr);
  return has_blas && cudaDeviceSynchronize() == cudaSuccess ? 0 : 1;
}
