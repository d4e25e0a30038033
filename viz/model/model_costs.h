// What a pipeline of a real model costs: one micro-batch through the share of a rank, a message
// between two ranks, and bytes. A decoder's blocks alone, spread evenly (a third of a block is
// allowed); embedding and head are left out.
//   time    matrix products and the sums over tp (2 a block forward, 2 backward), by the profile's
//           roofline; I: the products that lead to dx, W: those that lead to dw
//   bytes   of bf16 weights in mixed precision 16 each (core/plan/weight_bytes.h); of activations
//           what a block keeps (core/plan/tensor_bytes.h)
#pragma once

#include <string>
#include <vector>

#include "core/plan/tensor_bytes.h"
#include "core/schedule/simulator.h"

namespace shardpipe::viz {

struct ModelShape {
  std::string name = {};
  DecoderConfig config = {};
  Index tokens = 4096;  // of a micro-batch: one sequence
};

const std::vector<ModelShape>& model_shapes();
const ModelShape& find_model(const std::string& name);  // usage_error if there is none

struct ModelSetting {
  std::string model = "8B", hardware = "8xH100";
  int tp = 1, stages = 4;
  double latency_us = 10, gigabytes_per_s = 50;  // of the link between neighbours, one way
};

struct ModelCosts {
  Costs costs_ms = {};
  double weight_bytes = 0;    // of one rank: weights, gradients, optimizer
  double kept_bytes = 0;      // of one rank for each micro-batch in flight
  double capacity_bytes = 0;  // of one rank of the machine
};

// usage_error for a tp that does not divide the heads, or is more than a node of the machine.
ModelCosts model_costs(const ModelSetting& setting);

}  // namespace shardpipe::viz
