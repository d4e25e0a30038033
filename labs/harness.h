// What every lab does around its step: choose the backend, warm up, measure some steps, compare
// with one rank.
#pragma once

#include "labs/fills.h"
#include "labs/limits.h"
#include "labs/run_on.h"
#include "labs/verdict.h"

namespace shardpipe {

// One rank's part of a lab.
struct LabProgram {
  std::function<void(int step)> step = {};
  // What is compared with one rank, behind the last step.
  std::function<std::vector<RankPart>()> numbers = {};
  // Of all steps so far, as many on every rank; may be absent.
  std::function<std::vector<double>()> losses = {};
  std::function<int()> peak_in_flight = {};  // pipelines
  // Writes the file of --save: called by every rank behind the window. Why rank 0 could not.
  std::function<std::optional<Error>()> save = {};
  // Those that the verdict's bound is measured with; absent where nothing may differ.
  std::function<std::vector<Parameter*>()> parameters = {};
  // They were changed for that; absent: nothing was made of them yet.
  std::function<void()> parameters_changed = {};
};

struct LabSetup {
  LabShape shape = {};
  DType dtype = DType::f32;
  int warmup = 1, steps = 3;
  // Makes the program of one rank. Called again with tp = 1 for the comparison.
  std::function<LabProgram(RankContext&)> make = {};
  // The same for the verdict, if not the run itself shows what there is to compare: one step,
  // outside the window, with weights that hide nothing. Made when the run's program has gone.
  std::function<LabProgram(RankContext&)> trial = {};
  // Products in the longest sum of the lab (shake_size); 0: its numbers are exact in any order, and
  // have to be equal bit for bit.
  Index longest_sum = 0;
  // On one rank, if `make` does something twice there: the program that does not (LabOptions::
  // asks_work).
  std::function<LabProgram(RankContext&)> make_once = {};
  // Ranks share the work of one rank; false: each brings work of its own, and none is done again.
  bool shares_work = true;
  // What it needs on a grid: that of the options, and one rank's for the comparison. Reckoned and
  // refused before anything is made; absent: next to nothing.
  std::function<LabNeed(GridShape grid)> need = {};
  std::string against = Check().against;
};

// A positive number given as a toggle; usage error otherwise.
double positive_number(const LabOptions& options, const std::string& toggle);

// --steps, or 3; 1 on modelled, where one step is like another and sweeps have one, too.
int steps_of(const LabOptions& options);

// Default shapes: small where computes_here, a block of real size (70B-class) on modelled and cuda.
// Usage error if no model has such a shape; of a lab that has no heads these do not count.
LabShape complete(const ShapeFlags& flags, const LabShape& small, const LabShape& real,
                  const LabOptions& options, bool has_heads = true);

// Usage error unless it fits this machine. run_lab asks, too: for what has to be made before it.
void refuse_what_does_not_fit(const LabOptions& options, const LabSetup& setup);

LabResult run_lab(const std::string& name, const LabOptions& options, const LabSetup& setup);

}  // namespace shardpipe
