// AdamW over the shards a rank holds: no communication, because every weight's whole gradient is
// already where the weight is.
//   decay     only of matrices and tables: biases and norms' weights have one dimension and keep
//             theirs, as is usual (GPT-3, Llama, nanoGPT)
//   warm-up   step k of W takes k / W of the learning rate
//   bytes     two states of f32 a weight, and a master where a weight is bf16 and its gradient f32
#pragma once

#include <vector>

#include "core/tensor_parallel/parameter.h"

namespace shardpipe {

class AdamW {
 public:
  // What is kept of one parameter from step to step.
  struct State {
    Parameter* parameter = nullptr;
    // The weight in f32, which steps change; the parameter's is this one, rounded. A step is often
    // less than half a unit in the last place of a bf16: without a master it would be lost. Empty:
    // the parameter's value is all there is.
    Tensor master = {};
    Tensor m = {}, v = {};  // f32: means of the gradient and of its square
  };

  // options.learning_rate: after warm-up.
  AdamW(RankContext& ctx, const std::vector<Parameter*>& parameters, AdamWOptions options,
        int warmup_steps = 0);

  // The learning rate falls over so many steps, counted from the first of the run (decay_share); 0:
  // it stays.
  void decay_over(int steps) { decay_steps_ = steps; }
  // Masters become what the weights are, as before the first step unless a checkpoint brought them.
  void copy_masters(RankContext& ctx);
  // One step, then grad = 0.
  void step(RankContext& ctx);

  // For checkpoints, which keep and restore all of it.
  std::vector<State>& states() { return states_; }
  const std::vector<State>& states() const { return states_; }
  int steps() const { return steps_; }
  void set_steps(int steps);
  // Goes on behind so many steps, with states and masters that were read: weights are these,
  // rounded.
  void resume(RankContext& ctx, int steps);

 private:
  std::vector<State> states_;
  AdamWOptions options_;
  int warmup_steps_, decay_steps_ = 0, steps_ = 0;
  bool has_masters_ = false;
};

// The share of the learning rate that step `step`, counted from 1, takes: of a rate that grows by
// equal parts at first,
float warmup_share(int step, int warmup_steps);
// and of one that falls: all of it at the first step, a tenth behind the last, half a cosine in
// between (Loshchilov and Hutter, arXiv:1608.03983, without restarts). The horizon belongs to the
// run and not to a command, so that a run in two parts takes the same rates as in one.
float decay_share(int step, int decay_steps);

}  // namespace shardpipe
