// AdamW over the shards a rank holds: no communication, because every weight's whole gradient is
// already where the weight is. Two states of f32 per weight.
#pragma once

#include <vector>

#include "core/tensor_parallel/parameter.h"

namespace shardpipe {

class AdamW {
 public:
  AdamW(RankContext& ctx, std::vector<Parameter*> parameters, AdamWOptions options);

  // One step, then grad = 0.
  void step(RankContext& ctx);

 private:
  struct State {
    Parameter* parameter;
    Tensor m, v;
  };
  std::vector<State> states_;
  AdamWOptions options_;
  int steps_ = 0;
};

}  // namespace shardpipe
