// Backends that are plugins: what this machine has of them.
#pragma once

#include <string>

namespace shardpipe {

// One line for a person: GPUs, their memory, driver and runtime; or why there is no cuda backend.
// Never throws.
std::string cuda_status();

}  // namespace shardpipe
