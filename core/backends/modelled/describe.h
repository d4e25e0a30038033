// Words for operations in messages to a person.
#pragma once

#include <string>

#include "core/device/op_info.h"

namespace shardpipe::modelled {

// "all_reduce of 4096 bytes f32", "broadcast of 64 bytes i32 from rank 3".
std::string describe_collective(const OpInfo& op);

// "send 4096 bytes to rank 1", with world ranks.
std::string describe_message(const OpInfo& op, const MessageInfo& message);

}  // namespace shardpipe::modelled
