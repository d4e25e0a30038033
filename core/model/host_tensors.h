// Whole tensors on the host, by name: what runs are compared by.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/tensor_parallel/parameter.h"

namespace shardpipe {

struct HostTensor {
  Shape shape = {};
  std::vector<float> values = {};
};
using HostTensors = std::map<std::string, HostTensor>;

// Gathers every gradient over ctx.tp (each rank fills in what it counts, the sum is the whole).
// Called by all ranks of the group; all of them get the tensors.
HostTensors gather_gradients(RankContext& ctx, const std::vector<Parameter*>& parameters);

}  // namespace shardpipe
