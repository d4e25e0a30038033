// A checkpoint: what a training run has become, in one safetensors file (docs/checkpoints.md):
//   weights             under their names, whole, as F32
//   optimizer's states  likewise, their kind before the name: adamw.m.blocks.0.norm1.scale
//   metadata            what the run is of, and where it stands
// Nothing in it depends on the grid, so any grid may go on. Tensors are gathered and read by blocks
// of kCheckpointBlock numbers: no rank holds a whole one.
#pragma once

#include <optional>

#include "core/base/output_file.h"
#include "core/model/config_keys.h"
#include "core/model/optimizer.h"
#include "core/model/safetensors.h"

namespace shardpipe {

inline constexpr Index kCheckpointBlock = 1 << 18;
// Of blocks on the host, of a rank that saves or loads.
inline constexpr double kCheckpointBytes = 6.0 * sizeof(float) * kCheckpointBlock;

// Where a run stands, besides its tensors.
struct RunState {
  std::uint64_t seed = 1;
  std::string text = {};        // TextBatches::hash
  int step = 0;                 // steps that the optimizer has made
  std::uint64_t sequences = 0;  // taken from the text
  Metadata options = {};        // what may change when a run goes on: "learning-rate", ...
};

// A tensor of this rank that is divided as a parameter is: its value, or what the optimizer keeps
// for it.
struct Shard {
  std::string kind = {};  // in files, what stands before the names of its pieces; "": the value
  const Parameter* parameter = nullptr;
  Tensor tensor = {};
};
std::vector<Shard> weight_shards(const std::vector<Parameter*>& weights);
std::vector<Shard> optimizer_shards(const AdamW& optimizer);
// All that a run is: its weights, as masters where the optimizer has them, and the states.
std::vector<Shard> run_shards(const std::vector<Parameter*>& weights, const AdamW& optimizer);

Metadata checkpoint_metadata(const DecoderConfig& config, const RunState& state);

// Where the run stood that wrote the file. Usage error with both values, all that differ, unless it
// was of this config, seed and text.
RunState state_in(const SafetensorsFile& file, const DecoderConfig& config, std::uint64_t seed,
                  const std::string& text_hash);

// Writes the shards of all ranks, each number once, whichever ranks hold it. Called by all of them;
// rank 0 writes, and leaves to its caller when the file takes its name. If it cannot be written the
// gathering goes on, because the others do not know, and why is returned on rank 0.
std::optional<Error> write_checkpoint(RankContext& ctx, OutputFile& out, const Metadata& metadata,
                                      const std::vector<Shard>& shards);

// Reads what this rank holds. Called by all ranks. Usage error for tensors that are missing or of
// another shape or type, and for numbers that are not finite.
void read_checkpoint(RankContext& ctx, SafetensorsFile& file, const std::vector<Shard>& shards);

// The tensors of the file that no rank wants. Called by all ranks, all get them.
std::vector<std::string> unwanted_in(RankContext& ctx, const SafetensorsFile& file,
                                     const std::vector<Shard>& shards);

}  // namespace shardpipe
