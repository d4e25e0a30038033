// What a program asks the driver about the GPU made of host memory (host_gpu.h): one device of 132
// multiprocessors, as an H100 has, that green contexts split in eights. Their streams are streams
// like the others: nothing here knows how many multiprocessors a task has.
#include <algorithm>
#include <cstring>
#include <string>

#include "core/backends/cuda/green_driver.h"
#include "tests/backends/cuda/host_gpu.h"

namespace shardpipe::host_gpu {
namespace {

constexpr unsigned kSms = 132, kSlice = 8;

CUdevResource sms(unsigned count) {
  CUdevResource resource = {};
  resource.type = CU_DEV_RESOURCE_TYPE_SM;
  resource.sm.smCount = count;
  return resource;
}

// Toolkits before 13 have no such fields.
template <class Sm>
void tell_slices(Sm& sm) {
  if constexpr (requires { sm.minSmPartitionSize; }) {
    sm.minSmPartitionSize = kSlice;
    sm.smCoscheduledAlignment = kSlice;
  }
}

CUresult device_get(CUdevice* device, int ordinal) {
  *device = ordinal;
  return ordinal == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}
CUresult resource_get(CUdevice, CUdevResource* all, CUdevResourceType) {
  *all = sms(kSms);
  tell_slices(all->sm);
  return CUDA_SUCCESS;
}
CUresult split(CUdevResource* parts, unsigned* count, const CUdevResource* all, CUdevResource* rest,
               unsigned, unsigned least) {
  const unsigned each = std::max(1u, (least + kSlice - 1) / kSlice) * kSlice;
  *count = std::min(*count, all->sm.smCount / each);
  for (unsigned i = 0; i < *count; ++i) parts[i] = sms(each);
  *rest = sms(all->sm.smCount - *count * each);
  return *count == 0 ? CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION : CUDA_SUCCESS;
}
CUresult describe(CUdevResourceDesc* description, CUdevResource* resources, unsigned) {
  *description = reinterpret_cast<CUdevResourceDesc>(resources);
  return CUDA_SUCCESS;
}
CUresult create(CUgreenCtx* context, CUdevResourceDesc, CUdevice, unsigned flags) {
  *context = reinterpret_cast<CUgreenCtx>(new char);
  return flags == CU_GREEN_CTX_DEFAULT_STREAM ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
CUresult destroy(CUgreenCtx context) {
  delete reinterpret_cast<char*>(context);
  return CUDA_SUCCESS;
}
CUresult stream_create(CUstream* stream, CUgreenCtx, unsigned flags, int) {
  if (flags != CU_STREAM_NON_BLOCKING) return CUDA_ERROR_INVALID_VALUE;
  return cudaStreamCreateWithFlags(stream, flags) == cudaSuccess ? CUDA_SUCCESS
                                                                 : CUDA_ERROR_OUT_OF_MEMORY;
}

// A function of another type than the driver's does not compile.
const cuda::GreenDriver kDriver = {.device_get = device_get,
                                   .resource_get = resource_get,
                                   .split = split,
                                   .describe = describe,
                                   .create = create,
                                   .destroy = destroy,
                                   .stream_create = stream_create};

void* find(const std::string& name) {
  if (name == "cuDeviceGet") return reinterpret_cast<void*>(kDriver.device_get);
  if (name == "cuDeviceGetDevResource") return reinterpret_cast<void*>(kDriver.resource_get);
  if (name == "cuDevSmResourceSplitByCount") return reinterpret_cast<void*>(kDriver.split);
  if (name == "cuDevResourceGenerateDesc") return reinterpret_cast<void*>(kDriver.describe);
  if (name == "cuGreenCtxCreate") return reinterpret_cast<void*>(kDriver.create);
  if (name == "cuGreenCtxDestroy") return reinterpret_cast<void*>(kDriver.destroy);
  if (name == "cuGreenCtxStreamCreate") return reinterpret_cast<void*>(kDriver.stream_create);
  return nullptr;
}

}  // namespace

extern "C" {

cudaError_t cudaGetDriverEntryPointByVersion(const char* name, void** function, unsigned,
                                             unsigned long long,
                                             cudaDriverEntryPointQueryResult* answer) {
  *function = find(name);
  *answer = *function ? cudaDriverEntryPointSuccess : cudaDriverEntryPointSymbolNotFound;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int* count) { return *count = 1, cudaSuccess; }
cudaError_t cudaRuntimeGetVersion(int* version) { return *version = CUDA_VERSION, cudaSuccess; }
cudaError_t cudaDriverGetVersion(int* version) { return *version = CUDA_VERSION, cudaSuccess; }
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  if (attribute != cudaDevAttrComputeCapabilityMajor) return cudaErrorInvalidValue;
  return *value = 9, cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int) {
  *p = {};
  std::strcpy(p->name, "a GPU made of host memory");
  p->major = 9;
  p->multiProcessorCount = kSms;
  p->totalGlobalMem = std::size_t{1} << 30;
  return cudaSuccess;
}

}  // extern "C"
}  // namespace shardpipe::host_gpu
