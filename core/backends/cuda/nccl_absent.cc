// Built where NCCL was not found: ranks read each other's memory instead.
#include "core/backends/cuda/nccl_transport.h"

namespace shardpipe::cuda {

bool has_nccl() { return false; }

std::unique_ptr<Transport> make_nccl_transport(CudaDevice&, std::shared_ptr<PeerGroup>,
                                               const std::string&, Bootstrap&,
                                               PeerTransport::Open) {
  fail(ExitCode::absent, "NCCL was not found when this was configured");
}

}  // namespace shardpipe::cuda
