// PipelineDecoder: one rank's part of a decoder trained on a tp x pp x dp grid. It puts together
// what the rest of core provides: a schedule (core/schedule), the stages it gives to this rank, the
// runner (core/pipeline), and the sums of gradients that follow:
//   over dp                 every copy of the model saw other micro-batches (GradientSync)
//   between the two ends    tied embeddings: the first stage and the last hold the same table
//   between two ranks       dualpipe: ranks r and p-1-r hold the same two stages
//   over kv                 replicated key/value heads (core/tensor_parallel/attention.h)
// The gradients are those of the mean loss over all m dp micro-batches, as one rank would get them.
#pragma once

#include "core/model/decoder_stage.h"
#include "core/model/gradient_sync.h"
#include "core/model/text_batches.h"
#include "core/pipeline/runner.h"

namespace shardpipe {

struct PipelineOptions {
  std::string schedule = "1f1b";
  // Instead of one of the builders: any schedule for these sizes. One that check_schedule refuses
  // is an error.
  std::function<Schedule(int ranks, int microbatches)> own_schedule = {};
  int microbatches = 1;  // m, a data-parallel rank
  int chunks = 1;
  int group = 0;  // of interleaved_1f1b, as in build_schedule
  P2p p2p = P2p::blocking;
  bool group_messages = false;  // adjacent messages in one exchange
  bool scatter = false;         // stage boundaries over tp
  bool recompute = false;
  float loss_scale = 1;  // gradients are those of loss_scale * mean loss
  GradientSyncKind gradient_sync = GradientSyncKind::plain;
  std::int64_t bucket_bytes = 25 << 20;  // PyTorch's default
};

class PipelineDecoder {
 public:
  // Called by all ranks. tokens: T of one micro-batch. Usage errors: shapes, schedules and splits
  // that are impossible. Weights are not yet set.
  PipelineDecoder(RankContext& ctx, const DecoderConfig& config, Index tokens,
                  const PipelineOptions& options);
  PipelineDecoder(const PipelineDecoder&) = delete;
  PipelineDecoder& operator=(const PipelineDecoder&) = delete;

  // The same numbers for every grid.
  void fill(RankContext& ctx, const Fill& fill);

  // Forward and backward of micro-batches dp_rank m .. dp_rank m + m-1 of all m dp ones, and the
  // sums of gradients. Returns the losses, [1] f32 each, by micro-batch (from 0 for this rank's
  // first), where this rank holds the last stage.
  std::map<int, Tensor> forward_backward(const std::vector<Batch>& microbatches, RankContext& ctx);
  // Their mean over all m dp micro-batches, [1] f32, the same on every rank. A small all-reduce.
  Tensor mean_loss(const std::map<int, Tensor>& losses, RankContext& ctx);

  std::vector<Parameter*> parameters();
  int peak_in_flight() const { return runner_->peak_in_flight(); }

 private:
  void make_groups(RankContext& ctx, const Schedule& schedule);
  void listen(RankContext& ctx, const Schedule& schedule);
  void sum_copies(RankContext& ctx);
  void sum_tied_tables(RankContext& ctx);

  PipelineOptions options_;
  float share_;  // of one micro-batch in the mean loss: 1 / (m dp)
  std::map<int, std::unique_ptr<DecoderStage>> stages_;
  std::unique_ptr<PipelineRunner> runner_;
  std::unique_ptr<GradientSync> gradient_sync_;
  std::unique_ptr<Communicator> tied_group_;  // ranks that hold a tied table; nullptr: not this one
  std::unique_ptr<Communicator> copy_group_;  // the two ranks that hold the same stages
};

}  // namespace shardpipe
