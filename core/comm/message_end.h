// The two ends of a message as each rank sees its own: they must fit before anything moves.
#pragma once

#include <cstdint>
#include <string>

#include "core/device/op_info.h"

namespace shardpipe {

struct MessageEnd {
  int rank = -1;               // in the group
  std::int64_t sequence = -1;  // position of the exchange among those of the rank
  std::int64_t bytes = 0;
  DType dtype = DType::f32;
  const char* algorithm = "";
  Where where = {};
};

bool fit(const MessageEnd& send, const MessageEnd& recv);

// "rank 1 in exchange #0 of tp[0,1] (b.cc:7) expects 20 bytes f32 from rank 0, which sends 16 bytes
// f32 in its exchange #2 (b.cc:4)"; where one of them is a step of an algorithm, "16 bytes f32 of
// all_reduce ring"
std::string describe_misfit(const Group& group, const MessageEnd& send, const MessageEnd& recv);

}  // namespace shardpipe
