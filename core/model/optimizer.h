// AdamW over the shards a rank holds: no communication, because every weight's whole gradient is
// already where the weight is. Two states of f32 per weight.
#pragma once

#include <vector>

#include "core/tensor_parallel/parameter.h"

namespace shardpipe {

class AdamW {
 public:
  // What is kept of one parameter from step to step.
  struct State {
    Parameter* parameter;
    Tensor m, v;  // f32: means of the gradient and of its square
  };

  AdamW(RankContext& ctx, std::vector<Parameter*> parameters, AdamWOptions options);

  // The learning rate falls over so many steps, counted from the first of the run (decay_share); 0:
  // it stays.
  void decay_over(int steps) { decay_steps_ = steps; }
  // One step, then grad = 0.
  void step(RankContext& ctx);

  // For checkpoints, which keep and restore all of it.
  const std::vector<State>& states() const { return states_; }
  int steps() const { return steps_; }
  void set_steps(int steps) { steps_ = steps; }

 private:
  std::vector<State> states_;
  AdamWOptions options_;
  int steps_ = 0, decay_steps_ = 0;
};

// The share of the learning rate that step `step`, counted from 1, takes: all of it at the first,
// a tenth behind the last, half a cosine in between (Loshchilov and Hutter, arXiv:1608.03983,
// without restarts). The horizon belongs to the run and not to a command, so that a run in two
// parts takes the same rates as in one.
float decay_share(int step, int decay_steps);

}  // namespace shardpipe
