// What every lab does around its step: choose the backend, warm up, measure some steps, compare
// with one rank.
#pragma once

#include "labs/limits.h"
#include "labs/run_on.h"

namespace shardpipe {

// One rank's part of a lab.
struct LabProgram {
  std::function<void(int step)> step = {};
  // Numbers to compare with one rank: the same full tensors on every rank that has any, rank 0
  // among them.
  std::function<HostTensors()> numbers = {};
  // Of all steps so far, as many on every rank; may be absent.
  std::function<std::vector<double>()> losses = {};
  std::function<int()> peak_in_flight = {};  // pipelines
  // Writes the file of --save: called by every rank behind the window. Why rank 0 could not.
  std::function<std::optional<Error>()> save = {};
};

struct LabSetup {
  LabShape shape = {};
  DType dtype = DType::f32;
  int warmup = 1, steps = 3;
  // Makes the program of one rank. Called again with tp = 1 for the comparison.
  std::function<LabProgram(RankContext&)> make = {};
  // What it needs on a grid: that of the options, and one rank's for the comparison. Reckoned and
  // refused before anything is made; absent: next to nothing.
  std::function<LabNeed(GridShape grid)> need = {};
  std::string against = Check().against;
  // |difference| allowed, given the largest magnitude of any number compared; 0: bitwise.
  std::function<double(double largest)> bound = {};
};

// A positive number given as a toggle; usage error otherwise.
double positive_number(const LabOptions& options, const std::string& toggle);

// Losses as numbers to compare: those of the first kComparedSteps (core/model/error_bound.h). And
// the words for it.
HostTensors compared_losses(std::vector<double> losses);
std::string against_one_rank(int steps);

// Default shapes: small where computes_here, a block of real size (70B-class) on modelled and cuda.
LabShape complete(const ShapeFlags& flags, const LabShape& small, const LabShape& real,
                  const LabOptions& options);

// Usage error unless it fits this machine. run_lab asks, too: for what has to be made before it.
void refuse_what_does_not_fit(const LabOptions& options, const LabSetup& setup);

LabResult run_lab(const std::string& name, const LabOptions& options, const LabSetup& setup);

// Values in [-1, 1] with mean 0 that depend on (seed, name, index) only.
Fill uniform_fill(std::uint64_t seed, double scale);
// Small integers: sums of their products are exact in any order.
Fill integer_fill(std::uint64_t seed);

// A tensor [rows, columns] filled by `fill` under `name`, the same on every rank.
Tensor make_input(RankContext& ctx, const std::string& name, Index rows, Index columns, DType dtype,
                  const Fill& fill);

}  // namespace shardpipe
