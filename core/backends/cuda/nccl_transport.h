// NCCL as the wires of a group: for ranks that have a GPU each. (NCCL refuses two ranks on one GPU:
// "Duplicate GPU detected".) nccl_transport.cc or nccl_absent.cc, as CMake found NCCL or not.
#pragma once

#include "core/backends/cuda/bootstrap.h"
#include "core/backends/cuda/peer_transport.h"

namespace shardpipe::cuda {

bool has_nccl();

// Collective over the group. `key` is the same on its members and used once.
std::unique_ptr<Transport> make_nccl_transport(CudaDevice& device, std::shared_ptr<PeerGroup> group,
                                               const std::string& key, Bootstrap& bootstrap,
                                               PeerTransport::Open open);

}  // namespace shardpipe::cuda
