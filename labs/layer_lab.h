// The labs whose subject is one Layer on x [T,D]: MLP, attention, block. They differ in the layer
// only.
#pragma once

#include "core/tensor_parallel/layer.h"
#include "labs/harness.h"

namespace shardpipe {

struct LayerLab {
  std::string name = {};
  // Makes the layer of one rank. On x [T,D], or if it splits tokens on x [T/t,D].
  std::function<std::unique_ptr<Layer>(RankContext&, const LabShape&, DType)> make = {};
  // What part of a block it is, and the block: what it may hold (core/plan/run_bound.h).
  LayerPart part = LayerPart::block;
  std::function<DecoderConfig(const LabShape&)> config = {};
  bool splits_tokens = false;
  bool groups_heads = true;  // at real size, unless the flags say otherwise
};

// --forward-only on: what inference does with the layer. Nothing is kept for backward.
Toggle forward_only_toggle();
bool is_forward_only(const LabOptions& options);

// Forward and backward of x and weights, with random data; y, dx and every gradient are compared.
// Forward alone: y.
LabResult run_layer_lab(const LayerLab& lab, const LabOptions& options);

}  // namespace shardpipe
