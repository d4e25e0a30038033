// Runs whose every number is known, to save and to load on any grid.
#pragma once

#include "core/base/random.h"
#include "core/model/checkpoint.h"
#include "core/model/pipeline_decoder.h"
#include "tests/support/ranks.h"
#include "tests/support/tensor_files.h"

namespace shardpipe {

// A grid, and how its stages are divided.
struct Place {
  GridShape grid = {};
  PipelineOptions options = {.schedule = "1f1b", .microbatches = 4};
  GridOrder order = kDefaultOrder;
};

// Sizes that split, pad (vocabulary 50 on 4 ranks) and replicate (key/value heads).
inline DecoderConfig saved_config(Family family, bool tied) {
  return {.family = family,
          .layers = 8,
          .hidden = 16,
          .ffn = 8,
          .heads = 4,
          .kv_heads = 2,
          .vocabulary = 50,
          .sequence = 4,
          .tied = tied};
}

// All different, and zeros of both signs: a misplaced number shows, and a lost sign.
inline float numbered(const std::string& name, Index index) {
  if (index % 5 == 3) return index % 2 == 0 ? 0.0f : -0.0f;
  return static_cast<float>(1 + stream_of(name) % 1000) + static_cast<float>(index) / 65536;
}

inline RunState run_state() {
  return {.seed = 7, .text = "fnv1a64:0123456789abcdef", .step = 10, .sequences = 40};
}

// "" or where the file's numbers are not `numbered`, bit for bit.
inline std::string misplaced(const std::string& file) {
  for (const auto& [name, tensor] : read_tensors(file))
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      const float want = numbered(name, static_cast<Index>(i));
      if (std::memcmp(&tensor.values[i], &want, sizeof want) != 0)
        return text(name, "[", i, "] is ", tensor.values[i], ", not ", want);
    }
  return "";
}

// One rank's model with its optimizer.
struct Trained {
  Trained(RankContext& ctx, const DecoderConfig& config, const Place& place)
      : model(ctx, config, 2 * config.sequence, place.options),
        optimizer(ctx, model.parameters(), {}) {}

  std::vector<Shard> shards() {
    std::vector<Shard> all = optimizer_shards(optimizer);
    for (Shard& weight : weight_shards(model.parameters())) all.push_back(std::move(weight));
    return all;
  }

  void fill(RankContext& ctx) {
    for (const Shard& shard : shards()) {
      std::vector<float> values(static_cast<std::size_t>(shard.tensor.elements()), 0.0f);
      for (const Piece& piece : shard.parameter->pieces(ctx.coord.tp))
        for_each_number(piece, shard.tensor.shape(), [&](Index full, Index local) {
          values[static_cast<std::size_t>(local)] = numbered(shard.kind + piece.name, full);
        });
      ctx.math.upload(shard.tensor, values, ctx.compute);
    }
  }

  PipelineDecoder model;
  AdamW optimizer;
};

// Calls use(ctx, trained) on every rank.
template <class Use>
void on_every_rank(const Place& place, const DecoderConfig& config, const Use& use) {
  run_grid(
      place.grid,
      [&](RankContext& ctx) {
        Trained trained(ctx, config, place);
        use(ctx, trained);
        return RankResult{};
      },
      {}, place.order);
}

}  // namespace shardpipe
