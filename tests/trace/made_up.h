// Traces made up for tests.
#pragma once

#include <cstdint>

#include "core/trace/trace.h"

namespace shardpipe {

// Three ranks, two streams each, spans of a few ns with random gaps, waits and tags, some beyond
// the window; streams of a rank overlap. A function of the seed alone.
Trace random_trace(std::uint64_t seed);

// One training step of a 4-layer tensor-parallel MLP on 4 ranks as a Recorder saw it. Naive: an
// all_gather and an all_reduce a layer and everything waits; otherwise one all_reduce a layer, in
// backward under the weight gradient.
Trace mlp_trace(bool naive);

// Field by field.
bool equal(const Trace& a, const Trace& b);

}  // namespace shardpipe
