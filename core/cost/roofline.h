// RooflineModel: the cost of an operation on a described machine (docs/cost_model.md).
//   compute     the longest of: flops at the rate their number reaches, bytes at the memory's rate,
//               the shortest kernel (Williams, Waterman & Patterson, "Roofline", CACM 52(4), 2009)
//   collective  alpha-beta by algorithm (collective_cost.h), the fastest that the machine has
//   exchange    latency + the larger of bytes sent and received / bandwidth; links carry both
//               directions at once, and links inside and between nodes work at once
//   barrier     ceil(log2 n) latencies (dissemination)
#pragma once

#include <cstdint>

#include "core/cost/cost_model.h"
#include "core/cost/hardware.h"

namespace shardpipe {

struct Choice {
  Algorithm algorithm = Algorithm::ring;
  double seconds = 0;
};

// The fastest way to run a collective of `bytes` (the full tensor) on ranks placed so.
Choice choose_algorithm(const Hardware& hardware, OpKind kind, Placement at, double bytes);

class RooflineModel : public CostModel {
 public:
  explicit RooflineModel(Hardware hardware);

  std::int64_t duration_ns(const OpInfo& op) const override;
  std::int64_t launch_ns() const override;

  const Hardware& hardware() const { return hardware_; }

 private:
  double compute_s(const OpInfo& op) const;
  double exchange_s(const OpInfo& op) const;
  Placement placement_of(const Group& group) const;

  Hardware hardware_;
};

}  // namespace shardpipe
