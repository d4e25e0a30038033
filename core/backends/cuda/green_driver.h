// The driver's functions that make green contexts, looked up at run time (green.cc). Toolkits
// before 12.5 have no such types.
#pragma once

#include <cuda.h>
#include <cudaTypedefs.h>

namespace shardpipe::cuda {

struct GreenDriver {
  PFN_cuDeviceGet_v2000 device_get = nullptr;
  PFN_cuDeviceGetDevResource_v12040 resource_get = nullptr;
  PFN_cuDevSmResourceSplitByCount_v12040 split = nullptr;
  PFN_cuDevResourceGenerateDesc_v12040 describe = nullptr;
  PFN_cuGreenCtxCreate_v12040 create = nullptr;
  PFN_cuGreenCtxDestroy_v12040 destroy = nullptr;
  PFN_cuGreenCtxStreamCreate_v12050 stream_create = nullptr;
};

}  // namespace shardpipe::cuda
