// Runs one layer, whatever it is, and keeps its outputs, input gradients and weight gradients.
// T tokens, D input features, F output features.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/tensor_parallel/layer.h"
#include "tests/support/ranks.h"

namespace shardpipe {

// What a rank holds of [T,F]: all of it, [T,F/t] or [T/t,F].
enum class Spread { whole, columns, rows };

struct LayerCase {
  std::string name = {};
  std::function<std::unique_ptr<Layer>(RankContext&)> make = {};
  Index T = 0, D = 0, F = 0;
  Spread x = Spread::whole, y = Spread::whole;
};

// Two micro-batches in flight: forward of both, whole backward of the first, backward of the second
// in halves. Holds y0, y1, dx0, dx1 and the gradients of both together.
RankResult run_layer(RankContext& ctx, const LayerCase& c, const Fill& weights, const Fill& data);

enum class Pass { forward, backward };
// What a rank communicates in one pass: "tp all_reduce 2 calls 768 bytes; ...". All ranks must say
// the same, otherwise the answer says so.
std::string traffic(const LayerCase& c, int tp, Pass pass);
std::string traffic(const RunReport& report);

}  // namespace shardpipe
