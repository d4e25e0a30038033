// Green contexts by the driver API. Its functions are looked up at run time: a program linked with
// -lcuda does not even start on a machine without a driver.
#include "core/backends/cuda/green_driver.h"
#include "core/backends/cuda/sm_slices.h"
#include "core/backends/cuda/virtual_gpu.h"

namespace shardpipe::cuda {
namespace {

template <class Function>
bool find(Function& function, const char* name, unsigned version) {
  void* address = nullptr;
  cudaDriverEntryPointQueryResult answer = cudaDriverEntryPointSymbolNotFound;
  const cudaError_t e =
      cudaGetDriverEntryPointByVersion(name, &address, version, cudaEnableDefault, &answer);
  if (e != cudaSuccess || answer != cudaDriverEntryPointSuccess) {
    cudaGetLastError();
    return false;
  }
  function = reinterpret_cast<Function>(address);
  return true;
}

bool load(GreenDriver& d) {
  return find(d.device_get, "cuDeviceGet", 2000) &&
         find(d.resource_get, "cuDeviceGetDevResource", 12040) &&
         find(d.split, "cuDevSmResourceSplitByCount", 12040) &&
         find(d.describe, "cuDevResourceGenerateDesc", 12040) &&
         find(d.create, "cuGreenCtxCreate", 12040) && find(d.destroy, "cuGreenCtxDestroy", 12040) &&
         find(d.stream_create, "cuGreenCtxStreamCreate", 12050);
}

class GreenShare : public GpuShare {
 public:
  GreenShare(const GreenDriver& driver, CUgreenCtx context, int sms)
      : driver_(driver), context_(context), sms_(sms) {}
  ~GreenShare() override { driver_.destroy(context_); }

  OwnedStream make_stream() override {
    CUstream stream = nullptr;
    const CUresult e = driver_.stream_create(&stream, context_, CU_STREAM_NON_BLOCKING, 0);
    if (e != CUDA_SUCCESS) fail(text("cuGreenCtxStreamCreate says ", static_cast<int>(e)));
    return OwnedStream(stream);
  }
  int sms() const override { return sms_; }

 private:
  GreenDriver driver_;
  CUgreenCtx context_;
  int sms_;
};

}  // namespace

GpuShares split_multiprocessors(int gpu, int ranks) {
  GpuShares result;
  GreenDriver driver;
  if (!load(driver)) return {.note = "the driver has no green contexts (12.5 or newer has)"};
  check(cudaFree(nullptr));  // makes the primary context, which green contexts belong to

  CUdevice device = 0;
  CUdevResource all = {};
  if (driver.device_get(&device, gpu) != CUDA_SUCCESS ||
      driver.resource_get(device, &all, CU_DEV_RESOURCE_TYPE_SM) != CUDA_SUCCESS)
    return {.note = "the driver does not tell the GPU's multiprocessors"};

  // Shares are equal and a multiple of what may be: 132 multiprocessors in 4 are 4 x 32.
  const SmSlices may = sm_slices(gpu, all);
  const unsigned each = all.sm.smCount / static_cast<unsigned>(ranks) / may.multiple * may.multiple;
  unsigned groups = static_cast<unsigned>(ranks);
  std::vector<CUdevResource> parts(groups);
  CUdevResource rest = {};
  if (each < may.least ||
      driver.split(parts.data(), &groups, &all, &rest, 0, each) != CUDA_SUCCESS ||
      groups < static_cast<unsigned>(ranks))
    return {.note = text(all.sm.smCount, " multiprocessors do not make ", ranks, " shares of ",
                         may.least, " or more")};

  for (int r = 0; r < ranks; ++r) {
    CUdevResource& part = parts[static_cast<std::size_t>(r)];
    CUdevResourceDesc description = nullptr;
    CUgreenCtx context = nullptr;
    if (driver.describe(&description, &part, 1) != CUDA_SUCCESS ||
        driver.create(&context, description, device, CU_GREEN_CTX_DEFAULT_STREAM) != CUDA_SUCCESS)
      return {.note = "the driver refuses a green context"};
    result.shares.push_back(
        std::make_unique<GreenShare>(driver, context, static_cast<int>(part.sm.smCount)));
  }
  result.note = text(ranks, " ranks share GPU ", gpu, ", ", result.shares[0]->sms(),
                     " multiprocessors each; memory and its bandwidth are common");
  return result;
}

}  // namespace shardpipe::cuda
