// --load, --weights-only and --save of the labs that train (docs/checkpoints.md).
#pragma once

#include <memory>

#include "core/model/checkpoint.h"
#include "core/model/text_batches.h"
#include "labs/lab.h"

namespace shardpipe {

Toggle load_toggle();

// Of one run, for all its ranks and for the one rank that it is compared with.
class TrainingFiles {
 public:
  // Opens the file of --load, and lets the batches begin where its run stood. Usage error if it is
  // not a checkpoint of this run.
  TrainingFiles(const LabOptions& options, const DecoderConfig& config, TextBatches& batches);

  // Called by every rank before its first step: weights, states and step of the file. False if
  // there is none.
  bool load(RankContext& ctx, const std::vector<Parameter*>& weights, AdamW& optimizer);
  // Called by every rank behind its last step; write_checkpoint.
  std::optional<Error> save(RankContext& ctx, const std::vector<Parameter*>& weights,
                            const AdamW& optimizer) const;

  // Of the host, for each rank.
  double bytes_of_rank() const { return file_ || options_.save ? kCheckpointBytes : 0; }
  // What is another since the file was saved; with --weights-only, what the file has besides.
  void add_notes(RunReport& report) const;

 private:
  const LabOptions& options_;
  const DecoderConfig& config_;
  const TextBatches& batches_;
  std::unique_ptr<SafetensorsFile> file_;  // nullptr: from a seed
  RunState begin_ = {};                    // of this run
  std::vector<std::string> changed_;       // options, since it was saved
  std::vector<std::string> left_out_;      // as rank 0 found
};

}  // namespace shardpipe
