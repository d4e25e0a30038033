// PipelineRunner: executes one rank's part of a pipeline schedule on real layers. One loop runs
// every schedule: what differs between GPipe, 1F1B and the zero-bubble family is data
// (core/schedule).
#pragma once

#include "core/pipeline/mailbox.h"
#include "core/tensor_parallel/layer.h"

namespace shardpipe {

struct RunnerOptions {
  P2p p2p = P2p::blocking;
  bool scatter = false;  // stage boundaries over the tensor-parallel ranks
};

class PipelineRunner {
 public:
  // Called by all ranks of ctx.pp, whose number is the schedule's. stages: the layers of each model
  // stage that this rank holds. The first stage is called with an empty x, and the last with an
  // empty dy. Deadlocks and dependencies are the business of check_program; here they would hang
  // or fail.
  PipelineRunner(RankContext& ctx, Program program, std::map<int, Layer*> stages,
                 const Boundary& boundary, RunnerOptions options);

  // All actions once. Returns what the last stage gave for each micro-batch, if this rank holds it.
  std::map<int, Tensor> run(RankContext& ctx);

  // Most (stage, micro-batch) forwards held at once in the last run: until B, or W where split.
  int peak_in_flight() const { return peak_in_flight_; }

 private:
  void perform(const Action& action, RankContext& ctx);
  void forward(const Action& action, Layer& layer, RankContext& ctx);
  void backward(const Action& action, Layer& layer, RankContext& ctx);

  Program program_;
  std::map<int, Layer*> stages_;
  bool forward_only_;
  std::unique_ptr<Mailbox> mailbox_;
  std::map<int, Tensor> outputs_;
  int in_flight_ = 0, peak_in_flight_ = 0;
};

}  // namespace shardpipe
