// Whole tensors on the host, by name: what runs are compared by.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/tensor/tensor.h"

namespace shardpipe {

struct HostTensor {
  Shape shape = {};
  std::vector<float> values = {};
};
using HostTensors = std::map<std::string, HostTensor>;

}  // namespace shardpipe
