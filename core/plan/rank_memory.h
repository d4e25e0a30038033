// RankMemory: what one pipeline rank holds besides weights while it runs its part of a program.
#pragma once

#include <map>
#include <vector>

#include "core/model/pipeline_decoder.h"
#include "core/plan/ledger.h"
#include "core/plan/tensor_bytes.h"

namespace shardpipe {

struct StepMemory {
  BytesByUse worst = {};     // at the worst moment
  Action worst_action = {};  // that ran then, or was the last to run
  int peak_in_flight = 0;    // most (stage, micro-batch) forwards held until B or W
};

class RankMemory {
 public:
  RankMemory(const Program& program, int rank, const std::vector<StageRange>& ranges,
             const TensorBytes& sizes, int tp, const PipelineOptions& options);

  StepMemory run();

 private:
  void take_batches();
  void perform(const Action& action);
  void forward(const Action& action, const StageRange& range);
  void backward(const Action& action, const StageRange& range);
  void backward_weight(const StageRange& range);

  // As the Mailbox: a received tensor becomes `use`; a made one waits for its exchange.
  void exchange(const std::vector<Transfer>& transfers);
  void receive(Payload payload, int from, Use use);
  void send(int to, Use use);
  void post_ahead();

  const Program& program_;
  int rank_;
  const std::vector<StageRange>& ranges_;
  TensorBytes n_;
  PipelineOptions options_;
  StagePlacement placement_;
  std::int64_t received_bytes_;  // of one message: x, or its 1/t
  Ledger ledger_;
  int in_flight_ = 0;
  StepMemory result_;

  struct Channel {
    int posted = 0, to_post = 0;
  };
  std::map<std::pair<Payload, int>, Channel> channels_;  // prefetch: by payload and sender
};

}  // namespace shardpipe
