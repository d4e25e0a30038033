// Hardware: a described machine, in numbers. Read from JSON (core/cost/profiles,
// docs/cost_model.md), where every number stands beside its source. One rank is one accelerator (or
// one core). SI units: seconds, bytes, flops.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/cost/collective_cost.h"

namespace shardpipe {

// Arithmetic in one dtype. Small operations do not fill the machine: rate = peak * fraction *
// efficiency(flops), efficiency(f) = max(f / (f + half), least). The first form costs a matrix
// product half / (peak * fraction) seconds more than its flops; the second keeps an operation of
// few flops (an addition, an activation) from paying that.
struct Throughput {
  double peak_flops_per_s = 1;
  double achievable_fraction = 1;  // of the peak, by the largest matrix products
  double half_flops = 0;           // a product of this size runs at half the achievable rate
  double least_efficiency = 1;

  double efficiency(double flops) const {
    const double ramp = flops / (flops + half_flops);
    return ramp > least_efficiency ? ramp : least_efficiency;
  }
  double seconds(double flops) const {
    if (flops <= 0) return 0;
    return flops / (peak_flops_per_s * achievable_fraction * efficiency(flops));
  }
};

// What connects ranks, inside a node or between nodes.
struct Link {
  double latency_s = 0;         // one message between two ranks
  double bytes_per_s = 1;       // of that message, in each direction
  double node_bytes_per_s = 1;  // between nodes: what all ranks of a node send together
  std::vector<Method> methods;  // collectives; the fastest is used
};

struct Hardware {
  std::string name, description;
  int nodes = 1, ranks_per_node = 1;
  double memory_bytes = 0;        // of one rank
  double memory_bytes_per_s = 1;  // achievable, bytes read plus bytes written
  double kernel_minimum_s = 0;    // no operation on the device is shorter
  double launch_s = 0;            // host time to submit one operation
  Throughput bf16, f32;           // i32 is priced as f32
  Link inside, between;           // between: unused with one node

  int max_ranks() const { return nodes * ranks_per_node; }
};

// "8xH100": a profile of this kit, from <data root>/core/cost/profiles. A path that ends in .json:
// that file. Error(usage) names the profiles there are, or the file and the key that is wrong.
// The data root is the source tree, or the environment variable SHARDPIPE_DATA_DIR.
Hardware load_hardware(const std::string& name_or_path);

std::vector<std::string> hardware_names();  // of the kit, sorted

// Error(usage) if the machine has fewer ranks.
void check_ranks(const Hardware& hardware, int ranks);

}  // namespace shardpipe
