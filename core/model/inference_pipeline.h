// InferencePipeline: one rank's part of a decoder that generates text on a tp x pp grid.
// Letters: p stages, g groups of B sequences, N new tokens a sequence, D features.
// Groups circulate (core/schedule/decode_ring.h): stage s works on a group, hands x [B S, D] to the
// stage behind, and the last stage hands the chosen tokens, i32 [B], to the first: the one message
// that a training pipeline does not have. All of it is data on the device: the host only submits.
// Messages of a rank, a group and token: one of B D size(dtype) bytes, on the last stage 4 B bytes.
#pragma once

#include <map>
#include <vector>

#include "core/model/inference_stage.h"
#include "core/schedule/decode_ring.h"

namespace shardpipe {

struct InferenceOptions {
  int groups = 1;              // g
  Index sequences = 1;         // B, of each group
  bool hide_messages = false;  // lag 2: messages pass under compute; needs 2p groups to pay
  // false: the naive twin, same tokens. Every token's forward recomputes all positions before it,
  // and x of all of them goes from stage to stage.
  bool cache = true;
};

class InferencePipeline {
 public:
  // Called by all ranks. A sequence may have config.sequence positions. Weights are not yet set.
  InferencePipeline(RankContext& ctx, const DecoderConfig& config, const InferenceOptions& options);
  InferencePipeline(const InferencePipeline&) = delete;
  InferencePipeline& operator=(const InferencePipeline&) = delete;

  void fill(RankContext& ctx, const Fill& fill) { stage_.fill(ctx, fill); }
  std::vector<Parameter*> parameters() { return stage_.parameters(); }

  // prompts[j]: the B prompts of group j, one after the other, all of the same length. Every
  // sequence grows by N tokens, each the most likely one. Returns for each group i32 [B, prompt +
  // N] on the ranks of the first and of the last stage, and an empty Tensor elsewhere. Usage error
  // unless prompt + N - 1 positions fit (the last token is not looked at).
  std::vector<Tensor> generate(const std::vector<std::vector<std::int32_t>>& prompts, int tokens,
                               RankContext& ctx);

  std::int64_t cache_bytes() const { return stage_.cache_bytes(); }

 private:
  struct Mail {
    Tensor data = {};
    Event ready = {};
  };
  struct Group {
    Index prompt = 0;       // positions
    Tensor sequences = {};  // i32 [B, prompt + N], filled up to the round; on the two ends
  };

  void start(const std::vector<std::vector<std::int32_t>>& prompts, int tokens, RankContext& ctx);
  Tensor work(const RingItem& item, RankContext& ctx);
  Tensor input(const RingItem& item, RankContext& ctx);
  Tensor take(const RingItem& item, RankContext& ctx);
  Tensor take_chosen(const RingItem& item, RankContext& ctx);
  Tensor positions_so_far(const RingItem& item, RankContext& ctx) const;
  void append(const RingItem& item, Tensor chosen, RankContext& ctx);
  void exchange(const DecodeRing& ring, int tick, Tensor made, RankContext& ctx);
  Index rows(const RingItem& item) const;

  DecoderConfig config_;
  InferenceOptions options_;
  bool first_, last_;
  InferenceStage stage_;
  std::vector<Group> groups_;
  std::map<std::pair<int, int>, Mail> inbox_;  // by (round, group) of the item that made it
};

}  // namespace shardpipe
